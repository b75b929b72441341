"""Items of lists on the wire, each to a value or to a Refusal of that one item; verdicts to receipts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from befit.v1 import customer_pb2, feedback_pb2, value_pb2
from engine.customer import CustomerChange
from engine.decision import Value
from engine.declared import sendable
from engine.event import Event
from engine.ids import CustomerKey, partition_of
from engine.outcome import Disposition, Outcome, Verdict
from engine.refusal import Refusal
from engine.wire.codec import problem_message
from engine.wire.request import id_refusal, key_field, plain_refusal, sent_value
from engine.wire.view import seconds

MAX_ITEMS = 1000
MAX_ATTRIBUTES = 64
MAX_FEATURES = 1000
MAX_CONSENT = 64
MAX_NAME = 128
LATEST = 253_402_300_799.0
"""Last second of the year 9999, which is the end of Timestamp."""

T = TypeVar("T")
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}\Z")
_DISPOSITIONS: Mapping[Disposition, feedback_pb2.Disposition.ValueType] = {
    Disposition.ACCEPTED: feedback_pb2.DISPOSITION_ACCEPTED,
    Disposition.DUPLICATE: feedback_pb2.DISPOSITION_DUPLICATE,
    Disposition.REJECTED: feedback_pb2.DISPOSITION_REJECTED,
    Disposition.PARKED: feedback_pb2.DISPOSITION_PARKED,
}


def count_refusal(items: Sequence[object], field: str) -> Refusal | None:
    """Why a list does not hold as a whole."""
    if 1 <= len(items) <= MAX_ITEMS:
        return None
    return Refusal("list-length", f"must have 1 to {MAX_ITEMS} entries", field)


def read_outcome(wire: feedback_pb2.Outcome) -> Outcome | Refusal:
    """One outcome, or the first thing about it that does not hold."""
    refusal = id_refusal(wire.outcome_id, "outcome_id") or _outcome_refusal(wire)
    if refusal:
        return refusal
    return Outcome(
        outcome_id=wire.outcome_id,
        decision_id=wire.decision_id,
        action=wire.action_id,
        type=wire.type,
        at=seconds(wire.at) if wire.HasField("at") else None,
        revenue=wire.revenue if wire.HasField("revenue") else None,
        rating=wire.rating if wire.HasField("rating") else None,
        reason_code=wire.reason_code,
        agent=wire.agent_id,
        team=wire.team_id,
        offered_instead=wire.offered_instead,
    )


def read_event(wire: feedback_pb2.Event, tenant: str) -> Event | Refusal:
    """One event, or the first thing about it that does not hold."""
    refusal = id_refusal(wire.event_id, "event_id") or _type_refusal(wire.type) or _event_refusal(wire)
    attributes = _values(wire.attributes, "attributes", MAX_ATTRIBUTES)
    if refusal:
        return refusal
    if isinstance(attributes, Refusal):
        return attributes
    return Event(
        event_id=wire.event_id,
        type=wire.type,
        tenant=tenant,
        customer=wire.customer_id,
        action=wire.action_id,
        at=seconds(wire.at) if wire.HasField("at") else None,
        attributes=attributes,
        channel=wire.channel,
        session_id=wire.session_id,
        queue=wire.queue_id,
    )


def read_change(wire: customer_pb2.CustomerProfile, tenant: str) -> CustomerChange | Refusal:
    """What to write of one customer, or the first thing about it that does not hold."""
    refusal = id_refusal(wire.customer_id, "customer_id") or plain_refusal(wire.time_zone, "time_zone", 64)
    if len(wire.consent) > MAX_CONSENT:
        refusal = Refusal("too-many", f"must have at most {MAX_CONSENT} entries", "consent")
    features = _values(wire.features, "features", MAX_FEATURES)
    preferences = _values(wire.preferences, "preferences", MAX_ATTRIBUTES)
    if refusal:
        return refusal
    if isinstance(features, Refusal):
        return features
    if isinstance(preferences, Refusal):
        return preferences
    return CustomerChange(
        customer=CustomerKey(tenant, wire.customer_id),
        features=features or None,
        consent=dict(wire.consent),
        time_zone=wire.time_zone if wire.HasField("time_zone") else None,
        preferences=preferences,
        personalisation=wire.personalisation if wire.HasField("personalisation") else None,
    )


def rejected(id_sent: str, refusal: Refusal) -> Verdict:
    """The verdict on an item that was refused before it came to the engine."""
    return Verdict(id_sent[:MAX_NAME], Disposition.REJECTED, refusal.field, refusal.message)


def receipt(verdict: Verdict) -> feedback_pb2.Receipt:
    """The verdict as a message."""
    wire = feedback_pb2.Receipt(id=verdict.id, disposition=_DISPOSITIONS[verdict.disposition], note=verdict.note)
    if verdict.disposition is Disposition.REJECTED:
        wire.retryable = verdict.retryable
        wire.problem.CopyFrom(problem_message(Refusal("rejected", verdict.reason, verdict.field)))
    return wire


def split(items: Iterable[T | Refusal]) -> tuple[list[T], dict[int, Refusal]]:
    """The items that hold, and the refusals by their place in the list."""
    good: list[T] = []
    refused: dict[int, Refusal] = {}
    for place, item in enumerate(items):
        if isinstance(item, Refusal):
            refused[place] = item
        else:
            good.append(item)
    return good, refused


def merged(ids: Sequence[str], refused: Mapping[int, Refusal], verdicts: Iterable[Verdict]) -> list[Verdict]:
    """One verdict per item in the order of the list, from refusals by place and the verdicts on the rest."""
    rest = iter(verdicts)
    return [rejected(ids[place], refused[place]) if place in refused else next(rest) for place in range(len(ids))]


def _outcome_refusal(wire: feedback_pb2.Outcome) -> Refusal | None:
    if partition_of(wire.decision_id) is None:
        return Refusal("id-invalid", "must be a decision id", "decision_id")
    for field in ("revenue", "rating"):
        if not math.isfinite(getattr(wire, field)):
            return Refusal("not-finite", "must be a finite number", field)
    texts = ("action_id", "reason_code", "agent_id", "team_id", "offered_instead")
    found = (plain_refusal(getattr(wire, field), field, MAX_NAME) for field in texts)
    return _type_refusal(wire.type) or time_refusal(wire.at) or next(filter(None, found), None)


def _event_refusal(wire: feedback_pb2.Event) -> Refusal | None:
    subject = wire.WhichOneof("subject")
    if subject is None:
        return Refusal("subject-missing", "must be set, or action_id, or queue_id", "customer_id")
    found = (plain_refusal(getattr(wire, field), field, MAX_NAME) for field in ("channel", "session_id"))
    return id_refusal(getattr(wire, subject), subject) or time_refusal(wire.at) or next(filter(None, found), None)


def _type_refusal(kind: str) -> Refusal | None:
    return None if _TYPE.match(kind) else Refusal("type-invalid", "must be a name of at most 64 characters", "type")


def time_refusal(at: Timestamp) -> Refusal | None:
    """Why a time does not hold: outside of what Timestamp promises, or before 1970."""
    holds = 0 <= at.seconds <= LATEST and 0 <= at.nanos < 1_000_000_000
    return None if holds else Refusal("time-invalid", "must be a time between 1970 and 9999", "at")


def _values(
    sent: Mapping[str, value_pb2.ContextValue] | Mapping[str, value_pb2.FeatureValue], field: str, most: int
) -> dict[str, Value] | Refusal:
    if len(sent) > most:
        return Refusal("too-many", f"must have at most {most} entries", field)
    values: dict[str, Value] = {}
    for key, wire in sent.items():
        value = sent_value(wire)
        mistake = "must have a value" if value is None else sendable(value)
        if mistake or value is None:
            return Refusal("value-invalid", mistake, key_field(field, key))
        values[key] = value
    return values
