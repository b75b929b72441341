"""The contacts of a log that a sink wrote, read under a project's policy and features."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from engine.learning.log_contacts import LogContact, log_contacts
from engine.sink.damage import collected
from engine.sink.layout import LOG, files_of
from engine.sink.reading import decisions_with_outcomes, read_schemas
from engine.snapshot import Snapshot


def contacts_of(
    folder: Path, snapshot: Snapshot, since: float | None = None, until: float | None = None
) -> Iterator[LogContact]:
    """The contacts of decisions made in since <= now < until (s; None = no bound), in the log's order. Raises
    LogMissing, LogTooNew, LogDamaged."""
    schemas = {schema.hash: schema for schema in read_schemas(folder).values()}
    decisions = decisions_with_outcomes(folder, since, until)
    yield from log_contacts(decisions, snapshot.with_schemas(schemas), newest_in(folder))


def newest_in(folder: Path) -> float:
    """The moment (s) of the newest entry: what had not happened by then may still have come since. Raises
    LogDamaged."""
    files = files_of(folder, LOG)
    if not files:
        return 0.0
    found = collected(pl.scan_parquet(files, hive_partitioning=False).select(pl.col("at").max()), files).item()
    return float(found or 0.0)
