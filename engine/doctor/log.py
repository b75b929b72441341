"""How long the log in the store is, and how far the folders are that take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.doctor.finding import Finding, note, well
from engine.doctor.vitals import StreamVitals, seconds_of

BEHIND_S = 3600.0
"""A folder may lag so long behind before it is worth a look."""


def log_findings(
    streams: Sequence[StreamVitals], reached: Mapping[str, Mapping[int, str]], now: float
) -> Iterator[Finding]:
    """The length of the log, then each folder that takes it."""
    entries = sum(one.entries for one in streams)
    oldest = min((one.oldest_at for one in streams if one.oldest_at is not None), default=now)
    found = f"{entries:,} entries in the store, the oldest of {_ago(now - oldest)}"
    if not entries:
        yield well("log", "no entry in the store")
    elif reached:
        yield well("log", found)
    else:
        yield note("log", f"{found}; no folder takes them", "befit sink --out FOLDER --follow")
    for folder, offsets in sorted(reached.items()):
        yield _folder(folder, max((_behind(one, offsets.get(at)) for at, one in enumerate(streams)), default=0.0))


def _folder(folder: str, behind: float) -> Finding:
    name = f"log folder {folder[:8]}"
    if behind > BEHIND_S:
        mend = "befit sink --out FOLDER --follow, or --forget where the folder is given up"
        return note(name, f"behind the store by {_ago(behind).removesuffix(' ago')}: nothing newer is trimmed", mend)
    return well(name, "has all but the newest")


def _behind(stream: StreamVitals, reached: str | None) -> float:
    """By how many seconds a folder misses the newest entry of a partition."""
    if stream.newest_at is None or reached == stream.newest:
        return 0.0
    begin = stream.oldest_at if reached is None else seconds_of(reached)
    return max(stream.newest_at - (stream.newest_at if begin is None else begin), 0.0)


def _ago(seconds: float) -> str:
    for name, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {name} ago"
    return f"{seconds:.0f} seconds ago"
