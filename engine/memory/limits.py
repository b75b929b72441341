"""Limits over all customers in memory: what the function of the store does, as plain loops over plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.limits.store import (
    FORGOTTEN,
    LATE,
    SILENT,
    UNITS_PER_LEASE,
    UNPOSTED,
    Lease,
    LeaseCall,
    MeterStanding,
    Posted,
    Said,
    Span,
    Unleased,
    WriterStanding,
)


@dataclass
class _Meter:
    used: dict[str, int] = field(default_factory=dict)
    writers: dict[str, WriterStanding] = field(default_factory=dict)
    pace: bytes = b""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What a call is counted by: its span, its limit, and what the writer said of that span."""

    span: Span
    most: int
    said: Said


class MemoryLimits:
    """Obeys engine/limits/store.py; several writers share meters by `of`."""

    def __init__(self, check: Callable[[], None], writer: str) -> None:
        self._check = check
        self._writer = writer
        self._meters: dict[str, _Meter] = {}
        self._posts: dict[str, Posted] = {}

    def of(self, writer: str) -> MemoryLimits:
        """The same meters for another writer."""
        other = MemoryLimits(self._check, writer)
        other._meters, other._posts = self._meters, self._posts
        return other

    def begin(self, meter: str, used: Mapping[str, int], pace: bytes) -> None:
        """Let a meter stand so, with nothing leased: for suites of cases."""
        self._meters[meter] = _Meter(dict(used), {}, pace)

    @property
    def writer(self) -> str:
        return self._writer

    async def lease(self, calls: Sequence[LeaseCall]) -> Sequence[Lease | Unleased]:
        self._check()
        return [self._lease(call) for call in calls]

    def _lease(self, call: LeaseCall) -> Lease | Unleased:
        counted = self._counted(call)
        if counted is None:
            return Unleased(UNPOSTED)
        span, said = counted.span, counted.said
        meter = self._meters.setdefault(call.meter, _Meter())
        own = meter.writers.get(self._writer)
        if own is not None and call.turn <= own.turn:
            return Unleased(LATE)
        if own is None or own.period != span.period:
            if said.known:
                return Unleased(FORGOTTEN)
            own = WriterStanding(0, 0, 0, 0, call.now, span.period)
        meter.used = {bucket: units for bucket, units in meter.used.items() if not _over(bucket, span)}
        more = max(0, said.spent - own.spent)
        if more:
            meter.used[span.bucket] = meter.used.get(span.bucket, 0) + more
        spent = own.spent + more
        kept = max(said.keep, spent) if 0 <= said.keep < own.granted else own.granted
        now = WriterStanding(call.turn, said.low, spent, kept, call.now, span.period)
        meter.writers[self._writer] = now
        answer = self._granted(meter, call, counted)
        meter.writers[self._writer] = now._replace(granted=answer.granted)
        if call.pace[1] and call.pace[0] == meter.pace:
            meter.pace = call.pace[1]
        return answer._replace(pace=meter.pace)

    def _counted(self, call: LeaseCall) -> _Counted | None:
        if not call.queue:
            return _Counted(call.span, call.most, call.said)
        post = self._posts.get(call.queue)
        if post is None or call.now - post.at > call.fresh_for:
            return None
        span = Span(f"post:{post.number}", "post", post.number, post.number, post.number)
        said = call.said if span.period == call.span.period else Said(call.said.low, 0, 0, -1, known=False)
        return _Counted(span, post.free, said)

    def _granted(self, meter: _Meter, call: LeaseCall, counted: _Counted) -> Lease:
        span, want = counted.span, call.want
        used = sum(units for bucket, units in meter.used.items() if _counts(bucket, span))
        held = sum(max(0, one.granted - one.spent) for one in meter.writers.values() if one.period == span.period)
        others = (one for name, one in meter.writers.items() if name != self._writer)
        writers = 1 + sum(1 for one in others if one.at >= call.now - SILENT)
        granted, taken = meter.writers[self._writer].granted, counted.said.taken
        free, reserved = counted.most - used - held, False
        if want.ask > 0 and free - -(-want.floor_ppm * counted.most // 1_000_000) >= want.ask:
            granted, taken, free, reserved = granted + want.ask, taken + want.ask, free - want.ask, True
        if want.lease:
            available = max(0, granted - taken)
            share = (max(0, free) + available) // (UNITS_PER_LEASE * writers)
            more = min(share - available, free)
            if share >= want.least and more > 0:
                granted, free = granted + more, free - more
        return Lease(call.turn, span.period, counted.most, granted, reserved, free, used, writers, b"")

    async def standings(self, meters: Sequence[str]) -> Sequence[MeterStanding]:
        self._check()
        found = (self._meters.get(name, _Meter()) for name in meters)
        return [MeterStanding(dict(one.used), dict(one.writers), one.pace) for one in found]

    async def bury(self, meter: str, writer: str, standing: WriterStanding, spent: Mapping[str, int]) -> bool:
        self._check()
        found = self._meters.setdefault(meter, _Meter())
        if found.writers.get(writer) != standing:
            return False
        for bucket, units in spent.items():
            found.used[bucket] = found.used.get(bucket, 0) + units
        del found.writers[writer]
        return True

    async def post_capacity(self, queue: str, free: int, at: float) -> bool:
        self._check()
        known = self._posts.get(queue, Posted(0, 0, at))
        if known.at > at:
            return False
        self._posts[queue] = Posted(known.number + 1, free, at)
        return True

    async def capacities(self) -> Mapping[str, Posted]:
        self._check()
        return dict(self._posts)


def _number(bucket: str) -> tuple[str, int]:
    name, _, number = bucket.rpartition(":")
    return name, int(number)


def _counts(bucket: str, span: Span) -> bool:
    name, number = _number(bucket)
    return name == span.name and number >= span.counted_from


def _over(bucket: str, span: Span) -> bool:
    name, number = _number(bucket)
    return name == span.name and number < span.forget_before
