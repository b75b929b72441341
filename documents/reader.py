"""Typed reading of nodes that gathers every problem instead of stopping at the first."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from documents.duration import parse_duration
from documents.node import Node, Source
from documents.problem import DocumentInvalid, Place, Problem

T = TypeVar("T")
D = TypeVar("D")
_HINTED = 100
_KINDS: Mapping[type, str] = {dict: "a mapping", tuple: "a list", bool: "true or false"}


class Reader:
    """Reads one Source. Each method returns None (or an empty value) and notes a Problem on a mistake."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def report(self, where: Node | Place, code: str, message: str, hint: str = "") -> None:
        place = where.place if isinstance(where, Node) else where
        self.problems.append(self.source.problem(code, place, message, hint))

    def finish(self) -> None:
        """Raise DocumentInvalid if any problem was noted."""
        if self.problems:
            raise DocumentInvalid(self.problems)

    def mapping(self, node: Node, allowed: Collection[str], required: Iterable[str] = ()) -> Mapping[str, Node]:
        """The keys of a mapping; unknown keys and missing required ones are problems."""
        entries = self.entries(node)
        for key in entries:
            if key not in allowed:
                self.report(node.key_places[key], "unknown-key", f"unknown key {key!r}", self.hint(key, allowed))
        for key in required if isinstance(node.value, dict) else ():
            if key not in entries:
                self.report(node, "missing-key", f"the key {key!r} is missing", f"add {key}: ...")
        return {key: child for key, child in entries.items() if key in allowed}

    def entries(self, node: Node) -> Mapping[str, Node]:
        """The keys of a mapping whose keys are free names."""
        return node.value if self._is(node, dict, "a mapping") else {}

    def items(self, node: Node) -> tuple[Node, ...]:
        """The items of a list."""
        return node.value if self._is(node, tuple, "a list") else ()

    def text(self, node: Node) -> str | None:
        return node.value if self._is(node, str, "text") else None

    def flag(self, node: Node) -> bool | None:
        return node.value if self._is(node, bool, "true or false") else None

    def number(self, node: Node, low: float | None = None, high: float | None = None) -> float | None:
        """A finite number within [low, high]."""
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self._wrong_type(node, "a number")
            return None
        if (low is not None and node.value < low) or (high is not None and node.value > high):
            bounds = f"at least {low:g}" if high is None else f"between {low or 0:g} and {high:g}"
            self.report(node, "out-of-range", f"{node.value:g} is out of range", f"write a number {bounds}")
            return None
        return float(node.value)

    def integer(self, node: Node, low: int | None = None, high: int | None = None) -> int | None:
        number = self.number(node, low, high)
        if number is None:
            return None
        if number != int(number):
            self.report(node, "wrong-type", f"{number:g} is not a whole number", "write a whole number")
            return None
        return int(number)

    def choice(self, node: Node, options: Collection[str]) -> str | None:
        """One of the named options."""
        text = self.text(node)
        if text is None or text in options:
            return text
        self.report(node, "unknown-name", f"{text!r} is not one of {', '.join(options)}", self.hint(text, options))
        return None

    def duration(self, node: Node) -> float | None:
        """Seconds of a duration such as 14d."""
        seconds = parse_duration(node.value) if isinstance(node.value, str) else None
        if seconds is None:
            message = f"{_shown(node.value)} is not a duration"
            self.report(node, "bad-duration", message, "write a number above 0 and a unit: 90s, 30m, 2h, 14d, 4w")
        return seconds

    def hint(self, word: str, options: Collection[str]) -> str:
        """The closest option, as a hint. Looked for only while problems are few: it costs far more than reading."""
        return did_you_mean(word, options) if len(self.problems) < _HINTED else ""

    def texts(self, node: Node) -> tuple[str, ...]:
        """A list of texts; a single text stands for a list of one."""
        if isinstance(node.value, str):
            return (node.value,)
        return tuple(text for item in self.items(node) if (text := self.text(item)) is not None)

    def optional(self, entries: Mapping[str, Node], key: str, read: Callable[[Node], T | None], default: D) -> T | D:
        """What `read` makes of the key's node, or `default` where the key is absent or wrong."""
        if key not in entries:
            return default
        found = read(entries[key])
        return default if found is None else found

    def _is(self, node: Node, kind: type, expected: str) -> bool:
        if isinstance(node.value, kind):
            return True
        self._wrong_type(node, expected)
        return False

    def _wrong_type(self, node: Node, expected: str) -> None:
        found = _shown(node.value)
        self.report(node, "wrong-type", f"expected {expected}, found {found}", f"write {expected}")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return _KINDS.get(type(value), "nothing" if value is None else f"the number {value}")


def did_you_mean(word: str, options: Collection[str]) -> str:
    """A hint that names the closest option, or all of them when none is close."""
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.6)
    if close:
        return f"did you mean {str(close[0])!r}?"
    return f"known here: {', '.join(sorted(options)[:20])}" if options else ""
