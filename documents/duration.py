"""Durations as people write them: a number and a unit, such as 90s, 2h, 14d or 4w."""

from __future__ import annotations

import re

LONGEST_SECONDS = 100 * 366 * 86400.0
_WRITTEN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?([smhdw])\Z")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}


def parse_duration(text: str) -> float | None:
    """Seconds, or None where `text` is not a duration above 0 and at most a hundred years.

    >>> parse_duration("14d")
    1209600.0
    >>> parse_duration("soon") is None
    True
    """
    found = _WRITTEN.match(text)
    if found is None:
        return None
    seconds = float(found[1]) * _SECONDS[found[2]]
    return seconds if 0 < seconds <= LONGEST_SECONDS else None
