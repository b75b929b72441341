"""Takes events in: each is checked, enters a customer's state, the live facts or a queue's capacity, and is logged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from engine.event import Event
from engine.events.book import Mistake
from engine.events.change import Amount, Changes, EventWrite
from engine.events.event_record import FORMAT, EventRecord, pack_event
from engine.events.meaning import Told, meaning_of
from engine.events.sources import withdrawn_id
from engine.events.store import Note
from engine.facts.store import FactsPost
from engine.feedback import CLOCK_SKEW
from engine.ids import CustomerKey
from engine.outcome import Disposition, Verdict
from engine.snapshot import Snapshot
from engine.store import Store, StoreUnavailable
from engine.triggers.starting import starts, withdrawn
from rules.event_types import INTERNAL, STEP_DONE, STEP_STARTED, About

_AWAY = Mistake("event_id", "the store is away; send it again")


class Events:
    """Enters events, those of a request side by side: one round trip each, two for facts and capacities."""

    def __init__(self, store: Store, snapshot: Callable[[], Snapshot]) -> None:
        self._store = store
        self._snapshot = snapshot

    async def record_events(self, events: Sequence[Event], now: float) -> tuple[Verdict, ...]:
        """One verdict per event, in order; none is lost because another was bad."""
        return tuple(await asyncio.gather(*(self._take(event, now) for event in events)))

    async def _take(self, event: Event, now: float) -> Verdict:
        if event.event_id.startswith(INTERNAL):
            return _rejected(event, Mistake("event_id", f"must not begin with {INTERNAL}"))
        return await self.enter(event, now)

    async def enter(self, event: Event, now: float, *, concluded: bool = False) -> Verdict:
        """Enter one event, also one that Befit itself tells of. One that it `concluded` feeds features and triggers,
        and leaves what it was concluded from: what is told of that later still holds as of when it happened."""
        snapshot, at = self._snapshot(), now if event.at is None else event.at
        mistake = snapshot.events.mistake(event.type, _about(event), event.attributes)
        if at > now + CLOCK_SKEW:
            mistake = Mistake("at", "must not lie in the future")
        if mistake is not None:
            return _rejected(event, mistake)
        try:
            entered = await self._enter(snapshot, event, (min(at, now), now), concluded)
        except StoreUnavailable:
            return _rejected(event, _AWAY, retryable=True)
        if isinstance(entered, Mistake):
            return _rejected(event, entered)
        return Verdict(event.event_id, Disposition.ACCEPTED if entered else Disposition.DUPLICATE)

    async def _enter(
        self, snapshot: Snapshot, event: Event, times: tuple[float, float], concluded: bool
    ) -> bool | Mistake:
        at, now = times
        record = pack_event(_record(snapshot, event, at, now))
        if event.action:
            return await self._post_facts(snapshot, event, at, record)
        if event.queue:
            return await self._post_capacity(event, at, record)
        changes = _changes(snapshot, event, at)
        if isinstance(changes, Mistake):
            return changes
        if concluded:
            changes = Changes(changes.amounts)
        customer = CustomerKey(event.tenant, event.customer)
        triggered = (starts(snapshot, event, at), withdrawn(snapshot, event))
        marks = (Amount(withdrawn_id(trigger), 1.0) for trigger in triggered[1])
        changes = replace(changes, amounts=(*changes.amounts, *marks))
        return await self._store.events.record(
            EventWrite(customer, event.event_id, at, now, changes, record, *triggered)
        )

    async def _post_facts(self, snapshot: Snapshot, event: Event, at: float, record: bytes) -> bool | Mistake:
        if event.action not in snapshot.policy.catalogue.index:
            return Mistake("action_id", "must be an action of the policy")
        if not event.attributes:
            return Mistake("attributes", "must tell at least one live fact")
        values = {name: float(value) for name, value in event.attributes.items()}
        await self._store.facts.post(FactsPost(event.action, at, values))
        return await self._store.events.note(Note(event.tenant, event.action, event.event_id, record))

    async def _post_capacity(self, event: Event, at: float, record: bytes) -> bool | Mistake:
        free = float(event.attributes["free"])
        if free < 0 or free != int(free):
            return Mistake("attributes.free", "must be a whole number, 0 or more")
        await self._store.limits.post_capacity(event.queue, int(free), at)
        return await self._store.events.note(Note(event.tenant, event.queue, event.event_id, record))


def _about(event: Event) -> About:
    if event.action:
        return About.ACTION
    return About.QUEUE if event.queue else About.CUSTOMER


def _changes(snapshot: Snapshot, event: Event, at: float) -> Changes | Mistake:
    """What the event means, and what it adds to features."""
    amounts = snapshot.events.amounts(event.type, event.attributes)
    if isinstance(amounts, Mistake):
        return amounts
    meant = meaning_of(Told(event, at, snapshot.policy.policy, snapshot.schema))
    if isinstance(meant, Mistake):
        return meant
    return Changes((*amounts, *meant.amounts), meant.things, meant.consents)


def _record(snapshot: Snapshot, event: Event, at: float, now: float) -> EventRecord:
    attributes = snapshot.events.logged(event.type, event.attributes)
    if event.type in (STEP_STARTED, STEP_DONE) and "team" not in attributes:
        attributes |= _team(snapshot, event)
    return EventRecord(
        FORMAT,
        event.event_id,
        event.type,
        event.tenant,
        event.customer,
        event.action,
        event.queue,
        at,
        now,
        attributes,
        event.channel,
        event.session_id,
    )


def _team(snapshot: Snapshot, event: Event) -> dict[str, str]:
    """The team that the policy names for a step, so that the log tells it however the policy changes."""
    named = (one for one in snapshot.policy.policy.procedures if one.id == event.attributes.get("procedure"))
    step = next((one.step(str(event.attributes.get("step"))) for one in named), None)
    return {"team": step.team} if step else {}


def _rejected(event: Event, mistake: Mistake, retryable: bool = False) -> Verdict:
    return Verdict(event.event_id, Disposition.REJECTED, mistake.field, mistake.reason, retryable)
