"""A document as it was laid out: its values with their styles and places, beside what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Spot = tuple[int, int]
"""Line and column, both from 0."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """`text` is the value as YAML reads it, `style` one of "" (plain), ', ", | and >; `lines` as they were written,
    the first from its own column on, block scalars with their header."""

    text: str
    style: str
    lines: tuple[str, ...]
    start: Spot
    end: Spot


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value, or an item of a list (then `key` is None). `start` is the key's spot, or the dash's."""

    number: int
    key: Scalar | None
    value: Scalar | Collection
    start: Spot


@dataclass(frozen=True, slots=True)
class Collection:
    """A mapping or a list; `flow` within braces or brackets."""

    number: int
    mapping: bool
    flow: bool
    entries: tuple[Entry, ...]
    start: Spot
    end: Spot

    @property
    def column(self) -> int:
        """Where its entries begin."""
        return self.entries[0].start[1] if self.entries else self.start[1]


def layout_of(text: str) -> Scalar | Collection:
    """The layout of a document that was parsed strictly: one value, no anchors, no tags."""
    lines = text.split("\n")
    events = yaml.parse(text, Loader=_LOADER)
    return next(node for node in _Builder(lines, events).nodes())


def entries_of(node: Scalar | Collection) -> Iterator[tuple[Entry, tuple[Collection, ...]]]:
    """Every entry in the order written, with the collections that it stands in, outermost first."""
    pending: list[tuple[Entry, tuple[Collection, ...]]] = []
    _push(pending, node, ())
    while pending:
        entry, within = pending.pop()
        yield entry, within
        _push(pending, entry.value, within)


def _push(
    pending: list[tuple[Entry, tuple[Collection, ...]]], node: Scalar | Collection, within: tuple[Collection, ...]
) -> None:
    if isinstance(node, Collection):
        pending.extend((entry, (*within, node)) for entry in reversed(node.entries))


class _Builder:
    def __init__(self, lines: list[str], events: Iterator[Any]) -> None:
        self._lines = lines
        self._events = events
        self._numbers = count()

    def nodes(self) -> Iterator[Scalar | Collection]:
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                yield self._node(event)

    def _node(self, event: Any) -> Scalar | Collection:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        mapping, number = isinstance(event, yaml.MappingStartEvent), next(self._numbers)
        entries = []
        while not isinstance(inner := next(self._events), yaml.CollectionEndEvent):
            entries.append(self._entry(inner, mapping=mapping, flow=bool(event.flow_style)))
        start, end = _spot(event.start_mark), _spot(inner.end_mark)
        return Collection(number, mapping, bool(event.flow_style), tuple(entries), start, end)

    def _entry(self, event: Any, *, mapping: bool, flow: bool) -> Entry:
        number, found = next(self._numbers), self._node(event)
        if mapping and isinstance(found, Scalar):
            return Entry(number, found, self._node(next(self._events)), found.start)
        return Entry(number, None, found, found.start if flow else self._dash(found.start))

    def _dash(self, spot: Spot) -> Spot:
        """The dash before a value: on its line, or on one above."""
        line, column = spot
        before = self._lines[line][:column].rstrip() if line < len(self._lines) else ""
        while not before.endswith("-"):
            line -= 1
            before = self._lines[line].partition(" #")[0].rstrip()
        return line, len(before) - 1

    def _scalar(self, event: Any) -> Scalar:
        start, end = _spot(event.start_mark), _spot(event.end_mark)
        last = end[0] if end[1] else max(end[0] - 1, start[0])
        lines = self._lines[start[0] : last + 1]
        if last == end[0]:
            lines[-1] = lines[-1][: end[1]]
        lines[0] = lines[0][start[1] :]
        style = event.style or ""
        return Scalar(event.value, style if style in {"'", '"', "|", ">"} else "", tuple(lines), start, end)


def _spot(mark: Any) -> Spot:
    return mark.line, mark.column
