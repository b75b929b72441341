"""The proof that nothing is missing: every writer numbers its entries in each partition, without gaps.

What a writer says it wrote must stand in the files, or wait in the store behind where they end, or have been erased.
The store is read before the files, so that a sink at work in between moves nothing out of sight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl

from engine.sink.layout import LOG, by_slice, entered_ms, files_of, order_of, slice_of
from engine.sink.packing import held_for_reading
from engine.sink.slice_notes import Reached, SliceNotes
from engine.store import LogEntry, Store

Numbers = list[tuple[int, int]]
"""Running numbers as ranges, both ends included."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Running numbers of a writer that are nowhere: `first` to `last`."""

    partition: int
    writer: str
    first: int
    last: int

    @property
    def entries(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Proof:
    """What `check` found: entries in the files and waiting in the store, entries that stand twice, gaps; `earlier` are
    numbers from before the folder began, trimmed behind others; `restarts` how often a writer's numbers began anew, as
    after a store was emptied."""

    written: int
    waiting: int
    twice: int
    gaps: tuple[Gap, ...]
    earlier: tuple[Gap, ...]
    restarts: int

    @property
    def missing(self) -> int:
        return sum(gap.entries for gap in self.gaps)


@dataclass(slots=True)
class _Tally:
    written: int = 0
    waiting: int = 0
    twice: int = 0
    restarts: int = 0


class _Removed(msgspec.Struct):
    """The part of an erasure's record that tells which running numbers are gone."""

    removed: list[tuple[str, int]] = []


class _Partition:
    """The running numbers of one partition, as they stand in files and stream: (stream id, writer, number)."""

    def __init__(self) -> None:
        self.seen: dict[str, list[tuple[tuple[int, int], int]]] = {}
        self.erased: dict[str, set[int]] = {}

    def add(self, writer: str, stream_id: str, sequence: int) -> None:
        self.seen.setdefault(writer, []).append((order_of(stream_id), sequence))

    def erase(self, body: bytes) -> None:
        try:
            removed = msgspec.json.decode(body, type=_Removed).removed
        except msgspec.MsgspecError:
            return
        for writer, sequence in removed:
            self.erased.setdefault(writer, set()).add(sequence)


async def check(store: Store, out: Path, partitions: int) -> Proof:
    """Hold the files of a folder to what the store's writers say. Raises StoreUnavailable, NotesDamaged."""
    tally, gaps, earlier = _Tally(), list[Gap](), list[Gap]()
    names = dict.fromkeys(map(slice_of, range(partitions)))
    for name in names:
        within = [number for number in range(partitions) if slice_of(number) == name]
        reached = SliceNotes(out, name).reached()
        said = {number: await store.sinks.sequences(number) for number in within}
        found = {number: _Partition() for number in within}
        for number in within:
            waiting = [entry async for entry in store.read_log(number, reached.offsets.get(number, "0"))]
            _add_waiting(found[number], waiting)
            tally.waiting += len(waiting)
        with held_for_reading(out, name):
            _add_written(found, by_slice(files_of(out, LOG)).get(name, []), tally)
        for number in within:
            for gap in _gaps(number, found[number], said[number], tally):
                (earlier if _before_begin(gap, found[number], reached) else gaps).append(gap)
    return Proof(tally.written, tally.waiting, tally.twice, tuple(gaps), tuple(earlier), tally.restarts)


def missing_between(out: Path) -> int:
    """How many entries the files of a folder lack before later ones of the same writers, told without the store: a file
    that was lost. Raises NotesDamaged."""
    missing, tally = 0, _Tally()
    for name, files in by_slice(files_of(out, LOG)).items():
        reached, found = SliceNotes(out, name).reached(), defaultdict[int, _Partition](_Partition)
        _add_written(found, files, tally)
        for number, partition in found.items():
            gaps = _gaps(number, partition, {}, tally)
            missing += sum(gap.entries for gap in gaps if not _before_begin(gap, partition, reached))
    return missing


def _add_waiting(partition: _Partition, entries: Iterable[LogEntry]) -> None:
    for entry in entries:
        partition.add(entry.writer, entry.stream_id, entry.sequence)
        if entry.kind == "erase":
            partition.erase(entry.body)


def _add_written(found: Mapping[int, _Partition], files: list[Path], tally: _Tally) -> None:
    if not files:
        return
    rows = pl.scan_parquet(files, hive_partitioning=False)
    named = rows.select("partition", "writer", "stream_id", "sequence").collect()
    once = named.unique()
    tally.written += once.height
    tally.twice += named.height - once.height
    for number, writer, stream_id, sequence in once.iter_rows():
        found[number].add(writer, stream_id, sequence)
    erasures = rows.filter(pl.col("kind") == "erase").select("partition", "body").collect()
    for number, body in erasures.iter_rows():
        found[number].erase(body)


def _gaps(number: int, partition: _Partition, said: Mapping[str, int], tally: _Tally) -> list[Gap]:
    gaps = []
    for writer in sorted({*partition.seen, *said, *partition.erased}):
        erased = partition.erased.get(writer, set())
        lives = _lives(sorted(set(partition.seen.get(writer, []))))
        tally.restarts += len(lives) - 1
        for life, numbers in enumerate(lives):
            last = said.get(writer, 0) if life == len(lives) - 1 else max(numbers)
            gaps += [Gap(number, writer, *gap) for gap in _holes(numbers | erased, max(last, *numbers, 0))]
    return gaps


def _lives(seen: Sequence[tuple[tuple[int, int], int]]) -> list[set[int]]:
    """Running numbers in the order of the stream, cut where they begin anew."""
    lives: list[set[int]] = [set()]
    before = 0
    for _, sequence in seen:
        if sequence <= before:
            lives.append(set())
        lives[-1].add(sequence)
        before = sequence
    return lives


def _holes(numbers: set[int], last: int) -> Numbers:
    """What is missing of 1 .. last."""
    holes, expected = [], 1
    for number in sorted(one for one in numbers if one <= last):
        if number > expected:
            holes.append((expected, number - 1))
        expected = number + 1
    if expected <= last:
        holes.append((expected, last))
    return holes


def _before_begin(gap: Gap, partition: _Partition, reached: Reached) -> bool:
    """Whether a writer's first numbers are missing because the log had been trimmed before the folder began."""
    if gap.partition not in reached.began or gap.first != 1:
        return False
    seen = partition.seen.get(gap.writer)
    return seen is None or entered_ms(reached.began[gap.partition]) <= min(seen)[0][0]
