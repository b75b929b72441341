"""One writer's account with one meter: what it was granted, what it took of that in memory, and what it knows.

    available = granted - taken - asked for and not answered yet

Takes are numbered. One is settled when it is known whether its decision stands; the store is told what was spent by all
takes up to the first that is not settled, so that of a writer which died the log says the rest exactly.
"""

from __future__ import annotations

import math
from zoneinfo import ZoneInfo

from engine.limits.holding import Holding
from engine.limits.spans import Clock
from engine.limits.store import (
    FORGOTTEN,
    UNITS_PER_LEASE,
    UNPOSTED,
    Lease,
    LeaseCall,
    Unleased,
    Want,
)
from engine.limits.take import Take
from rules.meters import Meter
from rules.rationing import CLOSED, MeterSeen, floor_of

TRUSTED = 10.0
"""Seconds for which an answer of the store is relied on: a writer that was away longer takes nothing without asking."""


class Account:
    """Not shared between writers. Units throughout; times in seconds. `largest` is the most that a decision took at
    once; `price` that which decisions are asked; `last` the store's latest answer."""

    def __init__(self, meter: Meter, zone: ZoneInfo) -> None:
        self.govern(meter, zone)
        self.price = 0.0
        self.largest = meter.fixed or 1
        self.last = Lease(0, "", meter.most, 0, False, 0, 0, 1, b"")
        self._own = Holding("", 0)
        self._at = -math.inf
        self._unposted = False
        self._turn = 0
        self._waiting: dict[int, int] = {}

    def govern(self, meter: Meter, zone: ZoneInfo) -> None:
        """Go by this limit from now on, as a changed policy has it."""
        self.meter, self.clock = meter, Clock(meter, zone)

    @property
    def period(self) -> str:
        return self._own.period

    @property
    def taken(self) -> int:
        """Units taken in this period and not given back."""
        return self._own.takings.taken

    @property
    def ungoverned(self) -> bool:
        """Whether nothing is posted of its queue, and the policy lets that pass."""
        return self._unposted and self.meter.limit.open_when_unknown

    def seen(self, now: float) -> MeterSeen:
        """What a decision at this moment may go by."""
        self._turn_over(now)
        trusted = now - self._at <= TRUSTED
        if trusted and self._unposted:
            return MeterSeen(None if self.ungoverned else CLOSED, 0, 0.0)
        if not trusted or not self._own.known:
            return MeterSeen(None, self.meter.most, self.price)
        return MeterSeen(max(0, self.last.free) + self._own.available, self.last.most, self.price)

    def covers(self, units: int, tier: str, now: float) -> bool:
        """Whether so many may be taken without asking. A tier that must leave a floor asks when that is near."""
        available = self._own.available
        if units > available or now - self._at > TRUSTED or not self._own.known:
            return False
        floor = floor_of(self.meter, tier, self.last.most)
        return not floor or self.last.free + available - floor >= UNITS_PER_LEASE * self.last.writers * units

    def take(self, units: int, action: str) -> Take:
        """Take; the caller made sure that it may."""
        self.largest = max(self.largest, units)
        return Take(self.meter.key, self.period, self._own.takings.take(units), units, action)

    def settle(self, take: Take, spent: int) -> None:
        """The take's decision stands with so many units; the rest may be taken again."""
        if take.period == self.period:
            self._own.takings.settle(take.number, take.units, spent)

    def ask(self, units: int, tier: str, now: float) -> LeaseCall:
        """Ask for what a lease does not cover of these units: all of them are out of reach until `heed` or
        `unheard`."""
        self._turn_over(now)
        self.largest = max(self.largest, units)
        missing = units - min(units, self._own.available) or units
        floor = round(self.meter.limit.floor(tier) * 1_000_000)
        self._own.asked += units - missing
        call = self.call(now, Want(missing, floor, lease=True, least=self.largest))
        self._own.asked += missing
        self._waiting[call.turn] = units
        return call

    def call(self, now: float, want: Want, pace: tuple[bytes, bytes] = (b"", b"")) -> LeaseCall:
        """The next word to the store. Nothing is given back while another call is on its way: its answer would count
        what is not there any more."""
        self._turn_over(now)
        keep = -1 if self._waiting else self._own.give_back(self.last, self.largest)
        self._turn += 1
        self._waiting[self._turn] = 0
        meter, limit, said = self.meter, self.meter.limit, self._own.said(keep)
        about = (meter.key, self._turn, now, self.clock.span_in(self.period, now), meter.most)
        return LeaseCall(*about, said, want, limit.queue, limit.fresh_for, pace)

    def heed(self, call: LeaseCall, answer: Lease | Unleased) -> bool:
        """Take the answer over; whether the units that were asked for are there to be taken."""
        self.unheard(call)
        if isinstance(answer, Unleased):
            self._refused(call, answer.reason)
            return False
        if call.span.period != self.period and self.clock.calendar:
            return False
        if answer.turn > self.last.turn:
            self._unposted, self._at, self.last = False, call.now, answer
            if answer.period != self.period:
                self._begin(answer.period)
            self._own.granted, self._own.known = answer.granted, True
        return answer.reserved and answer.period == self.period

    def unheard(self, call: LeaseCall) -> None:
        """The call is over; nothing that it asked for is waited for any more."""
        waited = self._waiting.pop(call.turn, 0)
        if call.span.period == self.period:
            self._own.unask(waited)

    def _refused(self, call: LeaseCall, reason: str) -> None:
        if reason == UNPOSTED:
            self._unposted, self._at = True, call.now
        elif reason == FORGOTTEN and call.span.period == self.period:
            self._begin(self.period)

    def _begin(self, period: str) -> None:
        self._own = Holding(period, self._own.takings.number)

    def _turn_over(self, now: float) -> None:
        """Begin the period of `now`, never one that is over."""
        period = self.clock.next_period(self.period, now)
        if period != self.period:
            self._begin(period)
