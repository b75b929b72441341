"""A comparison for people, as tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from documents.problem import Problem
from engine.cli.tables import screen, table
from engine.simulation.comparison import Comparison
from engine.simulation.headline import headline
from engine.simulation.sheets import Sheet, sheets


def tell_comparison(found: Comparison) -> None:
    """The headline, then every sheet that has something to say."""
    console = screen()
    for line in headline(found):
        console.print(escape(line), soft_wrap=True)
    for grid in _grids(sheets(found)):
        console.print(grid)


def tell_rows(wrong: int, problems: Sequence[Problem], report: Path | None) -> None:
    """Rows of the file that do not hold, and where the report is."""
    console = screen()
    for problem in problems:
        console.print(problem.render(), style="yellow", markup=False, soft_wrap=True)
    if wrong:
        console.print(f"{wrong:,} rows of the file do not hold and were left out", style="red")
    if report is not None:
        console.print(f"[bold]{escape(str(report))}[/bold] has the report", soft_wrap=True)


def _grids(told: Sequence[Sheet]) -> Iterator[Table]:
    for sheet in told:
        if sheet.rows:
            brief = [column.brief for column in sheet.columns]
            columns = [f"{one.name} " if one.number else one.name for one in compress(sheet.columns, brief)]
            yield table(sheet.title, columns, [list(map(escape, compress(row, brief))) for row in sheet.rows])
