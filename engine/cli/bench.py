"""`befit bench`: what the parts of a decision cost on this machine, and what screening costs by rules and actions."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from engine.bench import COLD, Pace, measure
from engine.bench_screening import screening
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.demo.pack import pack_folder
from engine.project import load_snapshot
from engine.snapshot import Snapshot

COLD_SHARE = 4
"""One cold decision for so many hot ones: each of them waits."""


def bench(
    bundle: Annotated[
        Path | None, typer.Option(help="Model bundle of the telco pack; without one the rules decide.")
    ] = None,
    decisions: Annotated[int, typer.Option(help="How many decisions.", min=100)] = 2000,
    contacts: Annotated[int, typer.Option(help="Contacts in each customer's history.", min=0, max=64)] = 16,
    by_size: Annotated[
        bool, typer.Option("--screening", help="Measure screening by the number of rules and actions.")
    ] = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Measure the parts of a decision in this process, on the telco pack: no store, no wire. Hot is one decision right
    after the other; cold is after a pause."""
    snapshot = load_snapshot(pack_folder("telco"), bundle)
    if by_size:
        _show_screening(snapshot, decisions, output)
        return
    now = time.time()
    hot = measure(snapshot, Pace(decisions, contacts), now)
    cold = measure(snapshot, Pace(decisions // COLD_SHARE, contacts, COLD), now)
    names = ("median_us", "p99_us", "cold_median_us", "cold_p99_us")
    found = [(one.part, (one.median, one.p99, after.median, after.p99)) for one, after in zip(hot, cold, strict=True)]
    if output is Output.JSON:
        print_json([{"part": part} | dict(zip(names, micros, strict=True)) for part, micros in found])
        return
    rows = [(part, *(f"{one:.1f}" for one in micros)) for part, micros in found]
    columns = ("part", "hot median ", "hot p99 ", "cold median ", "cold p99 ")
    screen().print(table("microseconds of one decision", columns, rows))


def _show_screening(snapshot: Snapshot, decisions: int, output: Output) -> None:
    found = screening(snapshot, decisions, time.time())
    if output is Output.JSON:
        print_json([one._asdict() for one in found])
        return
    rows = [(str(one.rules), str(one.actions), f"{one.conditions_us:.1f}", f"{one.removing_us:.1f}") for one in found]
    columns = ("rules ", "actions ", "conditions ", "removing ")
    screen().print(table("microseconds of screening one decision, medians", columns, rows))
