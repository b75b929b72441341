"""A comparison for people, as tables on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from documents.problem import Problem
from engine.cli.tables import print_sheets, screen
from engine.simulation.comparison import Comparison
from engine.simulation.headline import headline
from engine.simulation.sheets import sheets


def tell_comparison(found: Comparison) -> None:
    """The headline, then every sheet that has something to say."""
    console = screen()
    for line in headline(found):
        console.print(escape(line), soft_wrap=True)
    print_sheets(console, sheets(found))


def tell_rows(wrong: int, problems: Sequence[Problem], report: Path | None) -> None:
    """Rows of the file that do not hold, and where the report is."""
    console = screen()
    for problem in problems:
        console.print(problem.render(), style="yellow", markup=False, soft_wrap=True)
    if wrong:
        console.print(f"{wrong:,} rows of the file do not hold and were left out", style="red")
    if report is not None:
        console.print(f"[bold]{escape(str(report))}[/bold] has the report", soft_wrap=True)
