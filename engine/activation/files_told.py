"""How the project's files stand to what is in force, in words, and as things stand now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.activation.in_force import FileNotice, InForce, Pending, Standing

KNOWN = "they were known before, and a start leaves such files alone"
NOT_WATCHED = "this server does not take changed files by itself"
SINCE = "something else was put in force since"
_STANDS = {
    Standing.IN_FORCE: "are in force",
    Standing.PENDING: "wait for another person",
    Standing.DIFFERS: "are not in force",
}


def differing(notice: FileNotice, in_force: InForce, why: str) -> FileNotice:
    """Files that are not in force; `why` is one of the reasons above."""
    said = f"{why}. Policy {in_force.policy} decides; to put the files in force: befit policy activate"
    return replace(notice, standing=Standing.DIFFERS, said=said)


def waiting(notice: FileNotice, revision: str) -> FileNotice:
    """Files that wait for another person under this name."""
    return replace(notice, standing=Standing.PENDING, said=f"approve it with: befit policy approve {revision}")


def as_things_stand(notice: FileNotice, in_force: InForce | None, pending: Sequence[Pending]) -> FileNotice:
    """A notice that was right when it was told, after what others asked for or approved since."""
    if notice.standing is Standing.REFUSED:
        return notice
    waits = next((one for one in pending if notice.revision in one.names), None)
    if in_force is not None and notice.revision == in_force.policy:
        return replace(notice, standing=Standing.IN_FORCE, said="")
    if waits is not None:
        return waiting(notice, waits.key)
    if in_force is not None and notice.standing is not Standing.DIFFERS:
        return differing(notice, in_force, SINCE)
    return notice


def in_words(notice: FileNotice) -> str:
    """For the log of a server; files that do not hold are told with what is wrong with them instead."""
    stands = f"the project's files (policy {notice.revision}) {_STANDS[notice.standing]}"
    return f"{stands}: {notice.said}" if notice.said else stands
