"""YAML read strictly into nodes that know their place.

Strict means: no duplicate keys, no anchors or aliases (so no alias bombs), no tags, no tabs as
indentation, string keys only, one document, at most 10 MB and 400,000 nodes. Only `true` and
`false` are flags, so a country code NO stays the text "NO".
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from documents.node import Node, Scalar, Source, line_of
from documents.problem import DocumentInvalid, Place, Problem

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Node", "Source", "load", "parse", "read"]

MAX_BYTES = 10_000_000
MAX_NODES = 400_000
MAX_DEPTH = 40

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]*)\Z")
_DECIMAL = re.compile(r"[-+]?([0-9][0-9_]*)?(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


def load(path: Path) -> Source:
    """Read and parse the file at `path`. Raises DocumentInvalid when it cannot be read or parsed."""
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        start = Place(str(path), 1, 1)
        raise _refusal("unreadable", start, f"cannot be read: {error.strerror}", "check the path") from None
    return read(content, str(path))


def read(content: bytes, file: str) -> Source:
    """Parse the bytes of a file of this name. Raises DocumentInvalid when they are too many, no UTF-8, or no YAML."""
    start = Place(file, 1, 1)
    if len(content) > MAX_BYTES:
        raise _refusal("too-large", start, f"the file is larger than {MAX_BYTES // 1_000_000} MB", "split it")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refusal("not-utf8", start, f"byte {error.start} is not UTF-8 text", "save it as UTF-8") from None
    return parse(text, file)


def parse(text: str, file: str) -> Source:
    """Parse `text` into a Source. Raises DocumentInvalid with the place of the first syntax error."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    text = text.removeprefix("\ufeff")
    lines = tuple(text.splitlines())
    _refuse_unprintable(text, file)
    try:
        root = _Composer(file, lines).compose(text)
    except yaml.MarkedYAMLError as error:
        raise DocumentInvalid([_syntax_problem(error, file, lines)]) from None
    return Source(file, root, lines, digest)


def _refuse_unprintable(text: str, file: str) -> None:
    found = _UNPRINTABLE.search(text)
    if found is None:
        return
    before = text[: found.start()].splitlines(keepends=True)
    line = len(before) if before and before[-1][-1] not in "\r\n" else len(before) + 1
    column = found.start() - sum(map(len, before[: line - 1])) + 1
    message = f"the character U+{ord(found[0]):04X} is not printable"
    raise _refusal("unprintable", Place(file, line, column), message, "remove it")


class _Composer:
    """Builds Nodes from YAML events, refusing what strict documents do not allow."""

    def __init__(self, file: str, lines: tuple[str, ...]) -> None:
        self._file = file
        self._lines = lines
        self._counter = count(1)

    def compose(self, text: str) -> Node:
        events = iter(yaml.parse(text, Loader=_LOADER))
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                if root is not None:
                    raise self._refuse("many-documents", event, "a second document begins here", "keep one per file")
                root = self._node(event, events, 0)
        if root is None or root.value is None:
            raise _refusal("empty-file", Place(self._file, 1, 1), "the file is empty", "write at least one key")
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise self._refuse("alias", event, "anchors and aliases are not allowed", "write the value out")
        if next(self._counter) > MAX_NODES or depth > MAX_DEPTH:
            raise self._refuse("too-large", event, f"more than {MAX_NODES:,} values or {MAX_DEPTH} levels", "split it")
        if event.tag and event.tag != "!":
            raise self._refuse("tag", event, f"the tag {event.tag} is not allowed", "remove it")
        if isinstance(event, yaml.ScalarEvent):
            return self._leaf(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(tuple(self._items(events, depth)), self._place(event))
        return self._mapping(event, events, depth)

    def _leaf(self, event: Any) -> Node:
        end = (event.end_mark.line + 1, event.end_mark.column + 1)
        return Node(self._scalar(event), self._place(event), quoted=not event.implicit[0], end=end)

    def _items(self, events: Iterator[Any], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            yield self._node(event, events, depth + 1)

    def _mapping(self, start: Any, events: Iterator[Any], depth: int) -> Node:
        value: dict[str, Node] = {}
        places: dict[str, Place] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse("key-type", event, "a key must be plain text", "name it with a word")
            key = event.value
            if key in places:
                first = places[key]
                hint = f"the first stands at line {first.line}; keep one"
                raise self._refuse("duplicate-key", event, f"the key {key!r} stands twice", hint)
            places[key] = self._place(event)
            value[key] = self._node(next(events), events, depth + 1)
        return Node(value, self._place(start), places)

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        digits = text.replace("_", "")
        if len(text) <= 40 and _INTEGER.match(text):
            return int(digits)
        if len(text) <= 40 and _DECIMAL.match(text) and any(c.isdigit() for c in text):
            return self._decimal(digits, event)
        return text

    def _decimal(self, digits: str, event: Any) -> float:
        number = float(digits)
        if not math.isfinite(number):
            raise self._refuse("number", event, f"{digits} is not a finite number", "write a smaller number")
        return number

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _refuse(self, code: str, event: Any, message: str, hint: str) -> DocumentInvalid:
        place = self._place(event)
        return DocumentInvalid([Problem(code, place, message, hint, line_of(self._lines, place))])


def _syntax_problem(error: yaml.MarkedYAMLError, file: str, lines: tuple[str, ...]) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
    line = line_of(lines, place)
    if "\t" in line:
        place = Place(file, place.line, line.index("\t") + 1)
        return Problem("tab", place, "a tab stands here; YAML indents with spaces", "replace tabs by spaces", line)
    message = error.problem or "this is not YAML"
    return Problem("yaml-syntax", place, message, "check indentation, quotes and colons", line)


def _refusal(code: str, place: Place, message: str, hint: str) -> DocumentInvalid:
    return DocumentInvalid([Problem(code, place, message, hint)])
