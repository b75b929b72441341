"""Sets of the values that a variable may have: numbers as closed intervals of doubles, the rest as listed members.

Doubles are discrete, so "above 5" is the closed interval that begins with the next double after 5, and sets stay
exact under intersection and complement. NaN belongs to no set.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from rules.situation import Value

LARGEST = sys.float_info.max
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Doubles in closed `intervals`, rising and apart; only the whole ones where `whole`."""

    intervals: tuple[Interval, ...]
    whole: bool = False

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __contains__(self, value: object) -> bool:
        if isinstance(value, str) or not isinstance(value, int | float):
            return False
        return (not self.whole or value == math.floor(value)) and any(lo <= value <= hi for lo, hi in self.intervals)

    @property
    def low(self) -> float:
        return self.intervals[0][0]

    @property
    def high(self) -> float:
        return self.intervals[-1][1]

    @property
    def single(self) -> float | None:
        """The only number in the set, if there is one only."""
        return self.low if len(self.intervals) == 1 and self.low == self.high else None

    def meet(self, other: Numbers) -> Numbers:
        """What is in both."""
        found = []
        for lo, hi in self.intervals:
            for low, high in other.intervals:
                if max(lo, low) <= min(hi, high):
                    found.append((max(lo, low), min(hi, high)))
        return _tight(sorted(found), self.whole or other.whole)

    def join(self, other: Numbers) -> Numbers:
        """What is in either."""
        return _tight(_merged([*self.intervals, *other.intervals]), self.whole and other.whole)

    def rest(self) -> Numbers:
        """Every double that is in no interval of this set."""
        low, found = -math.inf, []
        for lo, hi in self.intervals:
            if lo > low:
                found.append((low, before(lo)))
            low = after(hi)
            if hi == math.inf:
                return Numbers(tuple(found))
        return Numbers((*found, (low, math.inf)))


@dataclass(frozen=True, slots=True)
class Members:
    """Texts or flags: exactly `values`, or all `others` than these."""

    values: frozenset[Value]
    others: bool = False

    def __bool__(self) -> bool:
        return self.others or bool(self.values)

    def __contains__(self, value: object) -> bool:
        return (value in self.values) != self.others

    @property
    def single(self) -> Value | None:
        """The only member, if there is one only."""
        return next(iter(self.values)) if len(self.values) == 1 and not self.others else None

    def meet(self, other: Members) -> Members:
        """What is in both."""
        if self.others and other.others:
            return Members(self.values | other.values, others=True)
        if self.others or other.others:
            listed, left_out = (other, self) if self.others else (self, other)
            return Members(listed.values - left_out.values)
        return Members(self.values & other.values)

    def join(self, other: Members) -> Members:
        """What is in either."""
        return self.rest().meet(other.rest()).rest()

    def rest(self) -> Members:
        """Everything else of the kind."""
        return Members(self.values, others=not self.others)


ValueSet = Numbers | Members
FLAGS = Members(frozenset({True, False}))
ANY_TEXT = Members(frozenset(), others=True)
FINITE = Numbers(((-LARGEST, LARGEST),))
WHOLE = Numbers(((-LARGEST, LARGEST),), whole=True)
"""What an integer feature holds: whole numbers, bound as doubles."""


def meet(one: ValueSet, other: ValueSet) -> ValueSet:
    """What is in both; sets of different kinds have nothing in common."""
    if isinstance(one, Numbers) and isinstance(other, Numbers):
        return one.meet(other)
    if isinstance(one, Members) and isinstance(other, Members):
        return one.meet(other)
    return Members(frozenset())


def exactly(values: Iterable[Value]) -> ValueSet:
    """The set of these values, all numbers or none of them."""
    listed = list(values)
    numbers = [float(value) for value in listed if isinstance(value, int | float) and not isinstance(value, bool)]
    if numbers and len(numbers) == len(listed):
        return Numbers(tuple(_merged([(number, number) for number in numbers])))
    return Members(frozenset(listed))


def compared(operator: str, number: float) -> Numbers:
    """The doubles x for which `x operator number` holds; the operators are those of CEL: <, <=, >, >=, ==, !=."""
    match operator:
        case "<":
            return Numbers(() if number == -math.inf else ((-math.inf, before(number)),))
        case "<=":
            return Numbers(((-math.inf, number),))
        case ">":
            return Numbers(() if number == math.inf else ((after(number), math.inf),))
        case ">=":
            return Numbers(((number, math.inf),))
        case "==":
            return Numbers(((number, number),))
    return Numbers(((number, number),)).rest()


def before(number: float) -> float:
    """The next smaller double."""
    return math.nextafter(number, -math.inf)


def after(number: float) -> float:
    """The next larger double."""
    return math.nextafter(number, math.inf)


def _merged(intervals: list[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for lo, hi in sorted(intervals):
        if found and lo <= after(found[-1][1]):
            found[-1] = (found[-1][0], max(found[-1][1], hi))
        else:
            found.append((lo, hi))
    return found


def _tight(intervals: Iterable[Interval], whole: bool) -> Numbers:
    if not whole:
        return Numbers(tuple(intervals))
    rounded = ((-_floor(-lo), _floor(hi)) for lo, hi in intervals)
    return Numbers(tuple((lo, hi) for lo, hi in rounded if lo <= hi), whole=True)


def _floor(number: float) -> float:
    return number if math.isinf(number) else float(math.floor(number))
