"""`befit outcomes`: outcomes whose decisions are not known, and trying them again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from engine.cli.asking import AddressOption, asking
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.wire.json import plain

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Outcomes whose decisions are not known.")
_COLUMNS = ("came", "outcome", "type", "decision", "tries", "why")


@app.callback(invoke_without_command=True)
def outcomes(
    context: typer.Context,
    waiting: Annotated[bool, typer.Option("--waiting", help="Those that still wait for their decisions.")] = False,
    limit: Annotated[int, typer.Option(help="How many, the latest.", min=1, max=1000)] = 100,
    address: AddressOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """List the outcomes that were put aside because nobody knows their decisions."""
    if context.invoked_subcommand is not None:
        return
    with asking(address) as client:
        found = client.parked_outcomes(waiting=waiting, limit=limit)
    if output is Output.JSON:
        print_json([plain(one) for one in found])
        return
    what = "wait for their decisions" if waiting else "put aside"
    screen().print(table(f"{len(found)} outcomes {what}", _COLUMNS, map(_row, found)))


@app.command()
def retry(
    outcome: Annotated[list[str], typer.Argument(help="The outcomes' ids.")],
    address: AddressOption = None,
) -> None:
    """Let outcomes that were put aside wait for their decisions anew."""
    with asking(address) as client:
        for one in outcome:
            client.retry_outcome(one)
    screen().print(f"{len(outcome)} outcomes are tried again")


def _row(parked: Any) -> tuple[str, ...]:
    told = parked.outcome
    came = datetime.fromtimestamp(parked.since.seconds).astimezone().strftime("%Y-%m-%d %H:%M")
    return came, told.outcome_id, told.type, told.decision_id, str(parked.tries), parked.reason
