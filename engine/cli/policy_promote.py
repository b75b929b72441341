"""`befit policy promote`: put the challenger in force."""

from __future__ import annotations

from befit import changes
from engine.cli.asking import AddressOption, asking
from engine.cli.changing import SECONDS, AuthorOption, person, tell_change
from engine.cli.output import Output, OutputOption


def promote(author: AuthorOption = None, address: AddressOption = None, output: OutputOption = Output.TABLE) -> None:
    """Put the challenger in force, for everybody; where the policy asks for two people, another one has to approve."""
    with asking(address) as client:
        answer = client.run(changes.end_challenge(person(author), promote=True), SECONDS).result
    tell_change(answer, output)
