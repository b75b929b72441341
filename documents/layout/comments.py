"""The comments of a document, each with the entry that it is about.

A comment on a line of its own is about what follows, unless it stands further in than that: then it closes the
collection that it stands in. A comment behind something is about what ends, or begins, on its line.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from documents.layout.tree import Collection, Entry, Scalar, entries_of

Loose = list[str]
"""Comments on lines of their own, and "" for an empty line."""


@dataclass(frozen=True, slots=True)
class Comments:
    """By the number of an entry: what stands above it (`leading`) and behind it; by the number of a collection: what
    closes it (`closing`), -1 for the document. `inside` are collections with any comment within."""

    leading: dict[int, Loose] = field(default_factory=dict)
    behind: dict[int, str] = field(default_factory=dict)
    closing: dict[int, Loose] = field(default_factory=dict)
    inside: set[int] = field(default_factory=set)

    def texts(self) -> list[str]:
        """Every comment, sorted."""
        loose = [text for lines in (*self.leading.values(), *self.closing.values()) for text in lines if text]
        return sorted([*loose, *self.behind.values()])


@dataclass(frozen=True, slots=True)
class _Placed:
    entry: Entry
    within: tuple[Collection, ...]

    @property
    def start(self) -> tuple[int, int]:
        return self.entry.start


class _Entries:
    """The entries of a document, found by line."""

    def __init__(self, root: Scalar | Collection) -> None:
        self.all = [_Placed(entry, within) for entry, within in entries_of(root)]
        self._lines = [one.start[0] for one in self.all]
        self._ending: dict[int, list[_Placed]] = {}
        for one in self.all:
            self._ending.setdefault(one.entry.value.end[0], []).append(one)

    def after(self, line: int) -> _Placed | None:
        """The first that begins below a line."""
        place = bisect_right(self._lines, line)
        return self.all[place] if place < len(self.all) else None

    def before(self, line: int) -> _Placed | None:
        """The last that begins above a line."""
        place = bisect_left(self._lines, line)
        return self.all[place - 1] if place else None

    def starting(self, line: int) -> list[_Placed]:
        """Those that begin on a line, outer ones first."""
        return self.all[bisect_left(self._lines, line) : bisect_right(self._lines, line)]

    def ending(self, line: int) -> list[_Placed]:
        """Those whose value ends on a line, outer ones first."""
        return self._ending.get(line, [])


def comments_of(text: str, root: Scalar | Collection) -> Comments:
    """The comments of a document that has this layout."""
    lines = text.split("\n")
    entries, found = _Entries(root), Comments()
    hidden = _hidden(lines, root, entries)
    waiting: list[str] = []
    for number, line in enumerate(lines):
        at = _comment_at(line, hidden.get(number, []))
        if at < 0 and not line.strip():
            waiting += [] if number in hidden else [""]
        elif at >= 0 and not line[:at].strip():
            _put_loose(found, entries, (number, at), [*waiting, line[at:].rstrip()])
            waiting = []
        else:
            if at >= 0:
                _put_behind(found, entries, (number, at), line[at:].rstrip())
            _put_blanks(found, entries, number, waiting)
            waiting = []
    return found


def _hidden(lines: Sequence[str], root: Scalar | Collection, entries: _Entries) -> dict[int, list[tuple[int, int]]]:
    """Where texts stand, by line: the columns from and to. Block scalars hide the lines below their header."""
    found: dict[int, list[tuple[int, int]]] = {}
    scalars = [part for one in entries.all for part in (one.entry.key, one.entry.value) if isinstance(part, Scalar)]
    for scalar in [*scalars, *([root] if isinstance(root, Scalar) else [])]:
        first = scalar.start[0]
        for number in range(first, first + _height(scalar)):
            start = scalar.start[1] if number == first else 0
            end = scalar.end[1] if number == scalar.end[0] else len(lines[number])
            if scalar.style not in {"|", ">"} or number > first:
                found.setdefault(number, []).append((start, end))
    return found


def _height(scalar: Scalar) -> int:
    """The lines of a scalar; empty ones at the end of a block scalar count only where they are kept."""
    lines = list(scalar.lines)
    if scalar.style in {"|", ">"} and "+" not in lines[0]:
        while len(lines) > 1 and not lines[-1].strip():
            lines.pop()
    return len(lines)


def _comment_at(line: str, hidden: Sequence[tuple[int, int]]) -> int:
    """Where a comment begins in a line, -1 for nowhere."""
    at = line.find("#")
    while at >= 0:
        covered = any(start <= at < end for start, end in hidden)
        if not covered and (at == 0 or line[at - 1] in " \t"):
            return at
        at = line.find("#", at + 1)
    return -1


def _put_loose(found: Comments, entries: _Entries, spot: tuple[int, int], texts: Sequence[str]) -> None:
    line, column = spot
    after, before = entries.after(line), entries.before(line)
    owner = None if before is None else _owner(before, line, column)
    inner = after is not None and before is not None and before.entry.value in after.within
    if after is not None and (owner is None or inner or after.within[-1] is owner):
        found.leading.setdefault(after.entry.number, []).extend(texts)
        found.inside.update(one.number for one in after.within)
        return
    found.closing.setdefault(-1 if owner is None else owner.number, []).extend(texts)
    within = () if before is None else (*before.within, before.entry.value)
    found.inside.update(one.number for one in within if isinstance(one, Collection) and _open(one, line))


def _owner(before: _Placed, line: int, column: int) -> Collection | None:
    """The innermost collection that is open at a line and does not begin further in than the column."""
    value = before.entry.value
    around = (*before.within, value) if isinstance(value, Collection) else before.within
    flowing = [one for one in around if one.flow and _open(one, line)]
    if flowing:
        return flowing[-1]
    fitting = [one for one in around if not one.flow and one.entries and one.column <= column]
    return fitting[-1] if fitting else next((one for one in around if not one.flow), None)


def _open(collection: Collection, line: int) -> bool:
    return collection.start[0] <= line <= collection.end[0]


def _put_blanks(found: Comments, entries: _Entries, line: int, texts: Sequence[str]) -> None:
    """Empty lines before a line with something on it belong to what begins there."""
    begun = next(iter(entries.starting(line)), None) if texts else None
    if begun is not None and not any(one.flow for one in begun.within):
        found.leading.setdefault(begun.entry.number, []).extend(texts)


def _put_behind(found: Comments, entries: _Entries, spot: tuple[int, int], text: str) -> None:
    ending = [
        one for one in entries.ending(spot[0]) if _ends_on(one.entry.value, spot) and not _blocked(one.entry.value)
    ]
    starting = [one for one in entries.starting(spot[0]) if one.start[1] < spot[1]]
    chosen = next((one for one in ending if one.start[0] == spot[0]), None)
    chosen = chosen or (None if not starting else starting[-1]) or next(iter(ending), None)
    if chosen is None:
        found.closing.setdefault(-1, []).append(text)
        return
    earlier = found.behind.get(chosen.entry.number)
    found.behind[chosen.entry.number] = text if earlier is None else f"{earlier} {text}"
    found.inside.update(one.number for one in chosen.within)


def _ends_on(value: Scalar | Collection, spot: tuple[int, int]) -> bool:
    return value.end[0] == spot[0] and value.end[1] <= spot[1] and value.end[1] > 0


def _blocked(value: Scalar | Collection) -> bool:
    """Whether a comment behind it would stand below it: block collections, and block scalars but for their header."""
    return (isinstance(value, Collection) and not value.flow) or (
        isinstance(value, Scalar) and value.style in {"|", ">"}
    )


def loose_lines(lines: Loose) -> Iterator[str]:
    """Loose lines with no two empty ones in a row."""
    for number, line in enumerate(lines):
        if line or not number or lines[number - 1]:
            yield line
