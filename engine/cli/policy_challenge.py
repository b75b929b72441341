"""`befit policy challenge`: try another policy or model beside the one in force."""

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
from engine.cli.tables import screen


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeFlags:
    """What `befit policy challenge` may be told."""

    target: Annotated[
        str, typer.Argument(metavar="[FOLDER|REVISION]", help="The challenger's policy; without one, only --bundle.")
    ] = ""
    bundle: Annotated[str, typer.Option(help="Its model: a folder of the server's project, or a revision.")] = ""
    share: Annotated[float | None, typer.Option(min=0, max=100, help="Percent of customers it decides for.")] = None
    shadow: Annotated[bool, typer.Option("--shadow", help="Let it decide for nobody, only compare.")] = False
    stop: Annotated[bool, typer.Option("--stop", help="End the challenge.")] = False
    author: AuthorOption = None
    note: NoteOption = ""
    address: AddressOption = None
    output: OutputOption = Output.TABLE


@flags
def challenge(told: ChallengeFlags) -> None:
    """Try another policy or model: on a share of the customers, always the same ones, or as a shadow.

    See how it fares with `befit policy challenger`, put it in force with `befit policy promote`.
    """
    author = person(told.author)
    if told.stop and (told.target or told.bundle or told.shadow or told.share is not None):
        raise UsageMistaken("--stop ends the challenge that there is: name nothing else with it")
    if told.stop:
        call = changes.end_challenge(author, promote=False)
        with asking(told.address) as client:
            tell_change(client.run(call, SECONDS).result, told.output)
        return
    with asking(told.address) as client:
        answer = client.run(changes.challenge(**_options(told, author)), SECONDS).result
    tell_change(answer, told.output)
    if told.output is Output.TABLE and answer.activated:
        how = "decides beside it as a shadow" if told.shadow else f"decides for {told.share:g} % of the customers"
        screen().print(f"The challenger {how}. How it fares: befit policy challenger", soft_wrap=True)


def _options(told: ChallengeFlags, author: str) -> changes.ChallengeOptions:
    """Raises UsageMistaken."""
    if not (told.target or told.bundle):
        raise UsageMistaken("name a folder or a revision, or a --bundle")
    if told.share is not None and not told.share:
        raise UsageMistaken("--share is more than 0 percent; to decide for nobody say --shadow")
    if told.shadow == (told.share is not None):
        raise UsageMistaken("choose --share PERCENT or --shadow")
    options = changes.ChallengeOptions(
        bundle=told.bundle, share=(told.share or 0.0) / 100, shadow=told.shadow, author=author, note=told.note
    )
    if is_revision(told.target):
        options["revision"] = told.target
    elif told.target:
        options["files"] = project_files(Path(told.target))
    return options
