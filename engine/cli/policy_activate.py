"""`befit policy activate`: put another policy or model in force on a running server, without a restart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from befit import changes
from engine.cli.asking import AddressOption, asking
from engine.cli.changing import SECONDS, AuthorOption, NoteOption, is_revision, person, project_files, tell_change
from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.cli.output import Output, OutputOption


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateFlags:
    """What `befit policy activate` may be told."""

    target: Annotated[
        str | None, typer.Argument(metavar="[FOLDER|REVISION]", help="Without one, the server's own files.")
    ] = None
    bundle: Annotated[str, typer.Option(help="Model bundle: a folder of the server's project, or a revision.")] = ""
    no_model: Annotated[bool, typer.Option("--no-model", help="Take the model away.")] = False
    author: AuthorOption = None
    note: NoteOption = ""
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only try it.")] = False
    address: AddressOption = None
    output: OutputOption = Output.TABLE


@flags
def activate(told: ActivateFlags) -> None:
    """Put a policy or a model in force: it is compiled and its suites are run first, then all workers switch at once.

    Ends with 3 where its files do not hold, with 4 where a case fails; what is in force then stays.
    """
    if told.no_model and told.bundle:
        raise UsageMistaken("choose --bundle or --no-model")
    options = changes.ActivateOptions(
        bundle=told.bundle,
        without_model=told.no_model,
        author=person(told.author),
        note=told.note,
        dry_run=told.dry_run,
    )
    if told.target is None:
        options["reload_policy"] = not (told.bundle or told.no_model)
    elif is_revision(told.target):
        options["revision"] = told.target
    else:
        options["files"] = project_files(Path(told.target))
    with asking(told.address) as client:
        answer = client.run(changes.activate(**options), SECONDS)
    tell_change(answer, told.output, tried=told.dry_run)
