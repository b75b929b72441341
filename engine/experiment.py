"""Who is compared with whom, and the draws: keyed hashes, so that a draw repeats in every channel and in replay."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.ids import CustomerKey
from models.explore import draw
from rules.policy import ControlGroup

_DAY = 86_400


def month_of(now: float) -> str:
    """The calendar month in UTC, "2026-11": a customer stays in one comparison group for this long."""
    return _month_of_day(int(now // _DAY))


@lru_cache(maxsize=64)
def _month_of_day(day: int) -> str:
    year, month = time.gmtime(day * _DAY)[:2]
    return f"{year}-{month:02d}"


def control_group(groups: Sequence[ControlGroup], salt: str, customer: CustomerKey, now: float) -> ControlGroup | None:
    """The comparison group of the customer this month, or None: salted hash against cumulated shares."""
    if not groups:
        return None
    drawn = draw(salt, "group", customer.tenant, customer.customer, month_of(now))
    upto = 0.0
    for group in groups:
        upto += group.share
        if drawn < upto:
            return group
    return None


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one decision. `day` is the customer's local date; `attempt` 1, or 2 after a lost claim."""

    salt: str
    customer: CustomerKey
    need: str
    day: str
    attempt: int = 1

    def first_place(self, placement: str) -> float:
        """The draw for the first place of a placement: the same in every channel."""
        return self._draw("explore", placement)

    def of_action(self, action: str) -> float:
        """A draw for an action, where a comparison group orders at random: the same in every channel."""
        return self._draw("order", action)

    def _draw(self, purpose: str, about: str) -> float:
        parts = (purpose, self.customer.tenant, self.customer.customer, self.need, about, self.day)
        return draw(self.salt, *parts, *(("again",) if self.attempt > 1 else ()))
