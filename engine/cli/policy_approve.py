"""`befit policy approve`: put in force what another person wants, where the policy asks for two people."""

from __future__ import annotations

from typing import Annotated

import typer

from befit import changes
from engine.cli.asking import AddressOption, asking
from engine.cli.changing import SECONDS, person, tell_change
from engine.cli.output import Output, OutputOption


def approve(
    revision: Annotated[str, typer.Argument(help="What waits, as `befit status` lists it.")],
    approver: Annotated[str | None, typer.Option(help="Who approves; else the name of this system's user.")] = None,
    address: AddressOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Put in force what waits for another person. It is compiled again first, beside what is in force now."""
    with asking(address) as client:
        answer = client.run(changes.approve(revision, person(approver)), SECONDS).result
    tell_change(answer, output)
