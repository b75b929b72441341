"""Tables for people and JSON for programs, alike in every command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table


def screen() -> Console:
    """Where tables go; without colour when that is no terminal or NO_COLOR is set."""
    return Console(highlight=False)


def print_json(value: Any) -> None:
    """One JSON document, indented, keys as they come."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY))


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A table of texts; a column whose name ends with a space holds numbers and stands on the right."""
    grid = Table(title=title or None, title_justify="left", title_style="bold", header_style="dim", box=SIMPLE_HEAD)
    for column in columns:
        grid.add_column(column.rstrip(), justify="right" if column.endswith(" ") else "left", overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid
