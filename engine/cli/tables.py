"""Tables for people and JSON for programs, alike in every command."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress
from shutil import get_terminal_size
from typing import Any

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.page.sheet import Sheet

_NO_WINDOW = (140, 40)
"""How wide and tall a file or a pipe is taken to be, unless COLUMNS says so: nobody reads those in a window."""
_NAMED = 24
"""The first column names the row: it is not squeezed below this."""


def screen() -> Console:
    """Where tables go; without colour when that is no terminal or NO_COLOR is set."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = get_terminal_size(_NO_WINDOW).columns
    return console


def print_json(value: Any) -> None:
    """One JSON document, indented, keys as they come."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY))


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A table of texts; a column whose name ends with a space holds numbers and stands on the right."""
    grid = Table(title=title or None, title_justify="left", title_style="bold", header_style="dim", box=SIMPLE_HEAD)
    for column in columns:
        grid.add_column(column.rstrip(), justify="right" if column.endswith(" ") else "left", overflow="fold")
    longest = 0
    for row in rows:
        cells = tuple(row)
        longest = max(longest, *map(cell_len, cells[:1]))
        grid.add_row(*cells)
    if grid.columns:
        grid.columns[0].min_width = min(_NAMED, longest)
    return grid


def print_sheets(console: Console, sheets: Iterable[Sheet]) -> None:
    """The tables that have rows, with the columns that there is room for, and how many rows there is none for."""
    for sheet in sheets:
        if sheet.rows:
            brief = [column.brief for column in sheet.columns]
            columns = [f"{one.name} " if one.number else one.name for one in compress(sheet.columns, brief)]
            console.print(table(sheet.title, columns, [list(map(escape, compress(row, brief))) for row in sheet.rows]))
            if sheet.more:
                console.print(f"[dim]and {sheet.more:,} more[/dim]")
