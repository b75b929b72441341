"""What is known of one bundle: what its manifest says, and what was noted of it since."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from documents.problem import BefitError
from models.manifest import PARENTS, Manifest

_FIGURES = ("auc", "auc_within_actions", "log_loss", "calibration_error")


class NotesDamaged(BefitError):
    """A file of notes cannot be read; the message names it."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluation: when (s), on which choices (`source`, `first` to `last`, s), against which champion ("" = the
    rules alone), with what result: `told` as `befit evaluate -o json` has it."""

    at: float
    source: str
    first: float
    last: float
    against: str
    told: Mapping[str, Any]


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """One decision about promotion: when (s), by whom, whether the gate let it pass and whether it was promoted all the
    same, `why` in the gate's words, `reason` in those of whoever forced it; `champion` the one it was to replace. Where
    two people must agree it is not promoted yet but `waits`, under this name; `approver` is the second."""

    at: float
    author: str
    promoted: bool
    passed: bool
    why: str
    reason: str = ""
    champion: str = ""
    waits: str = ""
    approver: str = ""


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """All that was noted of a bundle, oldest first."""

    revision: str
    evaluations: tuple[Judged, ...] = ()
    decisions: tuple[Decided, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One bundle. `place` "" and no figures where only notes of it are left; `start` and `end` (s) span what it learnt
    from."""

    revision: str
    place: str = ""
    name: str = ""
    created_at: float = 0.0
    parents: tuple[str, ...] = ()
    start: float = 0.0
    end: float = 0.0
    rows: int = 0
    level: str = ""
    figures: Mapping[str, float | None] = msgspec.field(default_factory=dict)
    evaluations: tuple[Judged, ...] = ()
    decisions: tuple[Decided, ...] = ()

    @property
    def promoted_at(self) -> float | None:
        """When it was promoted last (s); None = never."""
        return max((one.at for one in self.decisions if one.promoted), default=None)

    @property
    def waiting(self) -> Decided | None:
        """The decision that waits for another person, where that is the last word."""
        return self.decisions[-1] if self.decisions and self.decisions[-1].waits else None


def entry_of(manifest: Manifest, place: Path, notes: Notes) -> Entry:
    """The entry of a bundle that lies in `place`."""
    return Entry(
        revision=manifest.revision,
        place=str(place),
        name=manifest.name,
        created_at=manifest.created_at,
        parents=tuple(manifest.metrics.get(PARENTS, ())),
        start=manifest.training.start,
        end=manifest.training.end,
        rows=manifest.training.rows,
        level=manifest.served.level.value,
        figures={name: manifest.metrics[name] for name in _FIGURES if name in manifest.metrics},
        evaluations=notes.evaluations,
        decisions=notes.decisions,
    )


def read_notes(path: Path) -> Notes:
    """Raises NotesDamaged, OSError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Notes)
    except msgspec.MsgspecError as damage:
        raise NotesDamaged(f"{path} cannot be read: {damage}") from damage


def written_notes(notes: Notes) -> bytes:
    """Plain JSON, for people too."""
    return msgspec.json.format(msgspec.json.encode(notes), indent=1)
