"""Reads what fairness is measured on out of a running store."""

from __future__ import annotations

from engine.fairness.from_log import got_from_log
from engine.fairness.seen import Got
from engine.live import schemas_of
from engine.past.reading import decisions_of
from engine.snapshot import Snapshot
from engine.store import Store


async def read_log(store: Store, snapshot: Snapshot, partitions: int, newest: int) -> dict[str, Got]:
    """What the customers of the newest decisions got. Raises StoreUnavailable, RecordUnreadable."""
    settings = await store.read_settings()
    able = snapshot.with_schemas(schemas_of(settings.schemas))
    return got_from_log(able, await decisions_of(store, partitions, newest))
