"""A moment as people write it on a command line."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from documents.duration import parse_duration
from engine.cli.exits import UsageMistaken


def moment(text: str, flag: str, now: float | None = None) -> float | None:
    """Seconds since the epoch of an ISO 8601 moment, UTC where it names no zone, of so long before `now` (7d), or of a
    number; None for "".

    Raises UsageMistaken.
    """
    if not text:
        return None
    ago = parse_duration(text)
    if ago is not None:
        return (time.time() if now is None else now) - ago
    try:
        return float(text)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        wanted = "2026-09-24 or 2026-09-24T12:00:00Z, or how long ago, as 7d"
        raise UsageMistaken(f"{flag} {text}: write a moment as {wanted}") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
