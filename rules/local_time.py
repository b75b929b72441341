"""A customer's clock: local zones, when a calendar day, week or month began, and when quiet hours end.

Instants are seconds since the epoch. Summer time is taken into account: a local day may have 23 or 25 hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY, WEEK, MONTH = "day", "week", "month"
_MOST_HOPS = 8

Window = tuple[int, int]
"""From and to, minutes of the local day; a window whose end is not after its start passes midnight."""


@lru_cache(maxsize=1024)
def zone_of(name: str, otherwise: str) -> ZoneInfo:
    """The zone of that IANA name; `otherwise` where it is empty or unknown."""
    try:
        return ZoneInfo(name or otherwise)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(otherwise)


def calendar_start(calendar: str, now: float, zone: ZoneInfo) -> float:
    """When the local day, week (from Monday) or month of `now` began."""
    local = datetime.fromtimestamp(now, zone)
    back = {DAY: 0, WEEK: local.weekday(), MONTH: local.day - 1}[calendar]
    first = local.date() - timedelta(days=back)
    return min(datetime(first.year, first.month, first.day, tzinfo=zone).timestamp(), now)


def quiet_until(now: float, windows: Sequence[Window], zone: ZoneInfo) -> float | None:
    """The end of the quiet hours that `now` falls into, by all windows together; None outside of them.

    Where clocks go forward over an end, quiet lasts until the same time on the new clock would have come: at
    most an hour longer than the shortest reading.
    """
    at = now
    for _ in range(_MOST_HOPS):
        within = next((window for window in windows if _quiet(at, window, zone)), None)
        if within is None:
            break
        at = _end_after(at, within, zone)
    return at if at > now else None


def _quiet(at: float, window: Window, zone: ZoneInfo) -> bool:
    local = datetime.fromtimestamp(at, zone)
    minute = local.hour * 60 + local.minute
    start, end = window
    return start <= minute < end if start < end else minute >= start or minute < end


def _end_after(at: float, window: Window, zone: ZoneInfo) -> float:
    """The first instant after `at` at which the window ends on the local clock; on the day after next where clocks go
    forward over all the time between its end and its next beginning."""
    today = datetime.fromtimestamp(at, zone).date()
    hour, minute = divmod(window[1], 60)
    ends = (
        datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold).timestamp()
        for day in (today, today + timedelta(days=1), today + timedelta(days=2))
        for fold in (0, 1)
    )
    return min(end for end in ends if end > at and not _quiet(end, window, zone))
