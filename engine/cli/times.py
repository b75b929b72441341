"""A moment as people write it on a command line."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.cli.exits import UsageMistaken


def moment(text: str, flag: str) -> float | None:
    """Seconds since the epoch of an ISO 8601 moment, UTC where it names no zone, or of a number; None for "".

    Raises UsageMistaken.
    """
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageMistaken(f"{flag} {text}: write a moment as 2026-09-24 or 2026-09-24T12:00:00Z") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
