"""`befit evaluate`: what a policy and a bundle would have earned on past choices, beside the baselines."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from engine.batch import greedy
from engine.cli.as_served import SERVED, CountsOption, RedisOption, counted_too, learned_counts, told_counts
from engine.cli.exits import GATE, UsageMistaken
from engine.cli.flags import flags
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.cli.times import moment
from engine.evaluation.judging import PastChoices, judged
from engine.evaluation.told import told as plain
from engine.evaluation.tried import NothingToEvaluate
from engine.project import load_snapshot
from engine.snapshot import Snapshot

_SHOWN = {
    "policy": "this policy",
    "random": "any allowed action",
    "best_single": "one action for all",
    "tier_table": "a table by tier",
    "propensity_only": "the likeliest to be accepted",
}

_COLUMNS = ("choosing", "earns ", "95 % interval ", "by weights ", "effective ")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateFlags:
    """What `befit evaluate` is told."""

    history: Annotated[list[Path] | None, typer.Option(help="Parquet or CSV files whose rows have a probability.")] = (
        None
    )
    log: Annotated[Path | None, typer.Option(help="Folder that `befit sink` wrote the log to.")] = None
    since: Annotated[str, typer.Option(help="Choices of the log from this moment on.")] = ""
    until: Annotated[str, typer.Option(help="Choices of the log before this moment.")] = ""
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml.")] = Path()
    bundle: Annotated[Path | None, typer.Option(help="Model bundle; without one the rules decide.")] = None
    against: Annotated[
        Path | None,
        typer.Option(help="Champion's bundle: tells whether --bundle may take its place, else ends with 4."),
    ] = None
    explore: Annotated[bool, typer.Option("--explore", help="With exploration and comparison groups, as served.")] = (
        False
    )
    counts: CountsOption = SERVED
    redis_url: RedisOption = None
    output: OutputOption = Output.TABLE


@flags
def evaluate(told: EvaluateFlags) -> None:
    """Value a policy and a bundle on past choices that were made otherwise, with known probabilities.

    Tells what is earned per choice by inverse propensity, self-normalised, doubly robust and switch estimates, with
    intervals by customer - or why the choices cannot tell.
    """
    if bool(told.history) == (told.log is not None):
        raise UsageMistaken("name either --history FILE... or --log FOLDER")
    bounds = {"since": moment(told.since, "--since"), "until": moment(told.until, "--until")}
    past = PastChoices(now=time.time(), history=tuple(told.history or ()), log=told.log, **bounds)
    learned = learned_counts(told.counts, told.project, told.redis_url)
    served = _snapshot(told, told.bundle).with_learned(learned)
    champion = None if told.against is None else _snapshot(told, told.against).with_learned(learned)
    try:
        found = judged(served, champion, past)
    except NothingToEvaluate as nothing:
        raise UsageMistaken(str(nothing)) from None
    notes = [*found.notes, *counted_too(learned, found.first)]
    said = plain(found.found, found.verdict) | {"notes": notes, "learned_counts": learned.number}
    _show(said, told.output, served.policy.policy.currency)
    if found.verdict is not None and not found.verdict.promoted:
        raise typer.Exit(GATE)


def _snapshot(told: EvaluateFlags, bundle: Path | None) -> Snapshot:
    served = load_snapshot(told.project, bundle)
    return served if told.explore else greedy(served)


def _show(told: Mapping[str, Any], output: Output, currency: str) -> None:
    if output is Output.JSON:
        print_json(told)
        return
    console = screen()
    console.print(f"{told['choices']:,} choices for {told['customers']:,} customers, {currency} per choice")
    if counts := told_counts(told["learned_counts"]):
        console.print(counts)
    logged = told["logged"]
    console.print(f"as they were made: {logged['value']:.4g} ({logged['low']:.4g} to {logged['high']:.4g})")
    _show_ways(console, told)
    if told.get("gate"):
        may = "[green]may take its place[/green]" if told["gate"]["promoted"] else "[red]may not take its place[/red]"
        console.print(f"against the champion: {may}: {told['gate']['why']}")
    for note in told["notes"]:
        console.print(f"note: {note}", style="yellow", markup=False)


def _show_ways(console: Console, told: Mapping[str, Any]) -> None:
    """What each way of choosing would have earned, or why nobody can tell."""
    ways, arms = {"policy": told["policy"], **told["baselines"]}, told["arms"]
    console.print(table("what would have been earned", _COLUMNS, [_row(_SHOWN[way], one) for way, one in ways.items()]))
    for way, one in ways.items():
        if one["refused"]:
            console.print(f"{_SHOWN[way]}: {one['refused']}", style="red", markup=False)
    if usable := [_row(action, one) for action, one in arms.items() if not one["refused"]]:
        console.print(table("always the same", _COLUMNS, usable))
    if rare := [action for action, one in arms.items() if one["refused"]]:
        console.print(f"tried too rarely to be told for everybody: {', '.join(rare)}", markup=False)
    for name, less in told["better_than"].items():
        if not told["refused"] and not told["baselines"][name]["refused"]:
            console.print(f"against {_SHOWN[name]}: {_difference(less)}")


def _row(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    effective = f"{one['support']['effective_rows']:,.0f}"
    if one["refused"]:
        return name, "-", "unusable", "-", effective
    best, plainly = one["dr"], one["snips"]
    interval = f"{best['low']:.4g} to {best['high']:.4g}"
    return name, f"{best['value']:.4g}", interval, f"{plainly['value']:.4g}", effective


def _difference(less: Mapping[str, float]) -> str:
    clear = "more" if less["low"] > 0 else "less" if less["high"] < 0 else "no clear difference"
    return f"{less['value']:+.4g} ({less['low']:+.4g} to {less['high']:+.4g}), {clear}"
