"""Whether decisions are in progress: what can wait, waits for them."""

from __future__ import annotations

from engine.decider import Decider
from engine.decision import Decision, Request
from engine.refusal import Refusal


class Underway:
    """Counts the decisions in progress."""

    def __init__(self) -> None:
        self.count = 0

    def busy(self) -> bool:
        return self.count > 0


class CountedDecider:
    """Decides as the decider does and counts what is in progress. Cost: 0.3 us a decision."""

    def __init__(self, decider: Decider, underway: Underway) -> None:
        self._decider = decider
        self._underway = underway

    async def decide(self, request: Request, now: float) -> Decision | Refusal:
        """See Decider."""
        self._underway.count += 1
        try:
            return await self._decider.decide(request, now)
        finally:
            self._underway.count -= 1

    def fallback(self, request: Request, now: float) -> Decision:
        """See Decider."""
        return self._decider.fallback(request, now)
