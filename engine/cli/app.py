"""The command `befit`: knows the name and the summary of every command, and loads a command's file when it is called.

A command is a file here with a function of the command's name, or with a typer application `app` where it has commands
of its own. An error that Befit raises on purpose is printed without a traceback; its exit code is in exits.py.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from documents.problem import BefitError
from engine.cli.exits import FAILED, FileUnusable, exit_code
from engine.cli.output import tell
from engine.cli.several_files import SeveralFiles

COMMANDS: Mapping[str, str] = {
    "demo": "Decide for made-up customers and say why.",
    "init": "Write a project to start from.",
    "serve": "Answer decisions over gRPC.",
    "decide": "Ask a running server what befits a customer.",
    "customer": "Show what is known of a customer, or lift what rests for one.",
    "load": "Write customers from a file.",
    "train": "Learn a model from history.",
    "evaluate": "Value policy and model on past choices.",
    "learn": "Count what contacts came to, for young actions to start from.",
    "drift": "Tell whether customers, scores and calibration are still those of the model.",
    "models": "List models with their lineage, and put one in force that passes the gate.",
    "batch": "Decide for a whole file of customers.",
    "sink": "Write the log to Parquet files, and prove it whole.",
    "report": "Tell what decisions brought, proved against the comparison groups.",
    "export": "Write the log as other software's files.",
    "import": "Read other software's files as a history.",
    "fairness": "Compare what the groups of protected features get.",
    "policy": "Check and test the policy.",
    "simulate": "Try a change of the policy on past decisions.",
    "action": "Stop an action everywhere, or let it run again.",
    "status": "Tell what a running server has in force.",
    "replay": "Make logged decisions again and compare.",
    "alerts": "List what people have to look at, and say what was done.",
    "push": "Send the messages that events started.",
    "outcomes": "List outcomes whose decisions are not known, or try them again.",
    "procedures": "Tell how long the steps of procedures take, by team.",
    "doctor": "Tell whether installation, files and store are well, and what would mend them.",
    "bench": "Measure the parts of a decision.",
    "kernel": "Compile the scorer for this machine, to spend less on each decision.",
}
SEVERAL = frozenset({"train", "evaluate", "drift"})
"""Commands whose repeatable options take several values in a row."""


FILES: Mapping[str, str] = {"import": "importing"}
"""Where a command's file cannot have its name: the name is a word of Python's."""


class CommandsByName(TyperGroup):
    """Loads a command's file only when that command is called; listing them loads none."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(name or ""), rest


app = typer.Typer(
    name="befit",
    cls=CommandsByName,
    help="Decides, in a few milliseconds, what befits one customer at one moment.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def load(name: str) -> Any:
    """The command of this name, ready to run."""
    module = importlib.import_module(f"engine.cli.{FILES.get(name, name)}")
    inner = getattr(module, "app", None)
    if inner is None:
        inner = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        inner.command(name, cls=SeveralFiles if name in SEVERAL else TyperCommand)(getattr(module, name))
    found = get_command(inner)
    found.name = name
    return found


def main() -> None:
    """What the installed command runs."""
    try:
        app()
    except BefitError as failure:
        tell(failure)
        sys.exit(exit_code(failure))
    except OSError as failure:
        tell(FileUnusable(f"{failure.filename or 'a file'} cannot be used: {failure.strerror or failure}"))
        sys.exit(FAILED)


def _listed() -> None:
    """Stands for a command in lists."""


for _name, _summary in COMMANDS.items():
    app.command(_name, help=_summary)(_listed)
