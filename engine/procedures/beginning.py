"""A procedure begins when a decision carries it: told as an event of its own, beside the answer and not before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.decider import Observation
from engine.event import Event
from engine.events.recording import Events
from engine.outcome import Disposition
from rules.event_types import INTERNAL, PROCEDURE_BEGUN

PAUSES = (0.05, 0.2, 1.0, 5.0)
"""Seconds between attempts while the store is away."""


class Beginning:
    """Watches what is decided. The event's id is the decision's, so that it is entered once."""

    def __init__(self, events: Events, clock: Callable[[], float]) -> None:
        self._events = events
        self._clock = clock
        self._underway: set[asyncio.Task[None]] = set()

    def observe(self, seen: Observation) -> None:
        """Begin the procedure that a remembered decision carries, unless this run of it has begun."""
        carried, question = seen.decision.procedure, seen.question
        if carried is None or question is None or not seen.decision.decision_id:
            return
        if any(step.began_at is not None for step in carried.steps):
            return
        customer = question.request.customer
        event = Event(
            f"{INTERNAL}{seen.decision.decision_id}",
            PROCEDURE_BEGUN,
            customer.tenant,
            customer.customer,
            at=question.now,
            attributes={"procedure": carried.id, "run": carried.run},
            channel=seen.channel,
            session_id=question.request.session_id,
        )
        task = asyncio.create_task(self._begin(event))
        self._underway.add(task)
        task.add_done_callback(self._underway.discard)

    async def _begin(self, event: Event) -> None:
        for pause in PAUSES:
            verdict = await self._events.enter(event, self._clock())
            if verdict.disposition is not Disposition.REJECTED or not verdict.retryable:
                return
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """Wait for what is underway."""
        await asyncio.gather(*self._underway, return_exceptions=True)
