"""When a promise falls due, from how the date was told."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.decision import Value

LATEST = 253_402_300_799.0


def due_at(told: Value, zone: ZoneInfo) -> float | None:
    """Seconds since 1970 at which it is overdue: the end of a day in `zone`, a time with its zone (the given one where
    it has none), or seconds as they are. None = it is no date."""
    try:
        return _within(_read(told, zone))
    except (ValueError, OverflowError):
        return None


def _read(told: Value, zone: ZoneInfo) -> float:
    if isinstance(told, bool):
        raise ValueError("a flag is no date")
    if not isinstance(told, str):
        return float(told)
    if len(told) == 10:
        after = date.fromisoformat(told) + timedelta(days=1)
        return datetime.combine(after, time.min, zone).timestamp()
    moment = datetime.fromisoformat(told)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def _within(at: float) -> float | None:
    return at if 0.0 < at <= LATEST else None
