"""What a worker does about what is in force beside deciding: answers changes, watches files, compares a challenger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from engine.activation.activator import Activator
from engine.activation.changing import Changing
from engine.activation.check import check
from engine.activation.comparing import Comparing
from engine.activation.home import Home, found
from engine.activation.in_force import FileNotice, Standing
from engine.activation.watch import FileWatch, WatchParts
from engine.counts import Counts
from engine.live import Live, Switched
from engine.store import Store

FLUSH_SECONDS = 1.0


class AtWork:
    """One worker's part. `busy` tells whether decisions are in progress; `trial_seconds` bound a trial."""

    def __init__(
        self, live: Live, store: Store, counts: Counts, busy: Callable[[], bool], trial_seconds: float
    ) -> None:
        self._live = live
        self._store = store
        self._counts = counts
        self.comparing = Comparing(store, counts, live.snapshot, busy)
        self._changing = Changing(store, partial(check, seconds=trial_seconds), live.clock, live.writer)
        self._late = counts.observer("befit_switch_seconds", "revision")
        live.observe = self._switched
        live.busy = busy

    def activator(self, home: Home) -> Activator:
        """What answers those who change what is in force."""
        return Activator(self._changing, home.project, lambda: self._live.snapshot().policy.policy)

    async def found(self, home: Home) -> None:
        """Put this project in force where nothing is. Raises StoreUnavailable."""
        await found(self._store, self._live.snapshot(), home, self._live.clock)

    def chores(self, home: Home, *, watches: bool, proposes: bool) -> list[Coroutine[Any, Any, None]]:
        """What goes on for as long as the worker serves; one worker of a server `watches`."""
        chores = [self.comparing.run(), self._flush()]
        if watches:
            parts = WatchParts(
                home=home,
                store=self._store,
                activator=self.activator(home),
                in_force=lambda: self._live.in_force,
                clock=self._live.clock,
                told=self._told,
                proposes=proposes,
            )
            chores.append(FileWatch(parts).run())
        return chores

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.comparing.flush()

    def _switched(self, switched: Switched) -> None:
        self._counts.hold("befit_in_force", {(switched.to.policy, switched.to.bundle): 1})
        self._late(max(0.0, switched.late))

    def _told(self, notice: FileNotice) -> None:
        self._counts.hold("befit_files_refused", {(notice.folder,): int(notice.standing is Standing.REFUSED)})
