"""The intervals of limits: when the hour, day, week or month of a moment begins and ends on the company's clock, and
how much of its expected demand has gone by. Instants are seconds since the epoch; a day may have 23 or 25 hours."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.local_time import DAY, MONTH, WEEK, calendar_start

HOUR = "hour"
CALENDARS = (HOUR, DAY, WEEK, MONTH)
_HOUR_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start` up to, but without, `end`."""

    start: float
    end: float


def interval_of(per: str, now: float, zone: ZoneInfo) -> Interval:
    """The calendar interval that `now` falls into."""
    if per == HOUR:
        local = datetime.fromtimestamp(now, zone)
        start = now - (local.minute * 60 + local.second + local.microsecond * 1e-6)
        start = float(round(start))
        return Interval(start, start + _HOUR_SECONDS)
    start = calendar_start(per, now, zone)
    first = datetime.fromtimestamp(start, zone).date()
    days = {DAY: 1, WEEK: 7, MONTH: 31}[per]
    after = first + timedelta(days=days)
    if per == MONTH:
        after = after.replace(day=1)
    return Interval(start, datetime(after.year, after.month, after.day, tzinfo=zone).timestamp())


class Demand:
    """How much of an interval's expected demand has gone by at any moment, as a share: straight between whole hours.

    `by_hour` are 24 weights by the hour of the local day, empty = the same in all; all of them 0 counts as that too.
    """

    def __init__(self, interval: Interval, by_hour: Sequence[float], zone: ZoneInfo) -> None:
        self.interval = interval
        self._times, sums = [interval.start], [0.0]
        at = interval.start
        while at < interval.end:
            hour = interval_of(HOUR, at, zone)
            until = min(hour.end, interval.end)
            weight = by_hour[datetime.fromtimestamp(at, zone).hour] if by_hour else 1.0
            sums.append(sums[-1] + weight * (until - at))
            self._times.append(until)
            at = until
        total = sums[-1]
        even = interval.end - interval.start
        self._shares = [
            one / total if total > 0 else (at - interval.start) / even
            for one, at in zip(sums, self._times, strict=True)
        ]

    def gone(self, now: float) -> float:
        """The share in [0, 1]."""
        if now <= self._times[0]:
            return 0.0
        if now >= self._times[-1]:
            return 1.0
        place = bisect_right(self._times, now)
        before, after = self._times[place - 1], self._times[place]
        low, high = self._shares[place - 1], self._shares[place]
        return low + (high - low) * (now - before) / (after - before)
