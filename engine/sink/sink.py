"""The sink: takes what is new in each slice of the log, writes it, and notes how far it came.

Whoever holds a slice writes it; any number of sinks may work on one folder, and each takes what no other has at hand.
A batch is noted before it is written and its end after: a sink that dies leaves what the next one removes and reads
again, so that every entry stands in the files once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from documents.problem import BefitError
from engine.sink.files import begin_table, settle, write_bytes
from engine.sink.late import erase, mark_voided
from engine.sink.late_outcomes import LateOutcomes
from engine.sink.layout import SCHEMAS, SLICE, order_of, partitions_of, slice_name
from engine.sink.log_files import Entries, by_hour, voided_in
from engine.sink.output import Output
from engine.sink.packing import recover
from engine.sink.slice_notes import Reached, SliceNotes, held
from engine.sink.tables import Tables
from engine.store import LogEntry, Store

PAGE = 500
"""Entries of one partition in one batch."""
_NONE = "0"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with its id in the store, and how many partitions the store has."""

    out: Path
    id: str
    partitions: int

    @property
    def slices(self) -> range:
        return range(-(-self.partitions // SLICE))


class FolderStrange(BefitError):
    """The folder holds a log, and this store does not know the folder; the message says what may be meant."""


async def refuse_strange(store: Store, place: Place) -> None:
    """Raises FolderStrange: going on where another store's log ended would leave out what this one has from before.
    Raises StoreUnavailable, NotesDamaged."""
    if await _strange(store, place):
        told = "take another folder, or --adopt it, which leaves out entries that are older than what it holds"
        raise FolderStrange(f"{place.out} {_STRANGE}: {told}")


async def refuse_strange_proof(store: Store, place: Place) -> None:
    """Raises FolderStrange: a store that does not know the folder has nothing that could be missing there. Raises
    StoreUnavailable, NotesDamaged."""
    if await _strange(store, place):
        told = "so it cannot be proved by this one: name its own with --project or --redis-url"
        raise FolderStrange(f"{place.out} {_STRANGE}, {told}")


_STRANGE = "holds the log of another store, or of this one before it was emptied, or was given up with --forget"


async def _strange(store: Store, place: Place) -> bool:
    if place.id in await store.sinks.reached():
        return False
    return any(SliceNotes(place.out, slice_name(one)).reached().offsets for one in place.slices)


@dataclass(frozen=True, slots=True)
class Passed:
    """One pass over the slices: entries written, slices that another sink had at hand."""

    entries: int
    busy: tuple[int, ...] = ()


class Sink:
    """Writes the log of `store` into a place; `late` sees to complaints of decisions that the store forgot."""

    def __init__(
        self,
        store: Store,
        place: Place,
        tables: Tables,
        outputs: Sequence[Output] = (),
        late: LateOutcomes | None = None,
    ) -> None:
        self._store = store
        self.place = place
        self._tables = tables
        self._outputs = outputs
        self._late = late

    async def write(self, first: int = 0) -> Passed:
        """Write what is new, beginning with one of the slices so that several sinks do not ask for the same.

        Raises StoreUnavailable, NotesDamaged, OutputFailed, OSError; what was reached before stays reached.
        """
        await self._keep_schemas()
        slices, entries, busy = self.place.slices, 0, []
        for step in slices:
            number = (first + step) % len(slices)
            with held(self.place.out, slice_name(number)) as ours:
                if ours:
                    entries += await self._write_slice(number)
                else:
                    busy.append(number)
        return Passed(entries, tuple(busy))

    async def _write_slice(self, number: int) -> int:
        notes = SliceNotes(self.place.out, slice_name(number))
        notes.recover()
        recover(self.place.out, slice_name(number))
        reached = await self._begun(number, notes.reached())
        written, more = 0, True
        while more:
            entries, more = await self._next(number, reached)
            if entries:
                reached = await self._write_batch(slice_name(number), notes, _after(reached, entries), entries)
            written += len(entries)
        await self._store.sinks.reach(self.place.id, _told(number, self.place, reached))
        return written

    async def _begun(self, number: int, reached: Reached) -> Reached:
        """With what was trimmed before this folder began; the store is told that it takes part, so that from now on
        nothing is trimmed that it does not have."""
        fresh = [one for one in partitions_of(number, self.place.partitions) if one not in reached.offsets]
        if not fresh:
            return reached
        await self._store.sinks.reach(self.place.id, _told(number, self.place, reached))
        trimmed = await self._store.sinks.trimmed()
        began = {one: trimmed[one] for one in fresh if one in trimmed}
        return Reached(reached.offsets, {**began, **reached.began}, reached.entries)

    async def _next(self, number: int, reached: Reached) -> tuple[Entries, bool]:
        """Up to a page of each partition, and whether there may be more."""
        numbers = partitions_of(number, self.place.partitions)
        pages = await asyncio.gather(*(self._page(one, reached.offsets.get(one, _NONE)) for one in numbers))
        entries = [(one, entry) for one, page in zip(numbers, pages, strict=True) for entry in page]
        return entries, any(len(page) == PAGE for page in pages)

    async def _page(self, partition: int, after: str) -> list[LogEntry]:
        page: list[LogEntry] = []
        async for entry in self._store.read_log(partition, after):
            page.append(entry)
            if len(page) == PAGE:
                break
        return page

    async def _write_batch(self, name: str, notes: SliceNotes, reached: Reached, entries: Entries) -> Reached:
        for output in self._outputs:
            output.send(entries)
        out, voided = self.place.out, voided_in(entries)
        frames: dict[Path, pl.DataFrame] = {}
        for place, some in by_hour(name, entries).items():
            made = await self._tables.frames(some, voided)
            frames |= {out / table / place: frame for table, frame in made.items()}
        notes.begin(list(frames), reached)
        for beside, path in [(begin_table(path, frame), path) for path, frame in frames.items()]:
            settle(beside, path)
        await self._bring_late(name, [entry for _, entry in entries])
        notes.finish(reached)
        return reached

    async def _bring_late(self, name: str, entries: Sequence[LogEntry]) -> None:
        mark_voided(self.place.out, name, [entry for entry in entries if entry.kind == "void"])
        for entry in entries:
            if entry.kind == "erase":
                erase(self.place.out, name, self._tables.names, entry)
        if self._late is not None:
            await self._late.see_to(name, entries)

    async def _keep_schemas(self) -> None:
        """The schemas of logged vectors beside the log, so that it can be read without the store."""
        schemas = (await self._store.read_settings()).schemas
        self._tables = self._tables.reading(schemas)
        for name, written in schemas.items():
            path = self.place.out / SCHEMAS / f"{name}.json"
            if not path.exists():
                write_bytes(path, written)


def _after(reached: Reached, entries: Entries) -> Reached:
    offsets = dict(reached.offsets)
    for number, entry in entries:
        offsets[number] = max(offsets.get(number, _NONE), entry.stream_id, key=order_of)
    return Reached(offsets, reached.began, reached.entries + len(entries))


def _told(number: int, place: Place, reached: Reached) -> dict[int, str]:
    return {one: reached.offsets.get(one, _NONE) for one in partitions_of(number, place.partitions)}
