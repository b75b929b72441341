"""`befit models`: the company's models with their lineage, and the gate through which one comes in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape

from engine.cli.models_in_force import confirm
from engine.cli.models_promote import promote
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.registry.entry import Decided, Entry, Judged
from engine.registry.registry import Registry

app = typer.Typer(
    help="List models with their lineage, and put one in force that passes the gate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Folder = Annotated[Path, typer.Option(help="Folder whose subfolders are bundles; notes are kept beside them.")]
Named = Annotated[str, typer.Argument(metavar="MODEL", help="A revision, its beginning, or a bundle's folder.")]
_COLUMNS = ("model", "folder", "made from", "learnt until", "rows ", "serves", "log loss ", "stands")

app.command("promote")(promote)
app.command("confirm")(confirm)


@app.command("list")
def list_(models: Folder = Path("models"), output: OutputOption = Output.TABLE) -> None:
    """List the bundles of a folder, the newest first: what they were made from and what was decided of them."""
    registry = Registry(models)
    entries, champion = registry.entries(), registry.champion()
    if output is Output.JSON:
        print_json([msgspec.to_builtins(one) for one in entries])
        return
    if not entries:
        screen().print(f"no models in {escape(str(models))}: its subfolders would be bundles of `befit train`")
        return
    screen().print(table("", _COLUMNS, [_row(one, champion) for one in entries]))


@app.command("show")
def show(model: Named, models: Folder = Path("models"), output: OutputOption = Output.TABLE) -> None:
    """Tell all that is known of one: lineage, span of its data, figures, evaluations, decisions."""
    registry = Registry(models)
    entry = registry.find(model)
    lineage = _lineage(entry, {one.revision: one for one in registry.entries()})
    if output is Output.JSON:
        print_json(msgspec.to_builtins(entry) | {"lineage": lineage})
        return
    console = screen()
    console.print(
        f"[bold]{entry.revision}[/bold] {escape(entry.name)} in {escape(entry.place) or 'no folder any more'}"
    )
    console.print(f"learnt from {entry.rows:,} contacts, {_span(entry)}; serves {entry.level or '?'}")
    console.print(f"lineage: {' <- '.join([entry.revision, *lineage])}")
    console.print(", ".join(f"{name} {_figure(value)}" for name, value in entry.figures.items()))
    for judged in entry.evaluations:
        console.print(_told_evaluation(judged), markup=False, soft_wrap=True)
    for decided in entry.decisions:
        console.print(_told_decision(decided), markup=False, soft_wrap=True)


def _row(one: Entry, champion: Entry | None) -> tuple[str, ...]:
    stands = "champion" if champion and champion.revision == one.revision else ""
    if one.waiting:
        stands = "waits for approval"
    elif not stands and one.decisions:
        stands = "was promoted" if one.promoted_at is not None else "refused"
    return (
        one.revision,
        escape(Path(one.place).name) or "gone",
        ", ".join(one.parents) or "-",
        _day(one.end) if one.rows else "-",
        f"{one.rows:,}",
        one.level,
        _figure(one.figures.get("log_loss")),
        stands,
    )


def _lineage(entry: Entry, entries: Mapping[str, Entry]) -> list[str]:
    """Parents and theirs, as far as they are known here; each once."""
    found: list[str] = []
    ahead = list(entry.parents)
    while ahead:
        one = ahead.pop(0)
        if one not in found and one != entry.revision:
            found.append(one)
            ahead += entries[one].parents if one in entries else ()
    return found


def _told_evaluation(one: Judged) -> str:
    policy: Mapping[str, Any] = one.told["policy"]
    said = (
        one.told["refused"]
        or f"{policy['dr']['value']:.4g} a choice ({policy['dr']['low']:.4g} to {policy['dr']['high']:.4g})"
    )
    against = f"model {one.against}" if one.against else "the rules alone"
    return f"{_day(one.at)} judged on {one.source}, {_day(one.first)} to {_day(one.last)}, against {against}: {said}"


def _told_decision(one: Decided) -> str:
    verdict = "promoted" if one.promoted else "waits for another person, asked for" if one.waits else "refused"
    forced = f" although: {one.why}; reason given: {one.reason}" if one.reason and not one.passed else f": {one.why}"
    approved = f", approved by {one.approver}" if one.approver else ""
    return f"{_day(one.at)} {verdict} by {one.author or 'nobody named'}{approved}{forced}"


def _span(one: Entry) -> str:
    return f"{_day(one.start)} to {_day(one.end)}" if one.rows else "-"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
