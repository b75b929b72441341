"""`befit customer`: all that is known of one, why they are served as they are, and lifting what rests for them."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from befit import Client, calls
from engine.cli.asking import AddressOption, asking, called
from engine.cli.customer_tables import customer_parts, lifted_parts
from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen
from engine.wire.json import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What `befit customer` may be told."""

    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer or visitor.")]
    lift_pause: Annotated[
        str | None, typer.Option(help="An action, or a pause rule as rule:ID: it may be proposed again from now on.")
    ] = None
    why: Annotated[str, typer.Option(help="Why the pause is lifted; it stands in the log.")] = ""
    by: Annotated[str, typer.Option(help="Who lifts it; else the name you are logged in by.")] = ""
    address: AddressOption = None
    output: OutputOption = Output.TABLE


@flags
def customer(asked: Asked) -> None:
    """Show what is known of a customer, or lift what rests for one."""
    if asked.lift_pause is None and (asked.why or asked.by):
        raise UsageMistaken("--why and --by belong to --lift-pause")
    with asking(asked.address) as client:
        _lift(client, asked, asked.lift_pause) if asked.lift_pause is not None else _show(client, asked)


def _show(client: Client, asked: Asked) -> None:
    found = client.get_customer(asked.customer, audience="ANALYST")
    if asked.output is Output.JSON:
        print_json(plain(found))
        return
    for part in customer_parts(found, called(client)):
        screen().print(part)


def _lift(client: Client, asked: Asked, about: str) -> None:
    if not asked.why.strip():
        raise UsageMistaken("say --why the pause is lifted: it stands in the log")
    rule = about.removeprefix("rule:") if about.startswith("rule:") else ""
    by = asked.by or getpass.getuser()
    action = "" if rule else about
    call = calls.lift_pause(asked.customer, action_id=action, rule_id=rule, lifted_by=by, why=asked.why)
    answer = client.run(call)
    if asked.output is Output.JSON:
        print_json(plain(answer))
        return
    screen().print(
        lifted_parts(answer) if answer.lifted else Text(f"Nothing of this kind rests for this {called(client)}.")
    )
