"""What is wrong with something a person wrote, where it stands, and how to mend it.

The root of Befit's one error tree lives here because every room may raise:

    BefitError
    +-- DocumentInvalid      a file that a person wrote does not hold; carries every problem found
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_SHOWN = 160


class BefitError(Exception):
    """Root of all errors that Befit raises on purpose; each subclass says when it is raised."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: file as the user named it, line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: a stable code (kebab-case), its place, what is wrong, how to mend it."""

    code: str
    place: Place
    message: str
    hint: str = ""
    source_line: str = ""

    def render(self) -> str:
        """The problem as people read it: place, message, the line with a caret, the hint."""
        lines = [f"{self.place}: {self.message} [{self.code}]"]
        if self.source_line:
            lines += _pointed_at(self.source_line, self.place.column)
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


def _pointed_at(line: str, column: int) -> list[str]:
    """The part of the line around the column, and a caret below it where a terminal shows the character."""
    start = max(0, column - _SHOWN // 2) if len(line) > _SHOWN else 0
    before = "".join("\t" if c == "\t" else " " * _width(c) for c in line[start : column - 1])
    return [f"  | {line[start : start + _SHOWN]}", f"  | {before}^"]


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


class DocumentInvalid(BefitError):
    """A file does not hold; `problems` has every mistake found, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.place.file, p.place.line, p.place.column)))
        super().__init__("\n".join(problem.render() for problem in self.problems))
