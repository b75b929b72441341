"""`befit bench`: what the parts of a decision cost on this machine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from engine.bench import measure
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.demo.pack import pack_folder
from engine.project import load_snapshot


def bench(
    bundle: Annotated[
        Path | None, typer.Option(help="Model bundle of the telco pack; without one the rules decide.")
    ] = None,
    decisions: Annotated[int, typer.Option(help="How many decisions.", min=100)] = 2000,
    contacts: Annotated[int, typer.Option(help="Contacts in each customer's history.", min=0, max=64)] = 16,
    output: OutputOption = Output.TABLE,
) -> None:
    """Measure the parts of a decision in this process, on the telco pack: no store, no wire."""
    snapshot = load_snapshot(pack_folder("telco"), bundle)
    found = measure(snapshot, decisions, contacts, time.time())
    if output is Output.JSON:
        print_json([{"part": one.part, "median_us": one.median, "p99_us": one.p99} for one in found])
        return
    rows = [(one.part, f"{one.median:.1f}", f"{one.p99:.1f}") for one in found]
    screen().print(table("microseconds of one decision", ("part", "median ", "p99 "), rows))
