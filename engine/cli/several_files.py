"""Lets an option take several values in a row: `--history a.csv b.csv` besides `--history a.csv --history b.csv`."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class SeveralFiles(TyperCommand):
    """A command without positional arguments whose repeatable options take what follows up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        repeatable = {name for one in self.params if getattr(one, "multiple", False) for name in one.opts}
        return super().parse_args(ctx, _spread(args, repeatable))


def _spread(args: list[str], repeatable: set[str]) -> list[str]:
    """Each further value with its option before it again."""
    spread: list[str] = []
    option, values = "", 0
    for word in args:
        if word.startswith("-"):
            option, values = word, 0
        elif option in repeatable and values:
            spread.append(option)
        values += not word.startswith("-")
        spread.append(word)
    return spread
