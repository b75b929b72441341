"""A document as a tree of values that know their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from documents.problem import Place, Problem

Scalar = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place. `value` is a mapping of key to Node, a tuple of Nodes, or a scalar.

    `key_places` says where each key of a mapping stands. `quoted` marks text in quotes and block
    scalars: its first character does not stand at the node's own column. `end` is the line and column
    just after a scalar.
    """

    value: Any
    place: Place
    key_places: Mapping[str, Place] = field(default_factory=dict)
    quoted: bool = False
    end: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed document: its root, its lines so that problems can show them, the SHA-256 of its bytes in hex."""

    file: str
    root: Node
    lines: tuple[str, ...]
    digest: str = ""

    def problem(self, code: str, place: Place, message: str, hint: str = "") -> Problem:
        return Problem(code, place, message, hint, line_of(self.lines, place))


def line_of(lines: tuple[str, ...], place: Place) -> str:
    """The line of a place, without its end; empty where there is none."""
    return lines[place.line - 1] if 0 < place.line <= len(lines) else ""
