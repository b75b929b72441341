"""Alerts as messages, and what is asked of them."""

from __future__ import annotations

from typing import Any

from befit.v1 import alert_pb2
from engine.alerts.alert import Alert, Resolution
from engine.refusal import Refusal
from engine.wire.request import id_refusal, plain_refusal
from engine.wire.view import stamp

MAX_LISTED = 1000
LISTED = 100
MAX_NOTE = 256
MAX_ALERT_ID = 512


def listing(wire: alert_pb2.ListAlertsRequest) -> int | Refusal:
    """How many alerts are wanted."""
    if wire.limit > MAX_LISTED:
        return Refusal("too-many", f"must be at most {MAX_LISTED}", "limit")
    return wire.limit or LISTED


def read_resolution(wire: alert_pb2.ResolveAlertRequest, now: float) -> Resolution | Refusal:
    """What was done about an alert, or the first thing about it that does not hold."""
    if not 1 <= len(wire.alert_id) <= MAX_ALERT_ID:
        return Refusal("id-invalid", f"must have 1 to {MAX_ALERT_ID} characters", "alert_id")
    refusal = id_refusal(wire.by, "by") or plain_refusal(wire.note, "note", MAX_NOTE)
    return refusal or Resolution(now, wire.by, wire.note)


def alert_message(alert: Alert) -> alert_pb2.Alert:
    """The alert as a message."""
    ended = alert.resolution
    done: dict[str, Any] = (
        {"resolved_at": stamp(ended.at), "resolved_by": ended.by, "note": ended.note} if ended else {}
    )
    return alert_pb2.Alert(
        id=alert.id, kind=alert.kind, subject=alert.subject, at=stamp(alert.at), text=alert.text, to=alert.to, **done
    )
