"""The events of procedures in the log of a store, as far back as somebody wants to look."""

from __future__ import annotations

import msgspec

from engine.events.event_record import EventRecord, unpack_event
from engine.ids import decided_ms
from engine.store import LogEntry, Store
from rules.event_types import PROCEDURE_BEGUN, PROCEDURE_ENDED, STEP_DONE, STEP_STARTED

_TYPES = frozenset({PROCEDURE_BEGUN, PROCEDURE_ENDED, STEP_STARTED, STEP_DONE})
_PAGE = 500
SKEW = 300.0
"""s by which the clocks of those who write to a log may differ."""


async def procedure_events(store: Store, partitions: int, since: float) -> list[EventRecord]:
    """Those that happened since `since` (s), in the order of time. One that cannot be read is left out. Raises
    StoreUnavailable."""
    found = []
    for partition in range(partitions):
        async for entry in store.read_newest(partition, _PAGE):
            record = _read(entry) if entry.kind == "event" else None
            if _written(entry, record) < since - SKEW:
                break
            if record is not None and record.type in _TYPES and record.at >= since:
                found.append(record)
    return sorted(found, key=lambda one: one.at)


def _written(entry: LogEntry, record: EventRecord | None) -> float:
    """When an entry was written (s), later than anything where that is not told."""
    if record is not None:
        return record.received_at
    return decided_ms(entry.id) / 1000 if entry.kind == "decision" else float("inf")


def _read(entry: LogEntry) -> EventRecord | None:
    try:
        return unpack_event(entry.body)
    except msgspec.MsgspecError:
        return None
