"""How an action comes to what it is worth, step by step: each factor with what it leaves, as a waterfall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text

from engine.cli.tables import table

WIDTH = 24
"""Characters of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉"


class Step(NamedTuple):
    """One factor: its name, how it acts ("" for the amount that begins and for the sum), and the amount after it."""

    name: str
    how: str
    after: float


def steps(factors: Any) -> Iterator[Step]:
    """The gain, then every factor that changes it, then the priority; what is neutral is left out."""
    f, amount = factors, factors.gain
    yield Step("gain", "", amount)
    for name, factor, how in (
        ("chance of acceptance", f.propensity - f.baseline, f"x {_percent(f)}"),
        ("situation", f.context_weight, f"x {f.context_weight:.2f}"),
        ("manual boost", f.lever, f"x {f.lever:.2f}"),
    ):
        if factor != 1.0:
            amount *= factor
            yield Step(name, how, amount)
    for name, part in (("cost", -f.cost), ("later effect", f.long_term), ("budget brake", -f.scarcity)):
        if part:
            amount += part
            yield Step(name, f"{'+' if part > 0 else '-'} {abs(part):.2f}", amount)
    yield Step("worth", "", f.priority)


def waterfall(action: Any) -> RenderableType:
    """The steps of one proposed action, and what weighed in its chance."""
    found = list(steps(action.factors))
    most = max(abs(step.after) for step in found) or 1.0
    rows = [(step.name, step.how, f"{step.after:.2f}", _bar(step.after / most)) for step in found]
    told = [Text(f"  {one.sentence} ({one.effect:+.2f})", style="dim") for one in action.contributions]
    return Group(table(f"How {action.action_id} comes to its worth", ("", " ", "leaves ", ""), rows), *told)


def _percent(factors: Any) -> str:
    if not factors.baseline:
        return f"{factors.propensity:.1%}"
    return f"({factors.propensity:.1%} - {factors.baseline:.1%} without us)"


def _bar(share: float) -> str:
    """A bar for a share of the longest; what is lost is marked."""
    eighths = round(abs(share) * WIDTH * len(_EIGHTHS))
    whole, rest = divmod(eighths, len(_EIGHTHS))
    return ("-" if share < 0 else "") + "█" * whole + _EIGHTHS[rest].strip()
