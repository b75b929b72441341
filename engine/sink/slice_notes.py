"""How far a folder has a slice of the log, kept beside the tables: one file a slice, changed in one step.

A sink holds a slice's lock while it writes there. The system frees the lock when the sink dies, so the next one goes
on at once; what was begun and not noted as reached is removed first, and read from the store again.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec

from documents.problem import BefitError
from engine.sink.files import SUFFIX, sync_folder, write_bytes
from engine.sink.layout import NOTES

_FOLDER = "folder.json"
T = TypeVar("T")


class NotesDamaged(BefitError):
    """A note of the sink cannot be read; the message names the file."""


class Reached(msgspec.Struct, frozen=True):
    """By partition: the stream id up to which all is written; and, where the log had been trimmed before this folder
    began, below which one. `entries` were written."""

    offsets: dict[int, str] = {}
    began: dict[int, str] = {}
    entries: int = 0


class _Pending(msgspec.Struct, frozen=True):
    """Files that are being written, below the folder, and what is reached once they are."""

    files: list[str]
    reached: Reached


class _Folder(msgspec.Struct, frozen=True):
    """Of a folder: its id in the store and how many partitions the store has."""

    id: str
    partitions: int


class SliceNotes:
    """The notes of one slice; used while its lock is held. Raises NotesDamaged, OSError."""

    def __init__(self, out: Path, slice_name: str) -> None:
        self._out = out
        self._reached = out / NOTES / f"{slice_name}.json"
        self._pending = out / NOTES / f"{slice_name}.pending.json"

    def reached(self) -> Reached:
        return _read(self._reached, Reached) or Reached()

    def recover(self) -> None:
        """Remove what a sink wrote that died before it was done."""
        pending = _read(self._pending, _Pending)
        if pending is None:
            return
        if pending.reached != self.reached():
            for name in pending.files:
                (self._out / name).unlink(missing_ok=True)
                (self._out / (name + SUFFIX)).unlink(missing_ok=True)
        self._drop_pending()

    def begin(self, files: list[Path], reached: Reached) -> None:
        """These files are about to be written; with them, this is reached."""
        names = [str(path.relative_to(self._out)) for path in files]
        write_bytes(self._pending, msgspec.json.encode(_Pending(names, reached)))

    def finish(self, reached: Reached) -> None:
        """All files are in their places."""
        write_bytes(self._reached, msgspec.json.encode(reached))
        self._drop_pending()

    def _drop_pending(self) -> None:
        self._pending.unlink(missing_ok=True)
        sync_folder(self._pending.parent)


@contextlib.contextmanager
def held(out: Path, slice_name: str) -> Iterator[bool]:
    """Whether the slice is ours for the block; False while another sink holds it. Raises OSError."""
    with (out / NOTES / f"{slice_name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        reading_lock(out, slice_name).touch()
        yield True


def reading_lock(out: Path, slice_name: str) -> Path:
    """The lock that is shared by those who read a slice; it is there as soon as the slice's files are."""
    return out / NOTES / f"{slice_name}.reading.lock"


def folder_id(out: Path, partitions: int, fresh: UUID) -> str:
    """The id under which the store knows the folder, `fresh` if it is new. Raises NotesDamaged for a folder that holds
    the log of a store with another number of partitions."""
    notes = out / NOTES
    notes.mkdir(parents=True, exist_ok=True)
    with (notes / "folder.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = _read(notes / _FOLDER, _Folder)
        if known is None:
            known = _Folder(fresh.hex, partitions)
            write_bytes(notes / _FOLDER, msgspec.json.encode(known))
    if known.partitions != partitions:
        raise NotesDamaged(f"{out} holds the log of a store with {known.partitions} partitions, not {partitions}")
    return known.id


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as damage:
        raise NotesDamaged(f"{path} cannot be read: {damage}") from damage
