"""A layout written out again: two blanks per level, one key per line where braces do not fit into the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from documents.layout.comments import Comments, Loose, loose_lines
from documents.layout.tree import Collection, Entry, Scalar
from documents.yaml_text import plain_holds, quoted, simple

WIDTH = 120
Path = tuple[str, ...]
"""The keys that lead to a value; an item of a list is "-"."""
KeyOrder = Callable[[Path], Sequence[str]]
"""The keys of the mapping at a path in the order in which they are written; none = as they come."""


@dataclass(frozen=True, slots=True)
class _Written:
    """Lines without the indentation of their collection; `above` are comments that stand before the first."""

    above: Loose
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes one document with its comments."""

    comments: Comments
    order: KeyOrder

    def document(self, root: Scalar | Collection) -> str:
        """The whole text. Comments above what came first stay on top, whatever comes first now."""
        if isinstance(root, Scalar) or not root.entries:
            written = _Written(
                [], [*_text_lines(root, 0, 0)] if isinstance(root, Scalar) else ["{}" if root.mapping else "[]"]
            )
        else:
            written = self._block(root, (), 0)
        closing = loose_lines(self.comments.closing.get(-1, []))
        lines = [*_trimmed(written.above), *written.lines, *closing]
        while lines and not lines[-1]:
            lines.pop()
        return "\n".join(lines) + "\n"

    def sorted_entries(self, collection: Collection, path: Path) -> tuple[Entry, ...]:
        """The entries in the order in which they are written."""
        wanted = {key: place for place, key in enumerate(self.order(path))} if collection.mapping else {}
        if not wanted:
            return collection.entries
        return tuple(
            sorted(collection.entries, key=lambda one: wanted.get(one.key.text if one.key else "", len(wanted)))
        )

    def _block(self, collection: Collection, path: Path, indent: int) -> _Written:
        entries = self.sorted_entries(collection, path)
        first, lines = _Written([], []), list[str]()
        for entry in entries:
            written = self._entry(entry, path, indent)
            above = list(loose_lines(written.above))
            if not lines:
                first = _Written(_trimmed(above), [])
            else:
                lines += [_indented(line, indent) for line in above]
            lines += written.lines
        lines += [_indented(line, indent) for line in loose_lines(self.comments.closing.get(collection.number, []))]
        return _Written(first.above, lines)

    def _entry(self, entry: Entry, path: Path, indent: int) -> _Written:
        above = self.comments.leading.get(entry.number, [])
        behind = self.comments.behind.get(entry.number, "")
        head = f"{_one_line(entry.key, flow=False)}:" if entry.key else "-"
        below = (*path, entry.key.text if entry.key else "-")
        on_line = self._on_line(entry, below, indent + len(head) + 1)
        if on_line is not None:
            return _Written(above, [_indented(_joined(head, on_line, behind), indent)])
        if isinstance(entry.value, Scalar):
            return _Written(above, _long(entry, entry.value, head, behind, indent))
        inner = self._block(entry.value, below, indent + 2)
        if entry.key is None and inner.lines:
            first = " " * indent + "- " + inner.lines[0].lstrip(" ")
            return _Written([*above, *([behind] if behind else []), *inner.above], [first, *inner.lines[1:]])
        head_line = _indented(_joined(head, "", behind), indent)
        return _Written(above, [head_line, *(_indented(line, indent + 2) for line in inner.above), *inner.lines])

    def _on_line(self, entry: Entry, path: Path, column: int) -> str | None:
        """The value on the line of its key; None where it takes lines of its own."""
        value = entry.value
        if isinstance(value, Scalar):
            return _one_line(value, flow=False) if len(value.lines) == 1 else None
        if not value.entries:
            return "{}" if value.mapping else "[]"
        if not value.flow or not self._flows(value):
            return None
        text = self._flow(value, path)
        return text if column + len(text) <= WIDTH else None

    def _flows(self, collection: Collection) -> bool:
        """Whether all of it can stand on one line: no comments inside, no texts over several lines."""
        parts = [part for entry in collection.entries for part in (entry.key, entry.value)]
        return collection.number not in self.comments.inside and all(
            self._flows(part) if isinstance(part, Collection) else part is None or len(part.lines) == 1
            for part in parts
        )

    def _flow(self, collection: Collection, path: Path) -> str:
        written = ", ".join(self._flow_entry(entry, path) for entry in self.sorted_entries(collection, path))
        return f"{{{written}}}" if collection.mapping else f"[{written}]"

    def _flow_entry(self, entry: Entry, path: Path) -> str:
        key = f"{_one_line(entry.key, flow=True)}: " if entry.key else ""
        if isinstance(entry.value, Collection):
            return key + self._flow(entry.value, (*path, entry.key.text if entry.key else "-"))
        return key + (_one_line(entry.value, flow=True) or "null")


def _long(entry: Entry, scalar: Scalar, head: str, behind: str, indent: int) -> list[str]:
    """A text over several lines behind its key or dash. A comment stands behind the header of a block scalar, behind
    the last line of others."""
    lines = list(_text_lines(scalar, indent, entry.start[1]))
    if scalar.style in {"|", ">"}:
        return [_indented(_joined(head, lines[0], behind), indent), *lines[1:]]
    return [_indented(f"{head} {lines[0]}", indent), *lines[1:-1], _joined(lines[-1], "", behind)]


def _one_line(scalar: Scalar | None, *, flow: bool) -> str:
    """A text that stands on one line: without quotes where it needs none, else in the quotes that suit it."""
    if scalar is None:
        return ""
    if not scalar.style:
        return scalar.lines[0]
    if plain_holds(scalar.text, flow=flow):
        return scalar.text
    return quoted(scalar.text) if simple(scalar.text) else scalar.lines[0]


def _text_lines(scalar: Scalar, indent: int, was: int) -> Iterator[str]:
    """A text over several lines, those below the first moved along with its key, which stood at column `was`."""
    lines = scalar.lines
    if scalar.style not in {"|", ">"}:
        yield lines[0].rstrip() if len(lines) > 1 else lines[0]
        yield from (_indented(line.strip(), indent + 2) for line in lines[1:])
        return
    header = lines[0].partition(" #")[0].rstrip()
    digits = next((int(sign) for sign in header if sign.isdigit()), 0)
    filled = [len(line) - len(line.lstrip(" ")) for line in lines[1:] if line.strip()]
    cut = was + digits if digits else (filled[0] if filled else 0)
    body = [line[cut:] for line in lines[1:]]
    while body and not body[-1].strip() and "+" not in header:
        body.pop()
    yield header
    yield from (_indented(line, indent + (digits or 2)) for line in body)


def _indented(line: str, indent: int) -> str:
    return " " * indent + line if line else line


def _joined(head: str, text: str, behind: str) -> str:
    line = f"{head} {text}" if text else head
    return f"{line}  {behind}" if behind else line


def _trimmed(lines: Loose) -> Loose:
    """Without the empty lines at the beginning."""
    found = list(lines)
    while found and not found[0]:
        found.pop(0)
    return found
