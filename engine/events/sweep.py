"""Finds what fell due and tells a person of it, once: promises that were not kept, steps that were not done in time. A
promise that was not kept is an event too, for features and triggers.

One worker looks at a time. Should two look at once, or one end between telling and noting it, the alert's name keeps
it to one alert.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from engine.alerts.alert import Alert
from engine.alerts.alerts import Alerts
from engine.event import Event
from engine.events.realtime import Thing, ThingKind, ThingState, read_realtime
from engine.events.recording import Events
from engine.events.store import Due
from engine.outcome import Disposition
from engine.procedures.run import step_name
from engine.snapshot import Snapshot
from engine.store import Store, StoreUnavailable
from rules.alert_kinds import BROKEN_PROMISE, OVERDUE_STEP
from rules.event_types import DELIVERY_BROKEN, INTERNAL

SECONDS_BETWEEN = 1.0
MOST_AT_ONCE = 100
"""Of each partition; the rest is told the next time."""
LEADS_FOR = 5_000
"""ms for which a worker that looked is the one to look again."""
_SIDE_BY_SIDE = 20
_NOT_IN_TIME = "not kept in time"


class Sweep:
    """Raises StoreUnavailable."""

    def __init__(self, store: Store, alerts: Alerts, events: Events, snapshot: Callable[[], Snapshot]) -> None:
        self._store = store
        self._events = events
        self._alerts = alerts
        self._snapshot = snapshot

    async def run(self, now: float) -> int:
        """Tell of all that fell due by `now` (s), if this is the worker to do it; how many alerts are new."""
        if not await self._store.events.lead(LEADS_FOR):
            return 0
        fell, new = await self._store.events.due(now, MOST_AT_ONCE), 0
        for start in range(0, len(fell), _SIDE_BY_SIDE):
            new += sum(await asyncio.gather(*(self._tell(due, now) for due in fell[start : start + _SIDE_BY_SIDE])))
        return new

    async def _tell(self, due: Due, now: float) -> bool:
        state = read_realtime((await self._store.read_profile(due.customer, "")).realtime)
        thing = state.things.get((due.kind, due.id)) if state else None
        told = False
        if thing is not None and thing.falls_due == due.at:
            alert = alert_of(self._snapshot(), due, thing, now)
            told = await self._alerts.tell(alert)
            if thing.kind is ThingKind.PROMISE and thing.state is ThingState.OPEN:
                await self._conclude(due, alert, now)
        await self._store.events.settle(due)
        return told

    async def _conclude(self, due: Due, alert: Alert, now: float) -> None:
        """That the promise is broken, once: the event is named as the alert."""
        who, said = due.customer, {"order": due.id, "reason": _NOT_IN_TIME}
        event = Event(
            f"{INTERNAL}{alert.kind}:{alert.mark}",
            DELIVERY_BROKEN,
            who.tenant,
            who.customer,
            at=due.at,
            attributes=said,
        )
        verdict = await self._events.enter(event, now, concluded=True)
        if verdict.disposition is Disposition.REJECTED and verdict.retryable:
            raise StoreUnavailable("timeout", "that a promise is broken could not be written")


def alert_of(snapshot: Snapshot, due: Due, thing: Thing, now: float) -> Alert:
    """What a person is told of a thing that fell due."""
    kind, to, text = (_promise if due.kind is ThingKind.PROMISE else _step)(snapshot, thing)
    about = f"{kind}:{due.customer.tenant}:{due.customer.customer}:{due.id}:{due.at:.0f}"
    return Alert(kind, due.customer.customer, now, text, to, about, due.customer)


def _promise(snapshot: Snapshot, thing: Thing) -> tuple[str, str, str]:
    policy = snapshot.policy.policy
    to = policy.alerts.get(BROKEN_PROMISE) or policy.alerts.get("", "")
    by = f", promised by {thing.by}" if thing.by else ""
    if thing.state is ThingState.BROKEN:
        return BROKEN_PROMISE, to, f"{thing.text} will not come as promised{by}"
    return BROKEN_PROMISE, to, f"{thing.text} was promised for {_time(snapshot, thing.due)} and has not come{by}"


def _step(snapshot: Snapshot, thing: Thing) -> tuple[str, str, str]:
    """The procedure's owner is told, as the policy names them now."""
    policy, name = snapshot.policy.policy, step_name(thing.id)
    owner = next((one.owner for one in policy.procedures if one.id == name.procedure), "")
    to = owner or policy.alerts.get(OVERDUE_STEP) or policy.alerts.get("", "")
    since = _time(snapshot, thing.due)
    return OVERDUE_STEP, to, f"{name.procedure}: {name.step} ({thing.by}) is overdue since {since}: {thing.text}"


def _time(snapshot: Snapshot, at: float) -> str:
    """A time in the company's zone, to the minute."""
    return datetime.fromtimestamp(at, snapshot.policy.zone("")).strftime("%Y-%m-%d %H:%M")
