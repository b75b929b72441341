"""The log out of its files: the only way in for all who learn, evaluate, report and export.

Entries come partition by partition, in the order of the stream, each once, however often it was written. A decision
that was taken back says so. `engine/past/reading.py` reads the same from a running store.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from documents.problem import BefitError
from engine.record import DecisionRecord, OutcomeRecord, unpack_decision, unpack_outcome
from engine.sink.damage import collected, unpacked
from engine.sink.layout import LOG, SCHEMAS, LogMissing, by_slice, files_of, order_of
from engine.sink.log_table import ERASED, FORMAT, SCHEMA, entry_of
from engine.sink.packing import held_for_reading
from engine.store import LogEntry
from models.features import FeatureSchema
from rules.policy import CONTACT_KINDS

_AT_ONCE = 256 * 1024 * 1024
"""Bytes of files that are read at a time."""
_BY_NAME = frozenset({"decision", "outcome", "event"})
"""Kinds of which an id stands once in a partition; of others, a stream id does."""


class LogTooNew(BefitError):
    """The files were written by a later version; the message says which."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A decision that stands, with its outcomes in the order in which they came. `lost` are actions whose contact was
    not granted when the decision was written: they were not proposed."""

    record: DecisionRecord
    outcomes: tuple[OutcomeRecord, ...]
    lost: frozenset[str] = frozenset()


def read_entries(
    folder: Path, since: float | None = None, until: float | None = None, kinds: Collection[str] = ()
) -> Iterator[LogEntry]:
    """The entries with since <= at < until (s; None = no bound), `kinds` only unless empty. `at` is a decision's
    moment, the arrival of outcomes and events, else when it was logged.

    Raises LogMissing, LogTooNew, LogDamaged.
    """
    files = files_of(folder, LOG)
    if not files:
        raise LogMissing(f"{folder / LOG} holds no log: write one with `befit sink --out {folder}`")
    wanted = _wanted(since, until, kinds)
    for name in by_slice(files):
        with held_for_reading(folder, name):
            yield from _entries(name, by_slice(files_of(folder, LOG))[name], wanted)


def _entries(name: str, files: list[Path], wanted: pl.Expr) -> Iterator[LogEntry]:
    """The entries of a slice."""
    voids = _voids(files)
    seen: set[tuple[str, ...]] = set()
    partition = -1
    for row in _rows(name, files, wanted):
        if row[0] != partition:
            partition, seen = row[0], set()
        entry = entry_of(row)
        mark = _mark(entry)
        if mark not in seen:
            seen.add(mark)
            yield replace(entry, voided=True) if entry.kind == "decision" and entry.id in voids else entry


def decisions_with_outcomes(folder: Path, since: float | None = None, until: float | None = None) -> Iterator[Joined]:
    """The decisions made in since <= now < until that were not taken back, each with all of its outcomes, whenever
    they came and whatever partition they are in. Holds all outcomes in memory.

    Raises LogMissing, LogTooNew, LogDamaged.
    """
    told = read_entries(folder, kinds=("outcome",))
    yield from joined(read_entries(folder, since, until, ("decision",)), told)


def joined(decisions: Iterable[LogEntry], told: Iterable[LogEntry]) -> Iterator[Joined]:
    """Entries of decisions, without those that were taken back, each with its outcomes among `told`, which is read
    first. Raises LogDamaged."""
    outcomes: dict[str, list[OutcomeRecord]] = {}
    for entry in told:
        outcome = unpacked(entry, unpack_outcome)
        outcomes.setdefault(outcome.decision_id, []).append(outcome)
    for entry in decisions:
        if not entry.voided:
            record = unpacked(entry, unpack_decision)
            came = sorted(outcomes.get(record.decision_id, ()), key=lambda one: (one.received_at, one.at))
            yield Joined(record, tuple(came), lost_contacts(record, entry.dropped))


def read_schemas(folder: Path) -> dict[str, FeatureSchema]:
    """The feature schemas of logged vectors by the hex of their hash, which the sink keeps beside the log."""
    found = sorted((folder / SCHEMAS).glob("*.json"))
    return {path.stem: FeatureSchema.from_json(path.read_bytes()) for path in found}


def lost_contacts(record: DecisionRecord, dropped: Iterable[int]) -> frozenset[str]:
    """The actions of the contacts (by index) that the store did not grant."""
    if not dropped:
        return frozenset()
    contacts = [pick.action for one in record.placements for pick in one.picks if pick.kind in CONTACT_KINDS]
    return frozenset(contacts[index] for index in dropped)


def _mark(entry: LogEntry) -> tuple[str, ...]:
    if entry.kind in _BY_NAME:
        return entry.kind, entry.tenant, entry.id
    return entry.kind, entry.stream_id


def _wanted(since: float | None, until: float | None, kinds: Collection[str]) -> pl.Expr:
    wanted = pl.col("kind") != ERASED
    if since is not None:
        wanted &= pl.col("at") >= since
    if until is not None:
        wanted &= pl.col("at") < until
    return wanted & pl.col("kind").is_in(list(kinds)) if kinds else wanted


def _voids(files: list[Path]) -> frozenset[str]:
    asked = pl.scan_parquet(files, hive_partitioning=False).filter(pl.col("kind") == "void").select("id")
    found = collected(asked, files)
    return frozenset(found["id"].to_list())


def _rows(name: str, files: list[Path], wanted: pl.Expr) -> Iterator[tuple[Any, ...]]:
    """Rows by partition and stream id: a slice at once where it is small, else each partition hours by hours."""
    spans = _spans(files)
    for partition in (None,) if len(spans) == 1 else _partitions(files):
        only = wanted if partition is None else wanted & (pl.col("partition") == partition)
        for span in spans:
            yield from _sorted(name, span, only).iter_rows()


def _sorted(name: str, files: list[Path], wanted: pl.Expr) -> pl.DataFrame:
    found = collected(pl.scan_parquet(files, hive_partitioning=False).filter(wanted).select(list(SCHEMA)), files)
    newest = found["format"].max()
    if isinstance(newest, int) and newest > FORMAT:
        raise LogTooNew(f"the log of slice {name} has format {newest}; this version reads up to {FORMAT}")
    order = [order_of(one) for one in found["stream_id"]]
    places = sorted(range(len(order)), key=list(zip(found["partition"], order, strict=True)).__getitem__)
    return found[places]


def _partitions(files: list[Path]) -> list[int]:
    found = collected(pl.scan_parquet(files, hive_partitioning=False).select("partition").unique(), files)
    return sorted(found["partition"].to_list())


def _spans(files: list[Path]) -> list[list[Path]]:
    """Files in runs of whole hours, each up to a number of bytes."""
    hours: dict[Path, list[Path]] = {}
    for path in files:
        hours.setdefault(path.parent, []).append(path)
    spans: list[list[Path]] = [[]]
    size = 0
    for within in hours.values():
        more = sum(path.stat().st_size for path in within)
        if spans[-1] and size + more > _AT_ONCE:
            spans.append([])
            size = 0
        spans[-1] += within
        size += more
    return spans
