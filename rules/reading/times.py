"""Dates, times of day and time zones as people write them."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from documents.reader import Reader
from documents.strict_yaml import Node

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?\Z")


def read_zone(reader: Reader, node: Node) -> str | None:
    """The name of a time zone that this machine's tz database (or the tzdata package) knows."""
    name = reader.text(node)
    if name is None or zone_known(name):
        return name
    hint = reader.hint(name, available_timezones())
    reader.report(node, "unknown-time-zone", f"there is no time zone {name[:80]!r}", hint)
    return None


def zone_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def read_date(reader: Reader, node: Node, zone: ZoneInfo) -> float | None:
    """Seconds since the epoch of a date (its first moment) or a date with a time, in `zone` unless it names one."""
    text = node.value
    if isinstance(text, str) and _DATE.match(text):
        try:
            found = datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=zone)).timestamp()
        except (ValueError, OverflowError):
            pass
    hint = "write it as 2026-01-31 or 2026-01-31T09:30"
    reader.report(node, "bad-date", f"{str(text)[:40]!r} is not a date", hint)
    return None


def read_clock(reader: Reader, node: Node) -> int | None:
    """Minutes of the day of a time such as 21:00."""
    found = _CLOCK.match(node.value) if isinstance(node.value, str) else None
    if found is None:
        message = f"{str(node.value)[:40]!r} is not a time of day"
        reader.report(node, "bad-time", message, 'write it as "21:00", from "00:00" to "23:59"')
        return None
    return int(found[1]) * 60 + int(found[2])
