"""`befit import`: other software's files as a history, events and a project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import orjson
import polars as pl
import typer
from rich.markup import escape

from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.interchange.pega.imported import Imported, read_interactions
from engine.interchange.pega.imported_project import write_project
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.sink.files import write_bytes, write_table

app = typer.Typer(
    help="Read other software's files as a history.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def formats() -> None:
    """Read other software's files as a history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PegaFlags:
    """What `befit import pega` is told."""

    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Their interactions: .zip, .json, .csv, .parquet."),
    ]
    out: Annotated[Path, typer.Option(help="Where the history goes: a .parquet file.")]
    events: Annotated[Path | None, typer.Option(help="Where events go, one JSON object a line.")] = None
    project: Annotated[Path | None, typer.Option(help="Folder for a policy and features that fit the history.")] = None
    output: OutputOption = Output.TABLE


@app.command()
@flags
def pega(told: PegaFlags) -> None:
    """Turn Pega's interactions into a history that `befit train` and `befit evaluate` read.

    With --project also into a policy with their channels and actions, and the features that the file has.
    """
    if told.out.suffix != ".parquet":
        raise UsageMistaken(f"--out {told.out} does not end in .parquet")
    if told.project is not None and any((told.project / name).exists() for name in (POLICY_FILE, FEATURES_FILE)):
        raise UsageMistaken(f"{told.project} has a project already; nothing is overwritten")
    imported = read_interactions(told.file)
    write_table(told.out, imported.history)
    if told.events is not None:
        rows = imported.events.with_columns(pl.col("at").dt.to_string("iso:strict"))
        write_bytes(told.events, b"".join(orjson.dumps(row) + b"\n" for row in rows.iter_rows(named=True)))
    if told.project is not None:
        write_project(imported, told.project, told.file.name.partition(".")[0])
    _tell(imported, told.output)


def _tell(imported: Imported, output: Output) -> None:
    rates = rates_of(imported)
    if output is Output.JSON:
        counts = {"contacts": imported.history.height, "events": imported.events.height}
        print_json(counts | {"left_out": dict(imported.left_out), "rates": rates.to_dicts()})
        return
    console = screen()
    rows = [
        (escape(channel), escape(outcome or "none yet"), f"{contacts:,}", f"{share:.1%}")
        for channel, outcome, contacts, share in rates.iter_rows()
    ]
    title = (
        f"{imported.history.height:,} contacts, {imported.events.height:,} events, {len(imported.features)} features"
    )
    console.print(table(title, ["channel", "outcome", "contacts ", "share of the channel "], rows))
    for name, why in imported.left_out.items():
        console.print(f"[dim]{escape(name)} {why}: left out[/dim]")


def rates_of(imported: Imported) -> pl.DataFrame:
    """Contacts by channel and outcome, and their share of the channel's."""
    counted = imported.history.group_by("channel", "outcome").agg(pl.len().alias("contacts"))
    share = pl.col("contacts") / pl.col("contacts").sum().over("channel")
    return counted.with_columns(share.alias("share")).sort("channel", "contacts", descending=[False, True])
