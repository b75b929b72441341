"""`befit export`: the log as other software's files."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.cli.times import moment
from engine.demo.days.lived_log import Days, write_demo_log
from engine.demo.days.project import demo_project
from engine.demo.drawing import Size
from engine.demo.pack import PackUnknown
from engine.interchange.pega.export import Exported, Span, export_log
from engine.project import load_snapshot
from engine.sink.pseudonyms import pseudonyms_of
from engine.snapshot import Snapshot

HISTORY_EACH = 12
app = typer.Typer(
    help="Write the log as other software's files.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def formats() -> None:
    """Write the log as other software's files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PegaFlags:
    """What `befit export pega` is told."""

    out: Annotated[Path, typer.Option(help="Folder for the files.")]
    log: Annotated[Path | None, typer.Option(help="Folder that `befit sink` writes; with --demo, one to make.")] = None
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml.")] = Path()
    since: Annotated[str, typer.Option(help="Only decisions from here on, as in 2026-09-24.")] = ""
    until: Annotated[str, typer.Option(help="Only decisions before.")] = ""
    demo: Annotated[bool, typer.Option("--demo", help="Make a log of a demo company first.")] = False
    pack: Annotated[str, typer.Option(help="With --demo: which company.")] = "telco"
    customers: Annotated[int, typer.Option(help="With --demo: how many customers.", min=300, max=99_999)] = 1000
    days: Annotated[int, typer.Option(help="With --demo: for how many days.", min=1, max=60)] = 8
    visits: Annotated[int, typer.Option(help="With --demo: decisions a day.", min=1, max=100_000)] = 400
    output: OutputOption = Output.TABLE


@app.command()
@flags
def pega(told: PegaFlags) -> None:
    """Write the files that Pega's pdstools reads: Interaction History, models and predictors, decisions, impact.

    Customers stand in them under the project's pseudonyms.
    """
    if told.log is None and not told.demo:
        raise UsageMistaken("say where the log is: --log DIR, as `befit sink --out DIR` writes it; or try --demo")
    span = Span(moment(told.since, "--since"), moment(told.until, "--until"))
    with ExitStack() as owned:
        project, log, snapshot = _source(told, owned)
        names = pseudonyms_of(project, secrets.token_bytes(32))
        exported = export_log(log, told.out, snapshot, names, span)
    _tell(exported, told)


def _source(told: PegaFlags, owned: ExitStack) -> tuple[Path, Path, Snapshot]:
    """The project, its log, and what reads both."""
    if not told.demo and told.log is not None:
        return told.project, told.log, load_snapshot(told.project, None)
    project = Path(owned.enter_context(tempfile.TemporaryDirectory(prefix="befit-demo-")))
    now = time.time()
    try:
        made = demo_project(told.pack, project, Size(told.customers, HISTORY_EACH * told.customers), now)
    except PackUnknown as unknown:
        raise UsageMistaken(str(unknown)) from None
    log = told.log or project / "lake"
    asyncio.run(write_demo_log(made, log, Days(now, told.days, told.visits)))
    return project, log, made.snapshot


def _tell(exported: Exported, told: PegaFlags) -> None:
    if told.output is Output.JSON:
        said = {"out": str(told.out), "decisions": exported.decisions, "rows": dict(exported.rows)}
        print_json(said | {"policies_missing": exported.missing})
        return
    console = screen()
    rows = [(escape(name), f"{count:,}") for name, count in exported.rows.items()]
    console.print(table(f"{exported.decisions:,} decisions in {escape(str(told.out))}", ["file", "rows "], rows))
    for revision in exported.missing:
        console.print(f"policy {revision} was not kept beside the log: told as the project's policy is", style="yellow")
