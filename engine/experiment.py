"""Who is compared with whom, and the draws: keyed hashes, so that a draw repeats in every channel and in replay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from engine.ids import CustomerKey
from rules.policy import ControlGroup

_SCALE = 2.0**-53


def keyed_draw(*parts: str) -> float:
    """A number in [0, 1) that depends on the parts only: the top 53 bits of their blake2b."""
    digest = blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) * _SCALE


def month_of(now: float) -> str:
    """The calendar month in UTC, "2026-11": a customer stays in one comparison group for this long."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m")


def control_group(groups: Sequence[ControlGroup], salt: str, customer: CustomerKey, now: float) -> ControlGroup | None:
    """The comparison group of the customer this month, or None: salted hash against cumulated shares."""
    if not groups:
        return None
    draw = keyed_draw(salt, "group", customer.tenant, customer.customer, month_of(now))
    upto = 0.0
    for group in groups:
        upto += group.share
        if draw < upto:
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
        parts = [self.salt, "explore", self.customer.tenant, self.customer.customer, self.need, placement, self.day]
        return keyed_draw(*parts, *([str(self.attempt)] if self.attempt > 1 else []))
