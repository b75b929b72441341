"""Which interval of a meter a moment falls into, and how the store counts it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from engine.limits.store import Span
from rules.intervals import Demand, Interval, interval_of
from rules.limits import LimitKind
from rules.meters import Meter

SLICES = 60
"""A rolling window is counted in so many slices; what falls into the oldest counts until all of it is over."""

_POST = "post"
UNPOSTED = Span("", _POST, 0, 0, 0)
_KEPT_INTERVALS = 1.3


class Clock:
    """The intervals of one meter; the last one is kept, since most moments fall into it."""

    def __init__(self, meter: Meter, zone: ZoneInfo) -> None:
        self._limit = meter.limit
        self._zone = zone
        self._demand: Demand | None = None
        self._span = UNPOSTED

    @property
    def calendar(self) -> bool:
        """Whether its periods begin and end with the clock."""
        return bool(self._limit.per)

    @property
    def stepwise(self) -> bool:
        """Whether each period is counted in one bucket: of calendars and posts, not of rolling windows."""
        return self.calendar or self._limit.kind is LimitKind.CAPACITY

    def span(self, now: float) -> Span:
        """The span of a moment; of a capacity, that of no post."""
        if self._limit.kind is LimitKind.CAPACITY:
            return UNPOSTED
        if self._limit.per:
            return self._calendar_span(now)
        slice_s = self._limit.within / SLICES
        oldest = int((now - self._limit.within) // slice_s)
        name = f"{self._limit.within:.0f}s"
        return Span(name, name, int(now // slice_s), oldest, oldest)

    def span_in(self, period: str, now: float) -> Span:
        """The span of a moment; of a capacity, that of the post that the period is about."""
        span = self.span(now)
        return span._replace(period=period) if self._limit.kind is LimitKind.CAPACITY else span

    def next_period(self, period: str, now: float) -> str:
        """The period of a moment, but none that is over once this one has begun. A post's period ends with the next."""
        if self._limit.kind is LimitKind.CAPACITY:
            return period
        span = self.span(now)
        name, _, number = period.rpartition(":") if span.period != period else ("", "", "")
        return period if name == span.name and int(number) > span.number else span.period

    def _calendar_span(self, now: float) -> Span:
        interval, per = self.interval(now), self._limit.per
        start = int(interval.start)
        if self._span.number != start:
            forget = int(start - _KEPT_INTERVALS * (interval.end - interval.start))
            self._span = Span(f"{per}:{start}", per, start, start, forget)
        return self._span

    def interval(self, now: float) -> Interval:
        """The calendar interval of a moment."""
        return self._of(now).interval

    def gone(self, now: float) -> float:
        """The share of the interval's expected demand that has gone by."""
        return self._of(now).gone(now)

    def _of(self, now: float) -> Demand:
        known = self._demand
        if known is None or not known.interval.start <= now < known.interval.end:
            by_hour = self._limit.pacing.by_hour if self._limit.pacing else ()
            known = self._demand = Demand(interval_of(self._limit.per, now, self._zone), by_hour, self._zone)
        return known
