"""What of a log cannot be read says so by name, rather than be left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec
import polars as pl

from documents.problem import BefitError
from engine.sink.log_table import SCHEMA
from engine.store import LogEntry

R = TypeVar("R")


class LogDamaged(BefitError):
    """A file or a record of the log cannot be read; the message names it."""


def unpacked(entry: LogEntry, unpack: Callable[[bytes], R]) -> R:
    """The record of an entry. Raises LogDamaged."""
    try:
        return unpack(entry.body)
    except msgspec.MsgspecError as damage:
        raise LogDamaged(
            f"the log is damaged: the record of {entry.kind} {entry.id} cannot be read: {damage}"
        ) from None


def collected(asked: pl.LazyFrame, files: Iterable[Path]) -> pl.DataFrame:
    """What was asked of these files of the log. Raises LogDamaged."""
    try:
        return asked.collect()
    except pl.exceptions.PolarsError as damage:
        wrong = next((path for path in files if not _whole(path)), None)
        raise LogDamaged(f"the log is damaged: {wrong or 'a file'} cannot be read: {damage}") from None


def _whole(path: Path) -> bool:
    try:
        pl.read_parquet(path, columns=list(SCHEMA), hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError):
        return False
    return True
