"""What pacing gains: made-up days on which more want a limited offer than there is, first-come and paced.

    python -m engine.limits.simulated_day [--wanting 5000] [--limit 200] [--days 3] [--seed 1]

Customers come by the hour as they call a company, each worth something else; the limit is for the day. `first-come`
gives it to whoever comes until it is gone; `paced` asks the price of `models/pacing.py`, moved as in a worker;
`hindsight` is what the best could have brought, known only afterwards. The first paced day begins without any price.
Cost: 0.1 s a day.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from models.pacing import Pace, Spending, stepped
from rules.intervals import Demand, Interval

Floats = npt.NDArray[np.float64]
BY_HOUR = (0, 0, 0, 0, 0, 1, 2, 4, 6, 8, 9, 9, 8, 8, 9, 9, 8, 7, 6, 5, 4, 3, 1, 0)
"""How many come in each hour of the day, relative to each other."""

_DAY = 86_400.0


class Wanting(NamedTuple):
    """Who comes on one day: when (s from midnight, rising), and what the offer is worth to the company (money)."""

    at: Floats
    worth: Floats


class DayResult(NamedTuple):
    """Money brought by first-come, paced and hindsight; how many the paced day used, and its last price."""

    first_come: float
    paced: float
    hindsight: float
    used: int
    price: float


def _exponential(rng: np.random.Generator, at: Floats) -> Floats:
    return rng.exponential(1.0, len(at))


def _heavy(rng: np.random.Generator, at: Floats) -> Floats:
    return rng.lognormal(0.0, 1.0, len(at))


def _rising(rng: np.random.Generator, at: Floats) -> Floats:
    """Those who come late are worth more."""
    return rng.exponential(1.0, len(at)) * (0.5 + 1.5 * at / _DAY)


WORTHS: Mapping[str, Callable[[np.random.Generator, Floats], Floats]] = {
    "exponential": _exponential,
    "heavy tail": _heavy,
    "rising by day": _rising,
}


def draw(rng: np.random.Generator, worths: str, wanting: int) -> Wanting:
    """One day's customers."""
    share = np.array(BY_HOUR, dtype=np.float64) / sum(BY_HOUR)
    at = np.sort((rng.choice(24, size=wanting, p=share) + rng.random(wanting)) * 3600.0)
    return Wanting(at, WORTHS[worths](rng, at))


def play(wanting: Wanting, limit: int, pace: Pace, demand: Demand) -> tuple[DayResult, Pace]:
    """One day under a limit, and the pace at its end."""
    brought, used, lately = 0.0, 0, [0.0, 0]
    for at, worth in zip(wanting.at.tolist(), wanting.worth.tolist(), strict=True):
        seen = lately[0] / lately[1] if lately[1] else None
        moved = stepped(pace, Spending(pace.period, demand.gone(at), used, limit, seen))
        if moved != pace:
            pace, lately = moved, [0.0, 0]
        if used < limit and worth > pace.price:
            brought, used = brought + worth, used + 1
            lately = [lately[0] + worth, lately[1] + 1]
    first = float(wanting.worth[:limit].sum())
    best = float(np.sort(wanting.worth)[-limit:].sum())
    return DayResult(first, brought, best, used, pace.price), pace


def days(worths: str, wanting: int, limit: int, seed: int) -> Iterator[DayResult]:
    """One day after the other, without end; each begins with the mean price of the one before."""
    rng = np.random.default_rng(seed)
    demand = Demand(Interval(0.0, _DAY), BY_HOUR, ZoneInfo("UTC"))
    pace, number = Pace("day 0"), 0
    while True:
        result, pace = play(draw(rng, worths, wanting), limit, pace, demand)
        yield result
        number += 1
        pace = stepped(pace, Spending(f"day {number}", 0.0, 0.0, limit, None))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m engine.limits.simulated_day")
    for name, default in (("wanting", 5000), ("limit", 200), ("days", 3), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    say = sys.stdout.write
    say(f"{asked.wanting:,} want what there are {asked.limit:,} of, each day\n\n")
    say(f"{'worth':<15}{'day':>4}{'first-come':>12}{'paced':>9}{'hindsight':>11}{'gain':>7}{'of best':>9}{'used':>7}\n")
    for worths in WORTHS:
        found = days(worths, asked.wanting, asked.limit, asked.seed)
        for day, one in zip(range(1, asked.days + 1), found, strict=False):
            say(f"{worths:<15}{day:>4}{one.first_come:>12,.0f}{one.paced:>9,.0f}{one.hindsight:>11,.0f}")
            say(f"{one.paced / one.first_come:>6.1f}x{one.paced / one.hindsight:>9.0%}{one.used:>7,}\n")


if __name__ == "__main__":
    main()
