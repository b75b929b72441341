"""Closes windows in which nobody answered, and tries outcomes again that wait for their decisions.

One worker looks at a time. Should two look at once, or one end half way, the outcome's id keeps it to one entry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from engine.feedback import Feedback
from engine.outcome import Disposition, Verdict
from engine.outcomes.parked import Parked
from engine.outcomes.unjoined import FIRST_PAUSE, LONGEST_PAUSE, PATIENCE
from engine.outcomes.windows import DueWindow
from engine.store import Store

MOST_AT_ONCE = 100
"""Customers of each partition, and parked outcomes, looked at in one go; the rest waits for the next."""
TRIES_UNTOLD = 3
"""Looks for a decision in vain, some seven seconds, after which people are told of a complaint about it."""
_SIDE_BY_SIDE = 50
_NEVER_CAME = "its decision never came"


class Closing:
    """Raises StoreUnavailable."""

    def __init__(self, store: Store, feedback: Feedback) -> None:
        self._store = store
        self._feedback = feedback

    async def run(self, now: float) -> int:
        """Close what was to close by `now` (s), and try what waits; how many outcomes were entered."""
        windows = await self._store.answers.due(now, MOST_AT_ONCE)
        entered = 0
        for start in range(0, len(windows), _SIDE_BY_SIDE):
            part = windows[start : start + _SIDE_BY_SIDE]
            entered += sum(await asyncio.gather(*(self._close(one, now) for one in part)))
        return entered + await self._again(await self._store.parked.due(now, MOST_AT_ONCE), now)

    async def _close(self, window: DueWindow, now: float) -> bool:
        verdict = None if window.ended else await self._feedback.close(window, now)
        await self._store.answers.settle(window)
        return verdict is not None and verdict.disposition is Disposition.ACCEPTED

    async def _again(self, waiting: Sequence[Parked], now: float) -> int:
        return sum([await self._try(one, now) for one in waiting])

    async def _try(self, parked: Parked, now: float) -> bool:
        verdict = await self._feedback.again(parked.outcome, now)
        if verdict is None:
            await self._wait(parked, now)
            return False
        if verdict.disposition is Disposition.REJECTED:
            await self._store.parked.put_aside(replace(parked, aside_at=now, reason=_why(verdict)))
            return False
        await self._store.parked.forget(parked.id)
        return verdict.disposition is Disposition.ACCEPTED

    async def _wait(self, parked: Parked, now: float) -> None:
        if now - parked.since >= PATIENCE:
            await self._store.parked.put_aside(replace(parked, aside_at=now, reason=_NEVER_CAME))
            return
        if parked.tries + 1 == TRIES_UNTOLD:
            await self._feedback.attend_unknown(parked.outcome, now)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(parked.tries + 1, 10))
        await self._store.parked.postpone(replace(parked, tries=parked.tries + 1), now + pause)


class ParkedOutcomes:
    """What people see of parked outcomes. Raises StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def newest(self, *, aside: bool, most: int) -> Sequence[Parked]:
        """Those put aside, or those that wait, latest first."""
        return await self._store.parked.newest(aside=aside, most=most)

    async def retry(self, outcome_id: str, now: float) -> bool:
        """Let one wait for its decision anew; False where none of this id is kept."""
        parked = await self._store.parked.find(outcome_id)
        if parked is None:
            return False
        await self._store.parked.postpone(replace(parked, since=now, tries=0, aside_at=None, reason=""), now)
        return True


def _why(verdict: Verdict) -> str:
    return f"{verdict.field} {verdict.reason}"
