"""What ends with an alert: a broken promise or a complaint that somebody put right stops no selling any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.alerts.alert import Alert, Resolution
from engine.declared import MAX_TEXT
from engine.event import Event
from engine.events.recording import Events
from engine.outcome import Disposition
from engine.pauses.store import LiftWrite, lift_record
from engine.snapshot import Snapshot
from engine.store import Store, StoreUnavailable
from rules.alert_kinds import BROKEN_PROMISE, COMPLAINT, LOW_RATING
from rules.event_types import COMPLAINT_SETTLED, INTERNAL, PROMISE_SETTLED
from rules.ledger import stable_id

_SAID = frozenset({"COMPLAINT", "RATING"})
_MOST_REASON = 200


class Settling:
    """Tells the customer's state of alerts that are resolved. Raises StoreUnavailable; may be repeated."""

    def __init__(self, events: Events, store: Store, snapshot: Callable[[], Snapshot]) -> None:
        self._events = events
        self._store = store
        self._snapshot = snapshot

    async def resolved(self, alert: Alert) -> None:
        """Settle what an alert was about."""
        if alert.customer is None or alert.resolution is None:
            return
        if alert.kind == BROKEN_PROMISE:
            await self._enter(alert, PROMISE_SETTLED, {"order": order_of(alert), "note": _note(alert.resolution)})
        elif alert.kind in (COMPLAINT, LOW_RATING):
            about = {"complaint": alert.about.outcome, "note": _note(alert.resolution)}
            await self._enter(alert, COMPLAINT_SETTLED, about)
            await self._store.settle_contact(alert.customer, alert.about.decision, stable_id(alert.about.action))
            await self._lift(alert)

    async def _enter(self, alert: Alert, event: str, attributes: Mapping[str, str]) -> None:
        assert alert.customer is not None
        assert alert.resolution is not None
        who, at = alert.customer, alert.resolution.at
        name = f"{INTERNAL}settled:{alert.mark}"
        told = Event(name, event, who.tenant, who.customer, at=at, attributes=attributes)
        verdict = await self._events.enter(told, at)
        if verdict.disposition is Disposition.REJECTED and verdict.retryable:
            raise StoreUnavailable("timeout", "it could not be settled; resolve the alert again")

    async def _lift(self, alert: Alert) -> None:
        """Lift what rests because of a complaint or a rating, and of nothing else."""
        assert alert.customer is not None
        assert alert.resolution is not None
        who, ended = alert.customer, alert.resolution
        said = (ended.by, (ended.note or "put right")[:_MOST_REASON])
        for rule in self._snapshot().policy.policy.contact.pauses:
            if rule.outcomes <= _SAID:
                record = lift_record(who, ("", rule.id), said, ended.at)
                name = f"lift:{alert.id}:{rule.id}"
                await self._store.pauses.lift(LiftWrite(who, name, None, stable_id(rule.id), ended.at, record))


def _note(resolution: Resolution) -> str:
    """Who said so, and what was done, for the log."""
    return f"{resolution.by}: {resolution.note}"[:MAX_TEXT]


def order_of(alert: Alert) -> str:
    """The order that a broken promise's alert names, between the customer and the time."""
    assert alert.customer is not None
    about = f"{alert.kind}:{alert.customer.tenant}:{alert.customer.customer}:"
    return alert.id[len(about) :].rpartition(":")[0]
