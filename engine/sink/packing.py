"""Puts the many small files of an hour that is over together, one file for each slice and table: a sink that passes
once a minute leaves sixty of each, and queries open every one.

What is put together is noted before it comes to its place and removed after, by whoever holds the slice: a sink that
dies in between leaves rows twice for a moment, never fewer, and the next one tidies up. Who reads a slice by
`held_for_reading` sees its files stay.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import polars as pl

from engine.sink.files import SUFFIX, settle, sync_folder, write_bytes
from engine.sink.layout import NOTES, TABLES, hour_folder
from engine.sink.slice_notes import SliceNotes, held, reading_lock

HOUR_MS = 3_600_000
SETTLED_MS = 600_000
"""After the end of an hour: its entries have been written by then."""
LOOK_BACK = 48
"""Hours that are looked at; of earlier ones the files stay as they are."""
SMALL, LARGE = 32 << 20, 128 << 20
"""Bytes: only smaller files are put together, up to so many."""


class _Packing(msgspec.Struct, frozen=True):
    """Files below the folder: what is made, of which."""

    made: str
    of: list[str]


def pack(out: Path, slice_name: str, now: float) -> int:
    """Pack what is over at `now` (s) of a slice that nobody writes or reads; how many files are gone. Raises OSError,
    NotesDamaged."""
    gone = 0
    with held(out, slice_name) as ours, _packs(out, slice_name) as alone:
        if ours and alone:
            SliceNotes(out, slice_name).recover()
            recover(out, slice_name)
            for hour in _hours(now):
                for table in TABLES:
                    gone += _pack_hour(out, slice_name, out / table / hour)
    return gone


def recover(out: Path, slice_name: str) -> None:
    """End what a sink began that died; under the slice's lock."""
    note = _note(out, slice_name)
    try:
        begun = msgspec.json.decode(note.read_bytes(), type=_Packing)
    except FileNotFoundError:
        return
    made = out / begun.made
    made.with_name(made.name + SUFFIX).unlink(missing_ok=True)
    if made.exists():
        for name in begun.of:
            (out / name).unlink(missing_ok=True)
        sync_folder(made.parent)
    note.unlink()


@contextlib.contextmanager
def held_for_reading(out: Path, slice_name: str) -> Iterator[None]:
    """For the block the slice's files are not put together; new ones may come."""
    try:
        lock = reading_lock(out, slice_name).open("rb")
    except (FileNotFoundError, PermissionError):
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def _packs(out: Path, slice_name: str) -> Iterator[bool]:
    """Whether nobody reads the slice for the block."""
    with reading_lock(out, slice_name).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _note(out: Path, slice_name: str) -> Path:
    return out / NOTES / f"{slice_name}.packing.json"


def _hours(now: float) -> Iterator[Path]:
    last = (int(now * 1000) - SETTLED_MS) // HOUR_MS
    for number in range(max(0, last - LOOK_BACK), last):
        yield hour_folder(number * HOUR_MS)


def _pack_hour(out: Path, slice_name: str, folder: Path) -> int:
    small, total = list[Path](), 0
    for path in sorted(folder.glob(f"{slice_name}-*.parquet")):
        size = path.stat().st_size
        if size < SMALL and total + size <= LARGE:
            small.append(path)
            total += size
    if len(small) < 2:
        return 0
    try:
        _together(out, slice_name, small)
    except pl.exceptions.PolarsError:
        # Columns that changed their type within the hour: the files stay apart, and readable.
        return 0
    return len(small) - 1


def _together(out: Path, slice_name: str, small: list[Path]) -> None:
    made = small[0].with_name(_name(slice_name, small))
    beside = made.with_name(made.name + SUFFIX)
    of = [str(path.relative_to(out)) for path in small]
    write_bytes(_note(out, slice_name), msgspec.json.encode(_Packing(str(made.relative_to(out)), of)))
    rows = [pl.scan_parquet(path, hive_partitioning=False) for path in small]
    try:
        pl.concat(rows, how="diagonal").sink_parquet(beside, compression="zstd", statistics=True)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        settle(beside, made)
    finally:
        recover(out, slice_name)


def _name(slice_name: str, small: list[Path]) -> str:
    """As engine/sink/layout.py names files: the moments of all, and a digest of their names."""
    parts = [path.stem.split("-") for path in small]
    first, last = min(int(one[1]) for one in parts), max(int(one[2]) for one in parts)
    digest = hashlib.sha256("\n".join(path.name for path in small).encode()).hexdigest()
    return f"{slice_name}-{first}-{last}-{digest[:8]}.parquet"
