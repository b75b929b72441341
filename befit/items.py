"""Outcomes, events and customers in plain Python, turned into items of lists, in batches that a server takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NotRequired, TypedDict, TypeVar, cast

from google.protobuf.message import Message

from befit.errors import InvalidRequest
from befit.plain import Moment, Value, context_values, feature_values, refuse_unknown, timestamp
from befit.v1.customer_pb2 import CustomerProfile
from befit.v1.feedback_pb2 import Event, Outcome

BATCH_BYTES = 48 * 1024
BATCH_ITEMS = 1000

F = TypeVar("F")
M = TypeVar("M", bound=Message)


class OutcomeFields(TypedDict):
    """An outcome; each key as the field of Outcome with the same name.

    Without `outcome_id` the id is "<decision>:<action>:<type>", so that telling the same twice counts once;
    give ids where the same outcome may truly come twice, as ratings may.
    """

    decision_id: str
    type: str
    action_id: NotRequired[str]
    outcome_id: NotRequired[str]
    at: NotRequired[Moment | None]
    revenue: NotRequired[float | None]
    rating: NotRequired[float | None]
    reason_code: NotRequired[str]
    agent_id: NotRequired[str]
    team_id: NotRequired[str]
    offered_instead: NotRequired[str]


class EventFields(TypedDict):
    """An event; each key as the field of Event with the same name. Give `customer_id`, `action_id` or
    `queue_id`."""

    event_id: str
    type: str
    customer_id: NotRequired[str]
    action_id: NotRequired[str]
    queue_id: NotRequired[str]
    at: NotRequired[Moment | None]
    attributes: NotRequired[Mapping[str, Value]]
    channel: NotRequired[str]
    session_id: NotRequired[str]


class CustomerFields(TypedDict):
    """What to write of a customer; each key as the field of CustomerProfile with the same name."""

    customer_id: str
    features: NotRequired[Mapping[str, Value | None]]
    consent: NotRequired[Mapping[str, bool]]
    time_zone: NotRequired[str | None]
    preferences: NotRequired[Mapping[str, Value]]
    personalisation: NotRequired[bool | None]


def outcome(fields: OutcomeFields) -> Outcome:
    """The wire form. Raises InvalidRequest when a field is missing, unknown, or of the wrong type."""
    return _built(fields, OutcomeFields, _outcome)


def event(fields: EventFields) -> Event:
    """The wire form. Raises InvalidRequest when a field is missing, unknown, or of the wrong type."""
    return _built(fields, EventFields, _event)


def customer(fields: CustomerFields) -> CustomerProfile:
    """The wire form. Raises InvalidRequest when a field is missing, unknown, or of the wrong type."""
    return _built(fields, CustomerFields, _customer)


def batches(items: Iterable[M]) -> Iterator[list[M]]:
    """The items in lists of at most 1,000 items and 48 KiB, in order; a larger item goes alone."""
    batch: list[M] = []
    size = 0
    for item in items:
        bytes_more = item.ByteSize() + 8
        if batch and (size + bytes_more > BATCH_BYTES or len(batch) == BATCH_ITEMS):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += bytes_more
    if batch:
        yield batch


def _built(fields: F, declared: type[F], build: Callable[[F], M]) -> M:
    refuse_unknown(cast("Mapping[str, object]", fields), declared)
    try:
        return build(fields)
    except KeyError as error:
        raise InvalidRequest(f"{error.args[0]} is missing", "missing", str(error.args[0])) from error
    except OverflowError as error:
        raise InvalidRequest(str(error), "out-of-range") from error
    except (TypeError, ValueError) as error:
        raise InvalidRequest(str(error), "wrong-type") from error


def _outcome(fields: OutcomeFields) -> Outcome:
    action = fields.get("action_id", "")
    return Outcome(
        outcome_id=fields.get("outcome_id") or f"{fields['decision_id']}:{action}:{fields['type']}",
        decision_id=fields["decision_id"],
        action_id=action,
        type=fields["type"],
        at=timestamp(fields.get("at")),
        revenue=fields.get("revenue"),
        rating=fields.get("rating"),
        reason_code=fields.get("reason_code", ""),
        agent_id=fields.get("agent_id", ""),
        team_id=fields.get("team_id", ""),
        offered_instead=fields.get("offered_instead", ""),
    )


def _event(fields: EventFields) -> Event:
    wire = Event(
        event_id=fields["event_id"],
        type=fields["type"],
        at=timestamp(fields.get("at")),
        attributes=context_values(fields.get("attributes", {})),
        channel=fields.get("channel", ""),
        session_id=fields.get("session_id", ""),
    )
    if len(fields.keys() & {"customer_id", "action_id", "queue_id"}) != 1:
        raise InvalidRequest(
            "an event is about a customer, an action or a queue: one of them", "subject", "customer_id"
        )
    if "queue_id" in fields:
        wire.queue_id = fields["queue_id"]
    elif "action_id" in fields:
        wire.action_id = fields["action_id"]
    else:
        wire.customer_id = fields["customer_id"]
    return wire


def _customer(fields: CustomerFields) -> CustomerProfile:
    return CustomerProfile(
        customer_id=fields["customer_id"],
        features=feature_values(fields.get("features", {})),
        consent=fields.get("consent", {}),
        time_zone=fields.get("time_zone"),
        preferences=context_values(fields.get("preferences", {})),
        personalisation=fields.get("personalisation"),
    )
