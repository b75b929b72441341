"""`befit policy`: what a business owner does with a policy, each a command of its own in `policy_<name>.py`.

As with `befit` itself, a command's file is loaded when it is called; listing them loads none.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS: Mapping[str, str] = {
    "activate": "Put another policy or model in force on a running server.",
    "approve": "Put in force what another person wants.",
    "challenge": "Try another policy or model beside the one in force.",
    "challenger": "Tell how the challenger fares.",
    "check": "Tell everything that is wrong or suspicious in the policy.",
    "diff": "Tell what another policy would have decided, and for whom.",
    "fmt": "Settle the layout of policy.yaml; its meaning and its comments stay.",
    "promote": "Put the challenger in force.",
    "revisions": "List what was in force, by whom and why.",
    "rollback": "Put back in force what was before.",
    "table": "Write a decision table as CSV, or read one back.",
    "test": "Run the cases in *_test.yaml.",
}


class PolicyCommands(TyperGroup):
    """Loads a command's file only when that command is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(name or ""), rest


app = typer.Typer(
    cls=PolicyCommands,
    help="Check, test and format the policy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def load(name: str) -> Any:
    """The command of this name, ready to run."""
    module = importlib.import_module(f"engine.cli.policy_{name}")
    inner = getattr(module, "app", None)
    if inner is None:
        inner = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        inner.command(name)(getattr(module, name))
    found = get_command(inner)
    found.name = name
    return found


def _listed() -> None:
    """Stands for a command in lists."""


for _name, _summary in COMMANDS.items():
    app.command(_name, help=_summary)(_listed)
