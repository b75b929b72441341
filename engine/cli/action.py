"""`befit action`: stop an action in all channels within a second, or let it run again."""

from __future__ import annotations

from typing import Annotated

import typer

from befit import changes
from engine.cli.asking import AddressOption, asking
from engine.cli.changing import AuthorOption, person
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen
from engine.wire.json import plain

app = typer.Typer(
    help="Stop an action everywhere, or let it run again.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
ActionArgument = Annotated[str, typer.Argument(metavar="ID", help="The action's id in the policy.")]
ReasonOption = Annotated[str, typer.Option(help="Why; shown by `befit status` while it is stopped.")]


@app.command()
def stop(
    action: ActionArgument,
    reason: ReasonOption = "",
    author: AuthorOption = None,
    address: AddressOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Propose an action nowhere any more: every worker on every machine knows within a second."""
    _switch(changes.stop_action(action, stopped=True, reason=reason, author=person(author)), address, output)


@app.command()
def start(
    action: ActionArgument,
    reason: ReasonOption = "",
    author: AuthorOption = None,
    address: AddressOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Let an action that was stopped run again."""
    _switch(changes.stop_action(action, stopped=False, reason=reason, author=person(author)), address, output)


def _switch(call: changes.StopCall, address: str | None, output: Output) -> None:
    with asking(address) as client:
        found = client.run(call)
    if output is Output.JSON:
        print_json(plain(found))
    else:
        screen().print(f"stopped: {', '.join(found.stopped_actions) or 'none'}", soft_wrap=True)
