"""The table `log/`: the truth, one row for each entry of the store's log, nothing left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
import polars as pl

from engine.events.event_record import unpack_event
from engine.record import unpack_decision, unpack_outcome
from engine.sink.layout import entered_ms
from engine.store import LogEntry

FORMAT = 1
"""Of the rows; a reader refuses what is newer than it knows."""
ERASED = "erased"
"""The kind of an entry whose customer was erased: only where it stood is left, so that it is no gap."""
SCHEMA: dict[str, Any] = {
    "partition": pl.Int32,
    "stream_id": pl.String,
    "kind": pl.String,
    "id": pl.String,
    "writer": pl.String,
    "sequence": pl.Int64,
    "at": pl.Float64,
    "tenant": pl.String,
    "customer": pl.String,
    "voided": pl.Boolean,
    "dropped": pl.List(pl.Int32),
    "format": pl.Int32,
    "body": pl.Binary,
}


def log_frame(entries: Iterable[tuple[int, LogEntry]], voided: Collection[str]) -> pl.DataFrame:
    """The rows of entries with their partitions; `voided` are decisions that were taken back."""
    rows = [_row(number, entry, entry.kind == "decision" and entry.id in voided) for number, entry in entries]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def entry_of(row: tuple[Any, ...]) -> LogEntry:
    """The entry that a row of the table holds, its columns in the order of SCHEMA."""
    _, stream_id, kind, name, writer, sequence, _, tenant, customer, voided, dropped, _, body = row
    lost = tuple(dropped or ())
    return LogEntry(stream_id, kind, name, writer, sequence, body, lost, voided, tenant, customer)


def entry_at(entry: LogEntry) -> float:
    """When Befit learned of what an entry tells (s): a decision's moment, the arrival of an outcome or event, else
    when the store took the entry."""
    try:
        match entry.kind:
            case "decision":
                return unpack_decision(entry.body).now
            case "outcome":
                return unpack_outcome(entry.body).received_at
            case "event":
                return unpack_event(entry.body).received_at
    except msgspec.MsgspecError:
        pass
    return entered_ms(entry.stream_id) / 1000


def _row(partition: int, entry: LogEntry, voided: bool) -> tuple[Any, ...]:
    name = (partition, entry.stream_id, entry.kind, entry.id, entry.writer, entry.sequence, entry_at(entry))
    about = (entry.tenant, entry.customer, voided or entry.voided)
    return (*name, *about, list(entry.dropped), FORMAT, entry.body)
