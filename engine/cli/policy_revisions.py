"""`befit policy revisions`: what was in force, by whom and why."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from befit import changes
from engine.cli.asking import AddressOption, asking
from engine.cli.changing import at
from engine.cli.output import Output, OutputOption
from engine.cli.policy_challenger import share
from engine.cli.tables import print_json, screen, table
from engine.wire.json import plain

COLUMNS = ("change ", "since", "policy", "model", "how", "by", "approved by", "why")


def revisions(
    newest: Annotated[int, typer.Option(min=1, max=1000, help="How many changes.")] = 20,
    address: AddressOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """List what was in force, the newest first. Any of it can be put back with `befit policy rollback REVISION`."""
    with asking(address) as client:
        found = client.run(changes.list_revisions(newest))
    if output is Output.JSON:
        print_json(plain(found))
    else:
        screen().print(table("What was in force", COLUMNS, map(_row, found.history)))


def _row(was: Any) -> tuple[str, ...]:
    how = was.origin
    if was.HasField("challenge"):
        how += " as a shadow" if was.challenge.shadow else f" for {share(was.challenge)}"
        how += f" {was.challenge.policy_revision}"
    who = (was.author or "-", was.approver or "-", was.note)
    return (str(was.epoch), at(was.at), was.policy_revision, was.model_revision or "none", how, *who)
