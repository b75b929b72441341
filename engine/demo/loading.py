"""Writes the drawn customers into the demonstration's store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from documents.problem import BefitError
from engine.customer import CustomerChange
from engine.customers import Customers
from engine.demo.cast import TENANT
from engine.ids import CustomerKey
from engine.outcome import Disposition
from engine.redis_keyspace import StoreOptions, StoreTimeouts
from engine.redis_store import RedisStore
from engine.running import writer_name
from engine.snapshot import Snapshot

_BATCH = 1000
_CONSENT = "consent:"
_PATIENT = StoreTimeouts(read_ms=10_000.0, commit_ms=10_000.0)  # a batch asks for a thousand at once


class CustomersRefused(BefitError):
    """A drawn customer does not fit the company's features."""


async def write_customers(table: Path, url: str, snapshot: Snapshot, done: Callable[[float], None]) -> int:
    """Write all customers of a table; how many. Raises CustomersRefused, StoreUnavailable."""
    frame = pl.read_parquet(table)
    store = RedisStore(url, writer_name(), StoreOptions(timeouts=_PATIENT))
    await store.open()
    try:
        customers = Customers(store, lambda: snapshot)
        for start in range(0, len(frame), _BATCH):
            changes = list(_changes(frame.slice(start, _BATCH)))
            verdicts = await customers.put(changes, time.time())
            wrong = next((one for one in verdicts if one.disposition is not Disposition.ACCEPTED), None)
            if wrong is not None:
                raise CustomersRefused(f"{wrong.id}: {wrong.field} {wrong.reason}")
            done((start + len(changes)) / len(frame))
    finally:
        await store.close()
    return len(frame)


def _changes(frame: pl.DataFrame) -> Iterator[CustomerChange]:
    names = [name for name in frame.columns if not name.startswith(_CONSENT)]
    features = [name for name in names if name not in {"customer_id", "time_zone"}]
    consent = [name for name in frame.columns if name.startswith(_CONSENT)]
    for row in frame.iter_rows(named=True):
        yield CustomerChange(
            CustomerKey(TENANT, row["customer_id"]),
            {name: row[name] for name in features if row[name] is not None},
            {name.removeprefix(_CONSENT): row[name] for name in consent},
            row["time_zone"],
        )
