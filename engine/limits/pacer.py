"""The price of a paced limit, moved on by whichever writer comes first; all others read it from the store."""

from __future__ import annotations

import orjson

from engine.limits.account import Account
from models.pacing import Pace, Spending, stepped


class Pacer:
    """Watches what one account's units bring, and moves the price of its meter. `worth` is money per contact, or per
    unit of the currency of a budget."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._brought = 0.0
        self._units = 0

    def note(self, worth: float, units: int) -> None:
        """Units were taken that brought `worth` in all, the price included."""
        if worth > 0.0:
            self._brought += worth
            self._units += units

    def move(self, now: float) -> tuple[bytes, bytes]:
        """(pace as known, pace to put in its place); the latter empty where there is nothing to move."""
        account = self._account
        if account.meter.limit.pacing is None or account.last.turn == 0:
            return b"", b""
        known = read_pace(account.last.pace)
        span = account.clock.span(now)
        scale = account.meter.units
        used = (account.last.used if account.last.period == span.period else 0) / scale
        worth = self._brought / (self._units / scale) if self._units else None
        seen = Spending(span.period, account.clock.gone(now), used, account.meter.most / scale, worth)
        moved = stepped(known, seen)
        if moved == known:
            return b"", b""
        self._brought, self._units = 0.0, 0
        return account.last.pace, orjson.dumps(list(moved))


def read_pace(packed: bytes) -> Pace:
    """The pace as kept; one that does not read begins anew."""
    try:
        return Pace(*orjson.loads(packed)) if packed else Pace("")
    except (ValueError, TypeError):
        return Pace("")
