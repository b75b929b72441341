"""Tells a person at once of a complaint, or of a rating that is too low, and stops selling until that is put right."""

from __future__ import annotations

from collections.abc import Callable

from engine.alerts.alert import About, Alert, Resolution
from engine.alerts.alerts import Alerts
from engine.event import Event
from engine.events.recording import Events
from engine.feedback import Happened
from engine.outcome import Disposition, Outcome
from engine.slate import FORGOTTEN, Slate
from engine.snapshot import Snapshot
from engine.store import StoreUnavailable
from rules.alert_kinds import COMPLAINT, LOW_RATING
from rules.duty import DutyRule
from rules.event_types import COMPLAINT_RAISED, INTERNAL
from rules.policy import Policy


class DutyDesk:
    """Attends to outcomes before they are entered: who is told twice of one hears of it once."""

    def __init__(self, events: Events, alerts: Alerts, snapshot: Callable[[], Snapshot]) -> None:
        self._events = events
        self._alerts = alerts
        self._snapshot = snapshot

    async def attend(self, happened: Happened) -> None:
        """Tell whom the policy names. Raises StoreUnavailable; may be repeated."""
        outcome, slate = happened.outcome, happened.slate
        kind = {"COMPLAINT": COMPLAINT, "RATING": LOW_RATING}.get(outcome.type, "")
        rule = _rule(self._snapshot().policy.policy, kind)
        if rule is None or not rule.watches(slate.tier, outcome.rating):
            return
        about = slate.key if slate.customer else None
        alert = Alert(
            kind=kind,
            subject=slate.customer or outcome.decision_id,
            at=happened.at,
            text=_told(happened),
            to=rule.to,
            name=_name(kind, slate, outcome),
            customer=about,
            about=About(outcome.decision_id, happened.action, outcome.outcome_id),
        )
        if about is not None:
            await self._stop_selling(alert)
        if await self._alerts.tell(alert) and about is not None:
            now_known = Resolution(alert.at, "befit", f"it is about {alert.subject}, who has an alert of their own")
            await self._alerts.resolve(_name(kind, FORGOTTEN, outcome), now_known)

    async def _stop_selling(self, alert: Alert) -> None:
        assert alert.customer is not None
        said = {"complaint": alert.about.outcome, "text": alert.text}
        who = (alert.customer.tenant, alert.customer.customer)
        event = Event(f"{INTERNAL}{alert.kind}:{alert.mark}", COMPLAINT_RAISED, *who, at=alert.at, attributes=said)
        verdict = await self._events.enter(event, alert.at)
        if verdict.disposition is Disposition.REJECTED and verdict.retryable:
            raise StoreUnavailable("timeout", "that selling stops could not be written")


def _name(kind: str, slate: Slate, outcome: Outcome) -> str:
    return f"{kind}:{slate.tenant}:{slate.customer}:{outcome.outcome_id}"


def _rule(policy: Policy, kind: str) -> DutyRule | None:
    if kind == COMPLAINT:
        return policy.duty.complaint
    return policy.duty.low_rating if kind == LOW_RATING else None


def _told(happened: Happened) -> str:
    """One line for a person: what was said, of what, by whom of which tier."""
    outcome, slate = happened.outcome, happened.slate
    said = "a complaint" if outcome.rating is None else f"a rating of {outcome.rating:g}"
    where = f" over {slate.channel}" if slate.channel else ""
    of = f" about {happened.action}" if happened.action else ""
    tier = f" (tier {slate.tier})" if slate.tier else ""
    why = f": {outcome.reason_code}" if outcome.reason_code else ""
    return f"{said}{of}{where}{tier}{why}"
