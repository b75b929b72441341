"""Where the sink keeps what: tables by date and hour, files named by what they hold, its own notes under `_sink`.

    log/date=2026-03-01/hour=14/s003-1772373600000-1772373660000-5f0c1a2b.parquet

`s003` is the slice, 32 partitions that are written together; then the first and the last moment (ms) and a digest of
the stream ids: the same entries are always written to the same file. Date and hour (UTC) are when the store took an
entry, which grows along a partition's log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from documents.problem import BefitError
from engine.ids import decided_ms

LOG, DECISIONS, CANDIDATES, OUTCOMES, EVENTS = "log", "decisions", "candidates", "outcomes", "events"
PUSHES = "pushes"
TABLES = (DECISIONS, CANDIDATES, OUTCOMES, EVENTS, PUSHES, LOG)
NOTES, SCHEMAS, POLICIES = "_sink", "schemas", "policies"
SLICE = 32
"""Partitions that are written together."""
_DIGITS = 8
_NEAR_MS = 10_000
"""How far the moment of a decision and that of its entry are apart at most."""


class LogMissing(BefitError):
    """The folder holds no log; the message names it."""


def slice_name(number: int) -> str:
    """The name of a slice."""
    return f"s{number:03d}"


def slice_of(partition: int) -> str:
    """The name of the slice that a partition belongs to."""
    return slice_name(partition // SLICE)


def partitions_of(slice_number: int, partitions: int) -> range:
    """The partitions of a slice, of a store with so many."""
    return range(slice_number * SLICE, min((slice_number + 1) * SLICE, partitions))


def entered_ms(stream_id: str) -> int:
    """When the store took the entry, ms."""
    return int(stream_id.partition("-")[0])


def order_of(stream_id: str) -> tuple[int, int]:
    """What sorts stream ids as the stream does."""
    moment, _, number = stream_id.partition("-")
    return int(moment), int(number or 0)


def hour_folder(moment_ms: int) -> Path:
    """The folder of an hour, below a table's."""
    at = datetime.fromtimestamp(moment_ms / 1000, UTC)
    return Path(f"date={at:%Y-%m-%d}") / f"hour={at:%H}"


def hours_of(decision_id: str) -> tuple[Path, ...]:
    """The folders of the hours in which the store may have taken a decision; none where the text is no id."""
    decided = decided_ms(decision_id)
    found = (hour_folder(max(0, decided + by)) for by in (-_NEAR_MS, 0, _NEAR_MS)) if decided else ()
    return tuple(dict.fromkeys(found))


def file_name(of_slice: str, stream_ids: Mapping[int, list[str]]) -> str:
    """The name of a file that holds these entries, in order, by partition."""
    digest = hashlib.sha256()
    for partition, ids in sorted(stream_ids.items()):
        digest.update(f"{partition} {ids[0]} {ids[-1]} {len(ids)}\n".encode())
    first = min(entered_ms(ids[0]) for ids in stream_ids.values())
    last = max(entered_ms(ids[-1]) for ids in stream_ids.values())
    return f"{of_slice}-{first}-{last}-{digest.hexdigest()[:_DIGITS]}.parquet"


def files_of(out: Path, table: str) -> list[Path]:
    """All files of a table, by hour and name."""
    return sorted((out / table).glob("date=*/hour=*/*.parquet"))


def by_slice(files: Iterable[Path]) -> dict[str, list[Path]]:
    """Files by the slice in their names, in the order of slices."""
    found: dict[str, list[Path]] = {}
    for path in files:
        found.setdefault(path.name.partition("-")[0], []).append(path)
    return dict(sorted(found.items()))
