"""`befit policy fmt`: settle the layout of policy.yaml; what it says stays, and so does every comment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from documents.layout.settle import LayoutNotSettled, settled
from documents.strict_yaml import load
from engine.cli.exits import GATE, UsageMistaken
from engine.cli.policy_table import write_whole
from engine.project import POLICY_FILE
from rules.key_order import policy_key_order


def fmt(
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml.")] = Path(),
    check: Annotated[bool, typer.Option("--check", help="Change nothing; end with 4 where something would.")] = False,
) -> None:
    """Settle the layout of policy.yaml: order of keys, indentation, quotes, width. Its meaning and comments stay."""
    path = project / POLICY_FILE
    load(path)
    text = path.read_bytes().decode("utf-8")
    try:
        wanted = settled(text, str(path), policy_key_order)
    except LayoutNotSettled as refused:
        raise UsageMistaken(str(refused)) from None
    if wanted == text:
        typer.echo(f"{path} is settled")
    elif check:
        typer.echo(f"{path} would change; run befit policy fmt")
        raise typer.Exit(GATE)
    else:
        write_whole(path, wanted)
        typer.echo(f"{path} is settled now")
