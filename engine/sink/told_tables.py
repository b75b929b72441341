"""The tables `outcomes/`, `events/` and `pushes/`: what customers did, and what was sent to them, under pseudonyms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import polars as pl

from engine.events.event_record import EventRecord
from engine.record import OutcomeRecord
from engine.sink.decision_tables import MOMENT
from engine.sink.pseudonyms import Pseudonyms
from engine.store import LogEntry
from engine.triggers.message import PushRecord
from models.features import FeatureSchema

OUTCOMES_SCHEMA: dict[str, Any] = {
    "format": pl.Int32,
    "outcome_id": pl.String,
    "stream_id": pl.String,
    "decision_id": pl.String,
    "at": MOMENT,
    "received_at": MOMENT,
    "tenant": pl.String,
    "customer": pl.String,
    "channel": pl.String,
    "action": pl.String,
    "type": pl.String,
    "revenue": pl.Float64,
    "rating": pl.Float64,
    "reason_code": pl.String,
    "agent": pl.String,
    "team": pl.String,
    "offered_instead": pl.String,
    "late": pl.Boolean,
    "corrects": pl.String,
}
EVENTS_SCHEMA: dict[str, Any] = {
    "format": pl.Int32,
    "event_id": pl.String,
    "stream_id": pl.String,
    "at": MOMENT,
    "received_at": MOMENT,
    "tenant": pl.String,
    "customer": pl.String,
    "type": pl.String,
    "action": pl.String,
    "queue": pl.String,
    "channel": pl.String,
    "attributes": pl.String,
}
PUSHES_SCHEMA: dict[str, Any] = {
    "format": pl.Int32,
    "message_id": pl.String,
    "stream_id": pl.String,
    "at": MOMENT,
    "tenant": pl.String,
    "customer": pl.String,
    "channel": pl.String,
    "trigger": pl.String,
    "event_id": pl.String,
    "decision_id": pl.String,
    "action": pl.String,
    "became": pl.String,
    "why": pl.String,
}


def push_row(entry: LogEntry, record: PushRecord, names: Pseudonyms, form: int) -> tuple[Any, ...]:
    """The row of a message in the order of PUSHES_SCHEMA."""
    who = (record.tenant, names.customer(record.tenant, record.customer))
    what = (record.channel, record.trigger, record.event_id, record.decision_id, record.action)
    name = (form, record.message_id, entry.stream_id, _micros(record.at))
    return (*name, *who, *what, record.became, record.why)


def outcome_row(entry: LogEntry, record: OutcomeRecord, names: Pseudonyms, form: int) -> tuple[Any, ...]:
    """The row of an outcome in the order of OUTCOMES_SCHEMA."""
    when = (_micros(record.at), _micros(record.received_at))
    who = (entry.tenant, names.customer(entry.tenant, entry.customer))
    what = (record.channel, record.action, record.type, record.revenue, record.rating, record.reason_code)
    by = (names.agent(record.agent), record.team, record.offered_instead, record.late, record.corrects)
    return (form, record.outcome_id, entry.stream_id, record.decision_id, *when, *who, *what, *by)


class EventRows:
    """Makes rows of events. Of events about a customer only those attributes are told that feed a feature which may
    stand in tables; of events about actions and queues all."""

    def __init__(self, names: Pseudonyms, schema: FeatureSchema) -> None:
        self._names = names
        sources = [one.source for one in schema.features if one.in_tables and one.source is not None]
        self._open = {(source.event, source.of) for source in sources}

    def row(self, entry: LogEntry, record: EventRecord, form: int) -> tuple[Any, ...]:
        """The row of an event in the order of EVENTS_SCHEMA."""
        when = (_micros(record.at), _micros(record.received_at))
        who = (entry.tenant, self._names.customer(record.tenant, record.customer))
        what = (record.type, record.action, record.queue, record.channel)
        attributes = orjson.dumps(self._told(record)).decode()
        return (form, record.event_id, entry.stream_id, *when, *who, *what, attributes)

    def _told(self, record: EventRecord) -> Mapping[str, Any]:
        if not record.customer:
            return dict(record.attributes)
        return {name: value for name, value in record.attributes.items() if (record.type, name) in self._open}


def _micros(moment: float) -> int:
    return round(moment * 1e6)
