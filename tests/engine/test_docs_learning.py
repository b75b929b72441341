"""The commands that docs/learning.md shows are there, with these options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from engine.cli.app import app

TEXT = (Path(__file__).parents[2] / "docs" / "learning.md").read_text()
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
SPOKEN = re.findall(r"`(befit [a-z ]+[a-z])`", TEXT)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_takes_what_is_shown(line: str) -> None:
    _, *words = shlex.split(line, comments=True)
    command = typer.main.get_command(app)
    context = command.make_context("befit", words, resilient_parsing=True)
    while hasattr(command, "resolve_command"):
        name, command, words = command.resolve_command(context, words)
        assert command is not None, line
        context = command.make_context(name, words, parent=context)


@pytest.mark.parametrize("spoken", sorted({*SPOKEN}))
def test_a_command_that_is_spoken_of_is_there(spoken: str) -> None:
    command = typer.main.get_command(app)
    for word in spoken.split()[1:]:
        if not hasattr(command, "get_command"):
            break
        found = command.get_command(typer.Context(command), word)
        assert found is not None, spoken
        command = found
