"""One writer's account with one meter: what it was granted, what it took of that in memory, and what it knows.

    available = granted - taken - asked for and not answered yet

Takes are numbered. One is settled when it is known whether its decision stands; the store is told what was spent by all
takes up to the first that is not settled, so that of a writer which died the log says the rest exactly.
"""

from __future__ import annotations

import math
from zoneinfo import ZoneInfo

from engine.limits.spans import Clock
from engine.limits.store import (
    FORGOTTEN,
    UNITS_PER_LEASE,
    UNPOSTED,
    Lease,
    LeaseCall,
    Said,
    Span,
    Unleased,
    Want,
)
from engine.limits.take import Take
from rules.limits import LimitKind
from rules.meters import Meter
from rules.rationing import CLOSED, MeterSeen, floor_of

TRUSTED = 10.0
"""Seconds for which an answer of the store is relied on: a writer that was away longer takes nothing without asking."""


class Account:
    """Not shared between writers. Units throughout; times in seconds."""

    def __init__(self, meter: Meter, zone: ZoneInfo) -> None:
        self.meter = meter
        self.clock = Clock(meter, zone)
        self.period = ""
        self.price = 0.0
        self.last = Lease(0, "", meter.most, 0, False, 0, 0, 1, b"")
        self._at = -math.inf
        self._unposted = False
        self.largest = meter.fixed or 1
        self._turn = 0
        self._held: dict[int, int] = {}
        self._number = 0
        self._low = 0
        self._start = -1
        self._begin("")

    def govern(self, meter: Meter, zone: ZoneInfo) -> None:
        """Go on under another limit of the same name, as a changed policy has it."""
        self.meter, self.clock = meter, Clock(meter, zone)
        self.largest = max(self.largest, meter.fixed or 1)

    def _begin(self, period: str) -> None:
        """A new period: nothing granted, nothing taken, nothing known."""
        self.period = period
        self._granted = self._taken = self._asked = self._spent = 0
        self._unsettled: dict[int, int | None] = {}
        self._known = False

    @property
    def available(self) -> int:
        return max(0, self._granted - self._taken - self._asked)

    @property
    def ungoverned(self) -> bool:
        """Whether nothing is posted of its queue, and the policy lets that pass."""
        return self._unposted and self.meter.limit.open_when_unknown

    def seen(self, now: float) -> MeterSeen:
        """What a decision at this moment may go by."""
        self._turn_over(now)
        if now - self._at > TRUSTED:
            return MeterSeen(None, self.meter.most, self.price)
        if self._unposted:
            return MeterSeen(None if self.ungoverned else CLOSED, 0, 0.0)
        if not self._known:
            return MeterSeen(None, self.meter.most, self.price)
        return MeterSeen(max(0, self.last.free) + self.available, self.last.most, self.price)

    def covers(self, units: int, tier: str, now: float) -> bool:
        """Whether so many may be taken without asking. A tier that must leave a floor asks when that is near."""
        if units > self.available or now - self._at > TRUSTED or not self._known:
            return False
        if not self.meter.limit.floors:
            return True
        floor = floor_of(self.meter, tier, self.last.most)
        spare = UNITS_PER_LEASE * self.last.writers * units
        return floor == 0 or self.last.free + self.available - floor >= spare

    def take(self, units: int, action: str) -> Take:
        """Take; the caller made sure that it may."""
        self._number += 1
        self._taken += units
        self.largest = max(self.largest, units)
        self._unsettled[self._number] = None
        return Take(self.meter.key, self.period, self._number, units, action)

    def settle(self, take: Take, spent: int) -> None:
        """The take's decision stands with so many units; the rest may be taken again."""
        if take.period != self.period or self._unsettled.get(take.number, 0) is not None:
            return
        self._unsettled[take.number] = spent
        self._taken -= take.units - spent
        while self._unsettled:
            number = next(iter(self._unsettled))
            settled = self._unsettled[number]
            if settled is None:
                break
            self._low = number
            self._spent += settled
            del self._unsettled[number]

    def ask(self, units: int, tier: str, now: float) -> LeaseCall:
        """Ask for what a lease does not cover of these units; all of them are out of reach until `heed` or
        `unheard`."""
        self._turn_over(now)
        self.largest = max(self.largest, units)
        missing = units - min(units, self.available) or units
        floor = round(self.meter.limit.floor(tier) * 1_000_000)
        held = units - missing
        self._asked += held
        call = self.call(now, Want(missing, floor, lease=True, least=self.largest))
        self._asked += missing
        self._held[call.turn] = units
        return call

    def call(self, now: float, want: Want, pace: tuple[bytes, bytes] = (b"", b"")) -> LeaseCall:
        """The next word to the store."""
        self._turn_over(now)
        self._turn += 1
        limit = self.meter.limit
        said = Said(self._low, self._spent, self._taken + self._asked, self._returned(), self._known)
        return LeaseCall(
            self.meter.key, self._turn, now, self._span(now), self.meter.most, said, want, limit.queue,
            limit.fresh_for, pace,
        )  # fmt: skip

    def heed(self, call: LeaseCall, answer: Lease | Unleased) -> bool:
        """Take the answer over; whether the units that were asked for are there to be taken."""
        self.unheard(call)
        if isinstance(answer, Unleased):
            self._refused(call, answer.reason)
            return False
        if call.span.period != self.period and self.clock.calendar:
            return False
        if answer.turn > self.last.turn:
            self._unposted = False
            self._at = call.now
            if answer.period != self.period:
                self._begin(answer.period)
            self._granted, self._known, self.last = answer.granted, True, answer
        return answer.reserved and answer.period == self.period

    def unheard(self, call: LeaseCall) -> None:
        """The call is over; nothing that it asked for is waited for any more."""
        held = self._held.pop(call.turn, 0)
        if call.span.period == self.period:
            self._asked -= min(self._asked, held)

    @property
    def taken(self) -> int:
        """Units taken in this period, whatever comes of their decisions."""
        return self._taken

    def _refused(self, call: LeaseCall, reason: str) -> None:
        if reason == UNPOSTED:
            self._unposted, self._at = True, call.now
        elif reason == FORGOTTEN and call.span.period == self.period:
            self._begin(self.period)

    def _returned(self) -> int:
        """What is kept of a lease that became too large, -1 where it is not."""
        if not self._known:
            return -1
        share = (max(0, self.last.free) + self.available) // (UNITS_PER_LEASE * self.last.writers)
        share = share if share >= self.largest else 0
        if self.available <= 2 * share or not self.available:
            return -1
        self._granted = self._taken + self._asked + share
        return self._granted

    def _span(self, now: float) -> Span:
        span = self.clock.span(now)
        return span._replace(period=self.period) if self.meter.limit.kind is LimitKind.CAPACITY else span

    def _turn_over(self, now: float) -> None:
        """Begin the period of `now`, never one that is over."""
        if self.meter.limit.kind is LimitKind.CAPACITY:
            return
        span = self.clock.span(now)
        if span.period != self.period and (not self.clock.calendar or span.number > self._start):
            self._start = span.number
            self._begin(span.period)
