"""A folder of bundles, `<folder>/<any name>/manifest.json`, with notes beside them as plain JSON,
`<folder>/<revision>.json`.

What a bundle was made from stands in its own manifest, so a bundle that is copied here is known at once; how it was
judged and what was decided of it stands in the notes, and stays when the bundle is gone.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from documents.problem import BefitError
from engine.registry.entry import Decided, Entry, Judged, Notes, entry_of, read_notes, written_notes
from models.manifest import MANIFEST_FILE, Manifest, manifest_from_json

_REVISION = re.compile("[0-9a-f]+")
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError)


class NotInRegistry(BefitError):
    """No bundle or several go by a name; the message says which there are."""


class Registry:
    """The bundles of one folder. Raises NotesDamaged, OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> tuple[Entry, ...]:
        """All bundles, the newest first; those of which only notes are left come last."""
        there = [entry_of(manifest, place, self._notes(manifest.revision)) for manifest, place in self._bundles()]
        known = {one.revision for one in there}
        others = (path for path in sorted(self.folder.glob("*.json")) if path.stem not in known)
        noted = [read_notes(path) for path in others if _REVISION.fullmatch(path.stem)]
        gone = [Entry(revision=one.revision, evaluations=one.evaluations, decisions=one.decisions) for one in noted]
        return (*sorted(there, key=lambda one: (-one.created_at, one.revision)), *gone)

    def find(self, name: str) -> Entry:
        """The entry with this revision, or the beginning of one, or this folder, by name or path; of copies of one
        model any. Raises NotInRegistry."""
        found = [one for one in self.entries() if one.revision.startswith(name) or _lies_at(one, name)]
        if len({one.revision for one in found}) == 1:
            return found[0]
        there = ", ".join(one.revision for one in found or self.entries()) or "none"
        many = "several models go" if found else "no model goes"
        raise NotInRegistry(f"{many} by {name!r} in {self.folder}; there are: {there}")

    def champion(self) -> Entry | None:
        """The one that was promoted last."""
        promoted = [one for one in self.entries() if one.promoted_at is not None]
        return max(promoted, key=lambda one: one.promoted_at or 0.0, default=None)

    def note(self, revision: str, *noted: Judged | Decided) -> None:
        """Note evaluations and decisions of a bundle, whole or not at all."""
        notes = self._notes(revision)
        judged = tuple(one for one in noted if isinstance(one, Judged))
        decided = tuple(one for one in noted if isinstance(one, Decided))
        more = msgspec.structs.replace(
            notes, evaluations=(*notes.evaluations, *judged), decisions=(*notes.decisions, *decided)
        )
        _write_whole(self._path(revision), written_notes(more))

    def _bundles(self) -> Iterator[tuple[Manifest, Path]]:
        for path in sorted(self.folder.glob(f"[!.]*/{MANIFEST_FILE}")):
            try:
                yield manifest_from_json(path.read_bytes()), path.parent
            except _MALFORMED:
                continue

    def _notes(self, revision: str) -> Notes:
        path = self._path(revision)
        return read_notes(path) if path.exists() else Notes(revision=revision)

    def _path(self, revision: str) -> Path:
        return self.folder / f"{revision}.json"


def _lies_at(entry: Entry, name: str) -> bool:
    place = Path(entry.place)
    return bool(entry.place) and (place.name == name or place.resolve() == Path(name).resolve())


def _write_whole(path: Path, content: bytes) -> None:
    descriptor, fresh = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(fresh).replace(path)
