"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether what was looked at is well."""

    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `found` says how it is, `mend` what to do about it, "" where nothing is to be
    done."""

    what: str
    state: State
    found: str
    mend: str = ""


def well(what: str, found: str) -> Finding:
    return Finding(what, State.WELL, found)


def note(what: str, found: str, mend: str = "") -> Finding:
    return Finding(what, State.NOTE, found, mend)


def wrong(what: str, found: str, mend: str) -> Finding:
    return Finding(what, State.WRONG, found, mend)
