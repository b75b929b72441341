"""Changes of the policy while a server is measured: every one another revision, told apart by its marker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from befit import Client, ClientError, changes
from loadtest.marking import marked
from loadtest.scenario import Scenario

SECONDS = 120.0


@dataclass(slots=True)
class Reloads:
    """What came of the changes: seconds each took, `refused` reasons, and the marker of each revision put in force."""

    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    late: int = 0

    def mixed(self, seen: Mapping[str, int]) -> int:
        """Answers whose marker is not that of the revision they name; `seen` counts "REVISION MARKER"."""
        counted = ((name.partition(" "), count) for name, count in seen.items())
        return sum(count for (revision, _, mark), count in counted if self.marks.get(revision) != mark)


async def reload(scenario: Scenario, address: str, project: Path, start: float) -> Reloads:
    """Put `scenario.reloads` policies in force, spread over the measured window that opens at `start` (time.monotonic
    seconds); one that takes longer puts off the next, and what the window does not hold is left out."""
    found = Reloads()
    files = {name: (project / name).read_bytes() for name in ("policy.yaml", "features.yaml")}
    with Client(address, timeout_ms=10_000) as client:
        found.marks[(await asyncio.to_thread(client.status)).policy_revision] = ""
        for number in range(1, scenario.reloads + 1):
            due = start + (number - 1) * scenario.seconds / scenario.reloads
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() > start + scenario.seconds:
                break
            await asyncio.to_thread(_put, client, marked(files, number), str(number), found)
    return found


def _put(client: Client, files: Mapping[str, bytes], mark: str, found: Reloads) -> None:
    began = time.monotonic()
    try:
        answer = client.run(changes.activate(files=files, author="loadtest"), SECONDS)
    except ClientError as failure:
        found.refused.append(str(failure))
        return
    found.marks[answer.revision] = mark
    found.late += len(answer.late_workers)
    if answer.activated:
        found.seconds.append(time.monotonic() - began)
    else:
        found.refused.append(answer.fault or "does not hold")
