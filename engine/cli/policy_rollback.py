"""`befit policy rollback`: put back in force what was before."""

from __future__ import annotations

from typing import Annotated

import typer

from befit import changes
from engine.cli.asking import AddressOption, asking
from engine.cli.changing import SECONDS, AuthorOption, NoteOption, person, tell_change
from engine.cli.output import Output, OutputOption


def rollback(
    revision: Annotated[str, typer.Argument(help="An earlier policy or bundle; without one, what was before.")] = "",
    author: AuthorOption = None,
    note: NoteOption = "",
    address: AddressOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Put back in force what was before; a second rollback goes further back. Nobody approves it, no suites are run."""
    with asking(address) as client:
        answer = client.run(changes.roll_back(revision, person(author), note), SECONDS).result
    tell_change(answer, output)
