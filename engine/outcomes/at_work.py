"""Outcomes in a worker: windows that close, and outcomes that wait for their decisions."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from engine.events.at_work import EventsAtWork
from engine.events.sweep import LEADS_FOR, SECONDS_BETWEEN
from engine.feedback import Feedback
from engine.outcome import Outcome
from engine.outcomes.closing import Closing, ParkedOutcomes
from engine.outcomes.duty import DutyDesk
from engine.slate import Slate
from engine.store import Store, StoreUnavailable


class OutcomesAtWork:
    """`feedback` takes outcomes, `parked` is what people see of those that wait; `entered` is told of each one."""

    def __init__(self, store: Store, events: EventsAtWork, entered: Callable[[Slate, Outcome], None]) -> None:
        duty = DutyDesk(events.events, events.alerts, events.snapshot)
        self.feedback = Feedback(store, events.snapshot, entered, duty.attend)
        self.parked = ParkedOutcomes(store)
        self._store = store
        self._closing = Closing(store, self.feedback)

    async def look(self) -> None:
        """See to what is due, if this is the worker to do it; while the store is away, nothing is lost."""
        while True:
            with contextlib.suppress(StoreUnavailable):
                if await self._store.events.lead(LEADS_FOR):
                    await self._closing.run(time.time())
            await asyncio.sleep(SECONDS_BETWEEN)
