"""Triggers in a worker: what is due is decided by one of them, and handed out by all."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from engine.counts import Counts
from engine.events.sweep import LEADS_FOR
from engine.snapshot import Snapshot
from engine.store import Store, StoreUnavailable
from engine.triggers.dispatch import Decide, Dispatch, DispatchParts
from engine.triggers.sending import Sending

SECONDS_BETWEEN = 0.5


class TriggersAtWork:
    """`sending` hands out what may be sent; `look` decides what is due for as long as the worker serves."""

    def __init__(self, store: Store, snapshot: Callable[[], Snapshot], decide: Decide, counts: Counts) -> None:
        parts = DispatchParts(store, snapshot, decide, lambda *what: counts.add("befit_push", what))
        self.sending = Sending(parts)
        self._store = store
        self._dispatch = Dispatch(parts)

    async def look(self) -> None:
        """Decide what is due, if this is the worker to do it; while the store is away, nothing is lost."""
        while True:
            with contextlib.suppress(StoreUnavailable):
                if await self._store.events.lead(LEADS_FOR):
                    await self._dispatch.run(time.time())
            await asyncio.sleep(SECONDS_BETWEEN)
