"""What is learned late, brought into files that are written already: decisions taken back, customers erased.

Each file is replaced in one step, and doing it twice does it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from engine.sink.files import write_table
from engine.sink.layout import (
    CANDIDATES,
    DECISIONS,
    LOG,
    TABLES,
    by_slice,
    entered_ms,
    files_of,
    hour_folder,
    hours_of,
    order_of,
)
from engine.sink.log_table import ERASED
from engine.sink.pseudonyms import Pseudonyms
from engine.store import LogEntry

_HOUR_MS = 3_600_000
Change = Callable[[pl.DataFrame, pl.Expr], pl.DataFrame]
_NAMED_BY = {LOG: "id", DECISIONS: "decision_id", CANDIDATES: "decision_id"}


def mark_voided(out: Path, slice_name: str, voids: Iterable[LogEntry]) -> None:
    """Mark the decisions as taken back in every table. Most voids follow their decision within seconds; those of
    messages that are not sent come long after, so that the hour that the decision's id tells is looked at too. Raises
    OSError."""
    hours: dict[Path, set[str]] = {}
    for void in voids:
        entered = entered_ms(void.stream_id)
        soon = (hour_folder(max(0, entered - back)) for back in (0, _HOUR_MS))
        for folder in {*soon, *hours_of(void.id)}:
            hours.setdefault(folder, set()).add(void.id)
    for folder, names in sorted(hours.items()):
        for table, column in _NAMED_BY.items():
            meant = pl.col(column).is_in(list(names)) & ~pl.col("voided")
            if table == LOG:
                meant &= pl.col("kind") == "decision"
            for path in sorted((out / table / folder).glob(f"{slice_name}-*.parquet")):
                _change(path, meant, _marked)


def erase(out: Path, slice_name: str, names: Pseudonyms, entry: LogEntry) -> None:
    """Remove what was logged of a customer before it was erased. In `log/` the place of each entry is left: who wrote
    it, and its running number. Raises OSError."""
    before = (pl.col("tenant") == entry.tenant) & _before(entry.stream_id)
    own = before & (pl.col("customer") == entry.customer) & ~pl.col("kind").is_in(["erase", ERASED])
    told = before & (pl.col("customer") == names.customer(entry.tenant, entry.customer))
    for table in TABLES:
        meant, change = (own, _blanked) if table == LOG else (told, _without)
        for path in by_slice(files_of(out, table)).get(slice_name, []):
            _change(path, meant, change)


def _before(stream_id: str) -> pl.Expr:
    moment, number = order_of(stream_id)
    parts = pl.col("stream_id").str.split("-")
    at, place = (parts.list.get(index, null_on_oob=True).cast(pl.Int64) for index in range(2))
    return (at < moment) | ((at == moment) & (place < number))


def _change(path: Path, meant: pl.Expr, change: Change) -> None:
    if pl.scan_parquet(path, hive_partitioning=False).filter(meant).limit(1).collect().height:
        write_table(path, change(pl.read_parquet(path, hive_partitioning=False), meant))


def _marked(rows: pl.DataFrame, meant: pl.Expr) -> pl.DataFrame:
    return rows.with_columns(voided=pl.col("voided") | meant)


def _without(rows: pl.DataFrame, meant: pl.Expr) -> pl.DataFrame:
    return rows.filter(~meant)


def _blanked(rows: pl.DataFrame, meant: pl.Expr) -> pl.DataFrame:
    blank = {
        "kind": pl.lit(ERASED),
        "id": pl.lit(""),
        "tenant": pl.lit(""),
        "customer": pl.lit(""),
        "dropped": pl.lit([], dtype=pl.List(pl.Int32)),
        "body": pl.lit(b""),
    }
    return rows.with_columns(
        pl.when(meant).then(empty).otherwise(pl.col(name)).alias(name) for name, empty in blank.items()
    )
