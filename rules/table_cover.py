"""Whether the rows of a decision table leave nothing out, and whether two of them meet, each with an example.

A row is a box: one set of values per input. What is left out is sought input by input: the values of an input fall
into few ranges within which the same rows hold, and each range is followed with the rows that hold there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from documents.problem import BefitError
from rules.situation import Value
from rules.value_set import Members, Numbers, ValueSet, after, before, meet

MOST_STEPS = 100_000
Box = Sequence[ValueSet | None]
"""What a row accepts of each input; None = anything."""


class TooManyRanges(BefitError):
    """A table's rows cut its inputs into more ranges than can be gone through."""


def left_out(domains: Sequence[ValueSet], rows: Sequence[Box]) -> tuple[Value, ...] | None:
    """Values of the inputs that no row accepts; None where every combination has a row. Raises TooManyRanges."""
    return _Search(domains, rows).left_out(0, tuple(range(len(rows))))


def shared(domains: Sequence[ValueSet], one: Box, other: Box) -> tuple[Value, ...] | None:
    """Values of the inputs that both rows accept; None where there are none."""
    sets = [_both(domain, left, right) for domain, left, right in zip(domains, one, other, strict=True)]
    return tuple(example(found) for found in sets) if all(sets) else None


def example(values: ValueSet) -> Value:
    """A value of a set (which has one), as plain as possible."""
    if isinstance(values, Numbers):
        return min((_plain(*interval) for interval in values.intervals), key=abs)
    listed = sorted(values.values, key=str)
    return _unlisted(values) if values.others else listed[0]


class _Search:
    def __init__(self, domains: Sequence[ValueSet], rows: Sequence[Box]) -> None:
        self._domains = domains
        self._rows = rows
        self._covered: set[tuple[int, tuple[int, ...]]] = set()
        self._steps = 0

    def left_out(self, depth: int, rows: tuple[int, ...]) -> tuple[Value, ...] | None:
        """The inputs from `depth` on, as none of these rows accepts them."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooManyRanges("the rows cut the inputs into too many ranges")
        if not rows:
            return tuple(example(domain) for domain in self._domains[depth:])
        if any(all(cell is None for cell in self._rows[row][depth:]) for row in rows) or (depth, rows) in self._covered:
            return None
        tried = set()
        for value in _samples(self._domains[depth], [self._rows[row][depth] for row in rows]):
            holding = tuple(row for row in rows if _accepts(self._rows[row][depth], value))
            rest = None if holding in tried else self.left_out(depth + 1, holding)
            if rest is not None:
                return (value, *rest)
            tried.add(holding)
        self._covered.add((depth, rows))
        return None


def _accepts(cell: ValueSet | None, value: Value) -> bool:
    return cell is None or value in cell


def _both(domain: ValueSet, left: ValueSet | None, right: ValueSet | None) -> ValueSet:
    found = domain if left is None else meet(domain, left)
    return found if right is None else meet(found, right)


def _samples(domain: ValueSet, cells: Sequence[ValueSet | None]) -> Iterator[Value]:
    """One value of each range of a domain within which the same cells accept."""
    given = [cell for cell in cells if cell is not None]
    if isinstance(domain, Numbers):
        numbers = [cell for cell in given if isinstance(cell, Numbers)]
        intervals = [interval for cell in numbers for interval in cell.intervals]
        starts = sorted({lo for lo, _ in intervals} | {after(hi) for _, hi in intervals})
        for low, high in domain.intervals:
            yield from _ranges(low, high, [start for start in starts if low < start <= high], domain.whole)
        return
    mentioned = {value for cell in given if isinstance(cell, Members) for value in cell.values}
    if domain.others:
        yield from sorted((value for value in mentioned if value in domain), key=str)
        yield _unlisted(Members(domain.values | mentioned, others=True))
    else:
        yield from sorted(domain.values, key=str)


def _ranges(low: float, high: float, starts: Sequence[float], whole: bool) -> Iterator[float]:
    bounds = [low, *starts]
    for start, end in zip(bounds, [*(before(start) for start in starts), high], strict=True):
        first, last = (float(math.ceil(start)), float(math.floor(end))) if whole else (start, end)
        if first <= last:
            yield _plain(first, last)


def _plain(low: float, high: float) -> float:
    """A number of [low, high] that is short to write."""
    if low <= 0.0 <= high:
        return 0.0
    near, far = (low, high) if low > 0.0 else (high, low)
    step = math.ceil(near) if near > 0.0 else math.floor(near)
    if low <= step <= high:
        return float(step)
    for digits in range(1, 16):
        middle = round((near + far) / 2.0, digits)
        if low <= middle <= high:
            return middle
    return near


def _unlisted(values: Members) -> str:
    """A text that a set of all others holds."""
    return next(text for text in _texts() if text in values)


def _texts() -> Iterator[str]:
    yield "anything else"
    number = 0
    while True:
        number += 1
        yield f"anything else {number}"
