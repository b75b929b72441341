"""What is known of a customer, as wire messages; and times and values, which all wire files share."""

from __future__ import annotations

import math
from dataclasses import replace

from google.protobuf.timestamp_pb2 import Timestamp

from befit.v1 import value_pb2, view_pb2
from engine.decision import CustomerView, OpenPromise, Value

NANOS = 1_000_000_000
FIRST, LAST = -62_135_596_800.0, 253_402_300_799.0
"""s: the years 1 to 9999, all that a Timestamp can say."""


def stamp(at: float) -> Timestamp:
    """Seconds since the epoch as a Timestamp, to the microsecond. What no Timestamp can say becomes the nearest that
    one can, no number the epoch: times come out of the store, and a damaged one must not hide all the rest."""
    micros = 0 if math.isnan(at) else round(min(max(at, FIRST), LAST) * 1e6)
    return Timestamp(seconds=micros // 1_000_000, nanos=micros % 1_000_000 * 1000)


def seconds(wire: Timestamp) -> float:
    """A Timestamp as seconds since the epoch."""
    return wire.seconds + wire.nanos / NANOS


def feature_value(value: Value) -> value_pb2.FeatureValue:
    """A feature's value: flag, text or number."""
    if isinstance(value, bool):
        return value_pb2.FeatureValue(flag=value)
    if isinstance(value, str):
        return value_pb2.FeatureValue(text=value)
    return value_pb2.FeatureValue(number=value)


def view_for_customers(view: CustomerView) -> CustomerView:
    """What may be shown to the customers themselves: neither features, which tell what they are worth, nor rules, nor
    employees."""
    promises = tuple(replace(promise, by="") for promise in view.promises)
    pauses = tuple((action, until, "") for action, until, _ in view.pauses)
    return replace(view, features={}, pauses=pauses, promises=promises)


def pause_message(action: str, until: float, cause: str) -> view_pb2.ActionPause:
    """An action that rests, until when (s), and the rule that made it rest."""
    return view_pb2.ActionPause(action_id=action, until=stamp(until), cause=cause)


def view_message(view: CustomerView) -> view_pb2.CustomerView:
    """The view as a message."""
    return view_pb2.CustomerView(
        recent_contacts=[
            view_pb2.RecentContact(at=stamp(c.at), action_id=c.action, channel=c.channel, outcome=c.outcome)
            for c in view.recent
        ],
        open_offers=[view_pb2.OpenOffer(action_id=a, valid_until=stamp(until)) for a, until in view.open_offers],
        pauses=[pause_message(*pause) for pause in view.pauses],
        features={name: feature_value(value) for name, value in view.features.items()},
        open_cases=[view_pb2.OpenCase(case_id=c.case, subject=c.subject, opened_at=stamp(c.at)) for c in view.cases],
        promises=[promise_message(promise) for promise in view.promises],
    )


def promise_message(promise: OpenPromise) -> view_pb2.CustomerPromise:
    """A promise as a message."""
    due = {} if promise.due is None else {"due_at": stamp(promise.due)}
    return view_pb2.CustomerPromise(
        text=promise.text, promised_by=promise.by, order=promise.order, broken=promise.broken, **due
    )
