"""Where the windows are kept in which answers of customers count. Every method raises StoreUnavailable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.ids import CustomerKey
from engine.outcomes.write import window_of

ENDED = "!"
"""What a window begins with that closed without an answer; it is kept for a while, so that a late answer is known."""


@dataclass(frozen=True, slots=True)
class DueWindow:
    """The window of a customer's contact that was to close by now: `closes` (s), or is kept `ended` until then."""

    customer: CustomerKey
    decision_id: str
    action: str
    closes: float
    ended: bool = False

    @property
    def member(self) -> str:
        """How the store names it."""
        return (ENDED if self.ended else "") + window_of(self.decision_id, self.action)

    @staticmethod
    def of(customer: CustomerKey, member: str, closes: float) -> DueWindow:
        """The window that the store names so."""
        ended = member.startswith(ENDED)
        decision, _, action = member.removeprefix(ENDED).partition("\0")
        return DueWindow(customer, decision, action, closes, ended)


class WindowStore(Protocol):
    """Implementations: `engine/redis/windows.py`, `engine/memory/windows.py`."""

    async def due(self, now: float, most: int) -> tuple[DueWindow, ...]:
        """What is due by `now` (s): of at most `most` customers of each partition. A few round trips."""
        ...

    async def settle(self, window: DueWindow) -> None:
        """A due window was looked at: one that closed is kept as ended for a while, one that was is forgotten."""
        ...
