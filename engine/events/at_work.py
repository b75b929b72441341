"""Events in a worker: taken in, begun by decisions, looked through for what fell due; and what ends with an alert."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any

from engine.alerts.alerts import Alerts
from engine.alerts.webhook import Webhook
from engine.counts import Counts
from engine.decider import Observation
from engine.events.recording import Events
from engine.events.settling import Settling
from engine.events.sweep import SECONDS_BETWEEN, Sweep
from engine.procedures.beginning import Beginning
from engine.snapshot import Snapshot
from engine.store import Store, StoreUnavailable


class EventsAtWork:
    """`events` takes events in, `alerts` raises and resolves alerts, `sweep` tells of what fell due, `webhook` posts
    alerts to `alert_webhook`, or where the policy says."""

    def __init__(self, store: Store, snapshot: Callable[[], Snapshot], counts: Counts, alert_webhook: str = "") -> None:
        self.events = Events(store, snapshot)
        self.webhook = Webhook(store.alerts, counts, lambda: alert_webhook or snapshot().policy.policy.duty.webhook)
        settling = Settling(self.events, store, snapshot)
        self.alerts = Alerts(store.alerts, counts, settling.resolved, self.webhook)
        self.sweep = Sweep(store, self.alerts, self.events, snapshot)
        self.snapshot = snapshot
        self._beginning = Beginning(self.events, time.time)

    def observe(self, seen: Observation) -> None:
        """Begin the procedure that a decision carries."""
        self._beginning.observe(seen)

    def chores(self) -> list[Coroutine[Any, Any, None]]:
        """What a worker does as long as it serves."""
        return [self.look(), self.webhook.run(time.time)]

    async def look(self) -> None:
        """Tell of what fell due, for as long as the worker serves; while the store is away, nothing is lost."""
        while True:
            with contextlib.suppress(StoreUnavailable):
                await self.sweep.run(time.time())
            await asyncio.sleep(SECONDS_BETWEEN)

    async def close(self) -> None:
        """Wait for what is underway."""
        await self._beginning.close()
