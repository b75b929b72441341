"""A table of text, alike on a terminal and on a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

TERMINAL_ROWS = 10
PAGE_ROWS = 50

Row = tuple[str, ...]


class Column(NamedTuple):
    """`number`: stands on the right; `brief`: shown where there is little room too."""

    name: str
    number: bool = True
    brief: bool = True


Columns = tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: `says` explains it, `more` counts rows left out."""

    title: str
    says: str
    columns: Columns
    rows: tuple[Row, ...]
    more: int = 0


def text(name: str) -> Column:
    """A column of words."""
    return Column(name, number=False)


def long(name: str) -> Column:
    """A column of numbers that is shown only where there is room."""
    return Column(name, brief=False)


def cut(title: str, says: str, columns: Columns, rows: Iterable[Row], most: int) -> Sheet:
    """A table of the first `most` rows."""
    whole = tuple(rows)
    return Sheet(title, says, columns, whole[:most], max(0, len(whole) - most))
