"""Complaints and ratings that came when the store had forgotten their decision: the files still know it, so that
selling to the customer stops, and who was told of the complaint hears whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import polars as pl

from engine.feedback import Attend, Happened
from engine.outcome import Outcome
from engine.outcomes.remembered import offered_in
from engine.record import OutcomeRecord, unpack_outcome
from engine.sink.layout import LOG, hours_of
from engine.sink.log_table import SCHEMA, entry_of
from engine.snapshot import Snapshot
from engine.store import LogEntry

_ATTENDED = frozenset({"COMPLAINT", "RATING"})


class LateOutcomes:
    """Looks decisions up in the files of `out`; `attend` is told of what is found, maybe twice."""

    def __init__(self, out: Path, attend: Attend, snapshot: Callable[[], Snapshot]) -> None:
        self._out = out
        self._attend = attend
        self._snapshot = snapshot

    async def see_to(self, slice_name: str, entries: Iterable[LogEntry]) -> int:
        """See to the entries of a slice whose earlier files are written; how many are known now. Raises
        StoreUnavailable, OSError."""
        found = 0
        for record in filter(_unknown, _outcomes(entries)):
            entry = logged_in(self._out, slice_name, record.decision_id)
            known = offered_in(entry) if entry else None
            if known is not None:
                await self._attend(Happened(_told(record), known.slate, record.action, record.at, self._snapshot()))
                found += 1
        return found


def logged_in(out: Path, slice_name: str, decision_id: str) -> LogEntry | None:
    """The entry of a decision in the files of a slice; None where they have none, or its customer was erased. Raises
    OSError."""
    hours = hours_of(decision_id)
    files = [path for hour in hours for path in sorted((out / LOG / hour).glob(f"{slice_name}-*.parquet"))]
    if not files:
        return None
    meant = (pl.col("kind") == "decision") & (pl.col("id") == decision_id)
    found = pl.scan_parquet(files, hive_partitioning=False).filter(meant).select(list(SCHEMA)).collect()
    return entry_of(found.row(0)) if found.height else None


def _outcomes(entries: Iterable[LogEntry]) -> Iterable[OutcomeRecord]:
    for entry in entries:
        if entry.kind == "outcome":
            try:
                yield unpack_outcome(entry.body)
            except msgspec.MsgspecError:
                continue


def _unknown(record: OutcomeRecord) -> bool:
    return record.late and not record.customer and record.type in _ATTENDED


def _told(record: OutcomeRecord) -> Outcome:
    about = (record.outcome_id, record.decision_id, record.action, record.type)
    return Outcome(*about, at=record.at, rating=record.rating, reason_code=record.reason_code)
