"""The price of what is scarce: a number S of money per unit that makes a limited supply last, and go to whom it is
worth most.

Dual ascent on the limit's own multiplier, re-solved at every step. Since the last step a share of the interval's
expected demand went by; of what was left then, the same share of what remained of the demand should have been used:

    target = (most - used then) x (gone - gone then) / (1 - gone then)
    price  = max(0, price + GAIN x worth x (used since - target) / (most x (gone - gone then)))

`worth` is what a unit brought lately, before the price: it makes the step a matter of proportion, whatever the
currency. Used faster than the target, the price rises and only better uses pay it; slower, it falls, to 0 if need be.
The next interval begins with the mean price of the one before. After Balseiro and Gur, Learning in repeated auctions
with budgets (2019), with the target of re-solving instead of a fixed rate.
"""

from __future__ import annotations

from typing import NamedTuple

GAIN = 0.04
STEPS = 500
"""At most so many steps an interval, equal in expected demand: 3 minutes of a day of even demand."""

_MEMORY = 0.9


class Pace(NamedTuple):
    """Where a limit's price stands. `period` names the interval; `price` and `worth` are money per unit; `gone` is the
    share of the interval's demand and `used` the units used at the last step; `steps` and `sum` give the mean price."""

    period: str
    price: float = 0.0
    worth: float = 0.0
    gone: float = 0.0
    used: float = 0.0
    steps: int = 0
    sum: float = 0.0


class Spending(NamedTuple):
    """What is seen of a limit: the interval, the share of its demand gone by, units used of `most`, and what a unit
    brought lately (None where none was used)."""

    period: str
    gone: float
    used: float
    most: float
    worth: float | None


def stepped(pace: Pace, seen: Spending) -> Pace:
    """The pace after what is seen; itself while it is too early for a step."""
    if pace.period != seen.period:
        mean = pace.sum / pace.steps if pace.steps else pace.price
        return Pace(seen.period, mean, pace.worth)
    passed = seen.gone - pace.gone
    if passed < 1.0 / STEPS:
        return pace
    worth = _worth(pace.worth, seen.worth)
    target = (seen.most - pace.used) * passed / (1.0 - pace.gone)
    surplus = (seen.used - pace.used - target) / max(seen.most * passed, 1e-12)
    price = max(0.0, pace.price + GAIN * worth * surplus)
    return Pace(pace.period, price, worth, seen.gone, seen.used, pace.steps + 1, pace.sum + price)


def _worth(known: float, seen: float | None) -> float:
    if seen is None or seen <= 0.0:
        return known
    return seen if known <= 0.0 else _MEMORY * known + (1.0 - _MEMORY) * seen
