"""Writes the drawn customers into the demonstration's store, as `befit load` does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from documents.problem import BefitError
from engine.demo.cast import TENANT
from engine.load import Loading, LoadJob
from engine.load_progress import Checkpoint, rejected_path
from engine.redis.store import RedisStore
from engine.running import writer_name
from models.features import FeatureSchema
from models.table_file import count_rows


class CustomersRefused(BefitError):
    """Drawn customers do not fit the company's features."""


async def write_customers(table: Path, url: str, schema: FeatureSchema, done: Callable[[float], None]) -> int:
    """Write all customers of a table; how many. `done` is told how much of it is, in [0, 1].

    Raises CustomersRefused, LoadBroken, StoreUnavailable.
    """
    total = count_rows(table)
    store = RedisStore(url, writer_name())
    try:
        await store.open()
        checkpoint = Checkpoint(table.parent, table, url)
        job = LoadJob(table, schema, TENANT, time.time())
        loaded = await Loading(job, checkpoint, rejected_path(table), lambda rows: done(rows / total)).into(store)
    finally:
        await store.close()
    if loaded.problems:
        raise CustomersRefused("\n".join(problem.render() for problem in loaded.problems))
    return loaded.progress.written
