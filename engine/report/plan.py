"""How many customers a comparison takes, before it begins: so that it ends with an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from models.lift import always_valid_factor, control_for, control_needed

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Shares of the comparison group that are told beside the wanted one."""
DAYS = (30, 90, 180)
"""How long people are ready to wait: what could be seen by then is told."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`rate` is what the comparison group achieves, in (0, 1); `lift` by how much more Befit's customers should to be
    seen, as a share of it; `share` that of the comparison group, in (0, 1); `per_day` how many customers come newly a
    day. `power`: the chance that the lift is seen if it is there; `alpha`: that one is seen where there is none."""

    rate: float
    lift: float
    share: float
    per_day: float
    power: float = 0.8
    alpha: float = 0.05


@dataclass(frozen=True, slots=True)
class Needed:
    """With one share: customers of the comparison group, of Befit, and the days until there are so many."""

    share: float
    control: int
    test: int
    days: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is needed at one look, planned before, and where the report is read at any time (`daily`, sharpest at that
    many customers); with other shares, and the smallest lift that is seen within some days with the wanted share, None
    where none up to a certain success is."""

    wanted: Wanted
    needed: Needed
    daily: Needed
    others: tuple[Needed, ...]
    seen_within: tuple[tuple[int, float | None], ...]


def plan(wanted: Wanted, shares: Sequence[float] = SHARES, days: Sequence[int] = DAYS) -> Plan:
    """Raises ValueError where the rate or the share is not within (0, 1), the rate with its lift neither, or the lift
    is 0."""
    for says, value in (("rate", wanted.rate), ("rate x (1 + lift)", _better(wanted)), ("share", wanted.share)):
        if not 0.0 < value < 1.0:
            raise ValueError(f"the {says} must be above 0 and below 1; it is {value:g}")
    if wanted.per_day <= 0.0:
        raise ValueError("there must be customers: --per-day is above 0")
    others = tuple(needed(wanted, share) for share in sorted({*shares, wanted.share}))
    daily = _needed(wanted, wanted.share, always_valid_factor(wanted.alpha))
    seen = tuple((one, least_lift(wanted, one)) for one in days)
    return Plan(wanted, needed(wanted, wanted.share), daily, others, seen)


def needed(wanted: Wanted, share: float) -> Needed:
    """With one share of the comparison group, at one look. Raises ValueError where the lift is 0."""
    return _needed(wanted, share, NormalDist().inv_cdf(1.0 - wanted.alpha / 2.0))


def _needed(wanted: Wanted, share: float, errors: float) -> Needed:
    control = control_for(wanted.rate, _better(wanted), share, errors, wanted.power)
    return Needed(share, control, round(control * (1.0 - share) / share), control / (share * wanted.per_day))


def least_lift(wanted: Wanted, days: float) -> float | None:
    """The smallest positive lift that is seen within so many days, to a thousandth of itself."""
    have = days * wanted.share * wanted.per_day
    low, high = 0.0, (1.0 - wanted.rate) / wanted.rate * (1.0 - 1e-9)
    if _customers(wanted, high) > have:
        return None
    while high - low > 0.001 * high:
        middle = (low + high) / 2.0
        low, high = (low, middle) if _customers(wanted, middle) <= have else (middle, high)
    return high


def _customers(wanted: Wanted, lift: float) -> int:
    return control_needed(wanted.rate, wanted.rate * (1.0 + lift), wanted.share, wanted.alpha, wanted.power)


def _better(wanted: Wanted) -> float:
    return wanted.rate * (1.0 + wanted.lift)
