"""What `befit status` tells of what is in force: since when, by whom, what waits, what is wrong with files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.cli.changing import at, told_problem
from engine.cli.policy_challenger import titled

REFUSED = 2
STANDINGS = {
    1: "are in force",
    REFUSED: "DO NOT HOLD: what was in force before decides",
    3: "wait for another person",
    4: "are not in force",
}
"""By the numbers of FileStanding."""


def in_force_rows(found: Any) -> Iterator[tuple[str, str]]:
    """Rows of the table."""
    if not found.HasField("in_force"):
        yield "in force", "the files of this worker: the store has not told yet"
        return
    was = found.in_force
    by = f" by {was.author}" if was.author else ""
    approved = f", approved by {was.approver}" if was.approver else ""
    yield "in force", f"since {at(was.at)}, change {was.epoch} ({was.origin}{by}{approved}) {was.note}".rstrip()
    behind = [one for one in found.worker_states if one.epoch != was.epoch or one.problem]
    for one in behind:
        yield "BEHIND", f"worker {one.name} decides by change {one.epoch} {one.problem}".rstrip()
    if was.HasField("challenge"):
        yield "challenger", titled(was.challenge, underway=True)
    for waiting in found.pending:
        yield (
            "waits",
            f"{waiting.revision} by {waiting.author or 'nobody'} since {at(waiting.at)} {waiting.note}".rstrip(),
        )
    for file in found.files:
        yield (
            "files",
            f"{file.folder} ({file.revision or 'unreadable'}) {STANDINGS[file.standing]}"
            + (f": {file.said}" if file.said else ""),
        )
    for stop in found.stops:
        yield "stopped", f"{stop.action_id} by {stop.by or 'nobody named'} since {at(stop.at)}: {stop.reason}"


def refused_files(found: Any) -> list[str]:
    """What is wrong with files, with places; empty where nothing is."""
    refused = [file for file in found.files if file.standing == REFUSED]
    return [line for file in refused for line in _wrong(file)]


def _wrong(file: Any) -> Iterator[str]:
    yield f"{file.folder} does not hold:"
    yield from map(told_problem, file.problems)
    yield from (case.told for case in file.failed_cases)
    if file.said:
        yield file.said
