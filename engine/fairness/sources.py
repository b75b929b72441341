"""Reads what fairness is measured on: out of a running store, or out of the files that a sink wrote."""

from __future__ import annotations

import heapq
from pathlib import Path

from engine.fairness.from_log import got_from_log
from engine.fairness.seen import Got
from engine.live import schemas_of
from engine.past.reading import decisions_of
from engine.record import unpack_decision
from engine.sink.damage import unpacked
from engine.sink.reading import read_entries, read_schemas
from engine.snapshot import Snapshot
from engine.store import Store


async def read_log(store: Store, snapshot: Snapshot, partitions: int, newest: int) -> dict[str, Got]:
    """What the customers of the newest decisions got. Raises StoreUnavailable, RecordUnreadable."""
    settings = await store.read_settings()
    able = snapshot.with_schemas(schemas_of(settings.schemas))
    return got_from_log(able, await decisions_of(store, partitions, newest))


def read_files(folder: Path, snapshot: Snapshot, newest: int) -> dict[str, Got]:
    """The same out of a folder of files. Raises LogMissing, LogTooNew, LogDamaged."""
    able = snapshot.with_schemas({one.hash: one for one in read_schemas(folder).values()})
    entries = (one for one in read_entries(folder, kinds=("decision",)) if not one.voided)
    records = (unpacked(one, unpack_decision) for one in entries)
    return got_from_log(able, heapq.nlargest(newest, records, key=lambda one: one.now))
