"""How commands speak: `-o table|json`, and errors as one message with an exit code, never as a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from documents.problem import BefitError
from engine.cli.exits import exit_code


class Output(StrEnum):
    """What `-o` takes."""

    TABLE = "table"
    JSON = "json"


OutputOption = Annotated[Output, typer.Option("-o", "--output", help="How to print: table or json.")]


@contextmanager
def told() -> Iterator[None]:
    """Turn an error that Befit raises on purpose into a message on stderr and the command's exit code."""
    try:
        yield
    except BefitError as failure:
        tell(failure)
        raise typer.Exit(exit_code(failure)) from None


def tell(failure: BefitError) -> None:
    """The message of an error, on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[red]error[/red] {escape(str(failure))}")
