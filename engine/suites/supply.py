"""What is left of limits over all customers, and free in queues, when a customer is met in a case."""

from __future__ import annotations

import orjson

from engine.limits.keeper import LimitKeeper
from engine.limits.spans import Clock
from engine.memory.limits import MemoryLimits
from engine.snapshot import Snapshot
from engine.suites.suite import Left, Meeting
from models.pacing import Pace
from rules.meters import Meter


class Supply:
    """Brings about what a case says of the limits; what it does not say goes on as decisions left it."""

    def __init__(self, snapshot: Snapshot, store: MemoryLimits) -> None:
        self._snapshot = snapshot
        self._store = store
        self.keeper = LimitKeeper(store, lambda *_: None)

    async def meet(self, meeting: Meeting, now: float) -> None:
        """Before a decision at this moment."""
        for queue, free in meeting.free.items():
            await self._store.post_capacity(queue, free, now)
        for meter in self._snapshot.policy.rationing.meters:
            said = meeting.left.get(meter.limit.id)
            if said is not None:
                self._leave(meter, said, now)
        await self.keeper.refresh(self._snapshot, now)

    def _leave(self, meter: Meter, said: Left, now: float) -> None:
        clock = Clock(meter, self._snapshot.policy.zone(""))
        span = clock.span(now)
        used = meter.most - round(said.left * meter.units)
        pace = b""
        if said.price and clock.calendar:
            moved = Pace(span.period, said.price, 0.0, clock.gone(now), used / meter.units)
            pace = orjson.dumps(list(moved))
        self._store.begin(meter.key, {span.bucket: used}, pace)
        self.keeper.forget(meter.key)
