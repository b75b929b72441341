"""CSV read into cells that know their place. Cells are parted by commas, or by semicolons where the first line has
those only; quotes as in RFC 4180."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from documents.problem import DocumentInvalid, Place, Problem

_MOST_BYTES = 1_000_000
_QUOTED = re.compile(r'[ \t]*"((?:[^"]|"")*)"[ \t]*')


@dataclass(frozen=True, slots=True)
class CsvCell:
    """One cell without its quotes and outer blanks. `line` is the line of the file that it begins in."""

    text: str
    place: Place
    line: str


def load_csv(path: Path) -> tuple[tuple[CsvCell, ...], ...]:
    """The rows of the file at `path`. Raises DocumentInvalid when it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _refusal(path, "unreadable", f"cannot be read: {error.strerror}", "check the path") from None
    if len(content) > _MOST_BYTES:
        raise _refusal(path, "too-large", "the file is larger than 1 MB", "split it")
    try:
        return parse_csv(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise _refusal(path, "not-utf8", f"byte {error.start} is not UTF-8 text", "save it as UTF-8") from None


def parse_csv(text: str, file: str) -> tuple[tuple[CsvCell, ...], ...]:
    """The rows of a CSV text; empty lines are left out."""
    lines = text.splitlines(keepends=True)
    head = lines[0] if lines else ""
    separator = ";" if ";" in head and "," not in head else ","
    return tuple(row for row in _Cells(text, file, separator).rows() if any(cell.text for cell in row))


class _Cells:
    """Walks through a text cell by cell."""

    def __init__(self, text: str, file: str, separator: str) -> None:
        self._text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._lines = self._text.split("\n")
        self._file = file
        self._plain = re.compile(f"[^{separator}\n]*")
        self._separator = separator

    def rows(self) -> list[tuple[CsvCell, ...]]:
        found: list[tuple[CsvCell, ...]] = []
        at, row = 0, list[CsvCell]()
        while at <= len(self._text):
            cell, at = self._cell(at)
            row.append(cell)
            if at >= len(self._text) or self._text[at] == "\n":
                found.append(tuple(row))
                row = []
            at += 1
        return found

    def _cell(self, at: int) -> tuple[CsvCell, int]:
        """The cell that begins at an offset, and where it ends."""
        line = self._text.count("\n", 0, at)
        place = Place(self._file, line + 1, at - (self._text.rfind("\n", 0, at) + 1) + 1)
        quoted = _QUOTED.match(self._text, at)
        if quoted is not None and self._ends(quoted.end()):
            return CsvCell(quoted[1].replace('""', '"').strip(), place, self._lines[line]), quoted.end()
        plain = self._plain.match(self._text, at)
        end = at if plain is None else plain.end()
        return CsvCell(self._text[at:end].strip(), place, self._lines[line]), end

    def _ends(self, at: int) -> bool:
        return at >= len(self._text) or self._text[at] in {self._separator, "\n"}


def _refusal(path: Path, code: str, message: str, hint: str) -> DocumentInvalid:
    return DocumentInvalid([Problem(code, Place(str(path), 1, 1), message, hint)])
