"""`befit batch`: decide for every customer of a file, without a server and without leaving a trace."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.markup import escape

from documents.problem import Problem
from engine.batch import Occasion, decide_rows, greedy
from engine.batch_file import write_batch
from engine.cli.as_served import RedisOption, as_served, told_counts
from engine.cli.exits import NOT_COMPILED, UsageMistaken
from engine.cli.flags import flags
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.customers_file import read_customers
from engine.project import load_snapshot
from engine.snapshot import Snapshot
from rules.policy import Policy

TENANT = "default"
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFlags:
    """What `befit batch` is told."""

    customers: Annotated[Path, typer.Option(help="Parquet or CSV file with customer_id and features.")]
    channel: Annotated[str, typer.Option(help="The channel in which the customers are met.")]
    out: Annotated[Path, typer.Option(help="The file to write, .parquet or .csv.")]
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml.")] = Path()
    bundle: Annotated[Path | None, typer.Option(help="Model bundle; without one the rules decide.")] = None
    greedy: Annotated[bool, typer.Option("--greedy", help="No exploration, no comparison groups.")] = False
    alone: Annotated[
        bool, typer.Option("--alone", help="Without a store: nothing is stopped, no live facts, no learned counts.")
    ] = False
    redis_url: RedisOption = None
    output: OutputOption = Output.TABLE


@dataclass(slots=True)
class _Tally:
    """What decides; what was read so far, the rows that did not hold, and the first of their problems."""

    snapshot: Snapshot
    customers: int = 0
    wrong: int = 0
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


@flags
def batch(told: BatchFlags) -> None:
    """Decide for every customer of a file; one row per customer and rank. Nothing is written to a store.

    Where the project has a store, its stopped actions, live facts and learned counts hold as they do for the server;
    earlier contacts are not read. Ends with 3 where rows of the file do not hold; the others are decided for.
    """
    _check_out(told)
    snapshot = load_snapshot(told.project, told.bundle)
    _check_channel(snapshot.policy.policy, told.channel)
    if not told.alone:
        snapshot = as_served(snapshot, told.project, told.redis_url)
    tally = _Tally(snapshot)
    chosen = greedy(snapshot) if told.greedy else snapshot
    began = time.perf_counter()
    frame = write_batch(_parts(chosen, told, tally), told.out, told.customers)
    _report(frame, told, tally, time.perf_counter() - began)
    if tally.wrong:
        raise typer.Exit(NOT_COMPILED)


def _check_out(told: BatchFlags) -> None:
    if told.out.suffix not in (".parquet", ".csv"):
        raise UsageMistaken(f"--out {told.out} ends neither in .parquet nor in .csv")
    if told.out.resolve() == told.customers.resolve():
        raise UsageMistaken("--out is the file of customers itself: name another")


def _parts(snapshot: Snapshot, told: BatchFlags, tally: _Tally) -> Iterator[pl.DataFrame]:
    occasion = Occasion(TENANT, told.channel, time.time())
    for rows in read_customers(told.customers, snapshot.schema):
        tally.customers += len(rows)
        tally.wrong += rows.wrong
        tally.problems = (*tally.problems, *rows.problems)[:_MOST_TOLD]
        tally.notes += rows.notes
        yield decide_rows(snapshot, rows, occasion)


def _check_channel(policy: Policy, channel: str) -> None:
    if channel not in policy.channels:
        raise UsageMistaken(f"the policy has no channel {channel!r}; it has {', '.join(policy.channels)}")


def _report(frame: pl.LazyFrame, told: BatchFlags, tally: _Tally, seconds: float) -> None:
    first = frame.filter(pl.col("rank") == 1)
    counts = first.group_by("placement", "action").len("customers").sort("placement", "customers", "action").collect()
    told_rows = [(row["placement"], row["action"] or "", row["customers"]) for row in counts.iter_rows(named=True)]
    if told.output is Output.JSON:
        print_json(_summary(told, tally, told_rows))
        return
    console = screen()
    where = f"[bold]{escape(str(told.out))}[/bold]"
    console.print(f"{where}: {tally.customers:,} customers in {seconds:.1f} s", soft_wrap=True)
    for line in filter(None, (told_counts(tally.snapshot.expectation.learned), _told_stopped(tally.snapshot))):
        console.print(line, markup=False, soft_wrap=True)
    shown = [(placement, action or "nothing", f"{count:,}") for placement, action, count in told_rows[::-1]]
    console.print(table("first places", ("placement", "action", "customers "), shown))
    for note in (*tally.notes, *tally.problems):
        console.print(note.render(), style="yellow", markup=False, soft_wrap=True)
    if tally.wrong:
        console.print(f"{tally.wrong:,} rows of the file do not hold and were left out", style="red")


def _summary(told: BatchFlags, tally: _Tally, first_places: list[tuple[str, str, int]]) -> dict[str, Any]:
    return {
        "out": str(told.out),
        "customers": tally.customers,
        "wrong_rows": tally.wrong,
        "learned_counts": tally.snapshot.expectation.learned,
        "stopped": _stopped(tally.snapshot),
        "problems": [problem.render() for problem in tally.problems],
        "notes": [note.render() for note in tally.notes],
        "first_places": [{"placement": p, "action": a, "customers": n} for p, a, n in first_places],
    }


def _stopped(snapshot: Snapshot) -> list[str]:
    return [name for place, name in enumerate(snapshot.policy.catalogue.ids) if snapshot.stopped >> place & 1]


def _told_stopped(snapshot: Snapshot) -> str:
    found = _stopped(snapshot)
    return f"stopped, and so not proposed: {', '.join(found)}" if found else ""
