"""What ends with an alert: a broken promise that somebody put right stops no selling any more."""

from __future__ import annotations

from engine.alerts.alert import Alert
from engine.event import Event
from engine.events.recording import Events
from engine.outcome import Disposition
from engine.store import StoreUnavailable
from rules.alert_kinds import BROKEN_PROMISE
from rules.event_types import INTERNAL, PROMISE_SETTLED


class Settling:
    """Tells the customer's state of alerts that are resolved. Raises StoreUnavailable; may be repeated."""

    def __init__(self, events: Events) -> None:
        self._events = events

    async def resolved(self, alert: Alert) -> None:
        """Settle the promise that an alert was about."""
        if alert.kind != BROKEN_PROMISE or alert.customer is None or alert.resolution is None:
            return
        order = order_of(alert)
        event = Event(
            f"{INTERNAL}{alert.id}",
            PROMISE_SETTLED,
            alert.customer.tenant,
            alert.customer.customer,
            at=alert.resolution.at,
            attributes={"order": order},
        )
        verdict = await self._events.enter(event, alert.resolution.at)
        if verdict.disposition is Disposition.REJECTED and verdict.retryable:
            raise StoreUnavailable("timeout", "the promise could not be settled; resolve the alert again")


def order_of(alert: Alert) -> str:
    """The order that a broken promise's alert names, between the customer and the time."""
    assert alert.customer is not None
    about = f"{alert.kind}:{alert.customer.tenant}:{alert.customer.customer}:"
    return alert.id[len(about) :].rpartition(":")[0]
