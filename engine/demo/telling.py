"""Prints the story: each scene with what was asked, the answer as a table with its reasons, and how fast it was."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from befit import Decision
from engine.demo.scene import Scene

_CAUSES = {
    "BEST_IS_NOTHING": "nothing: the best is to leave it",
    "NONE_ALLOWED": "nothing is allowed here",
    "FALLBACK": "the fallback",
    "CAP_LOST": "a limit was reached meanwhile",
    "CONTROL_GROUP": "comparison group",
}
_MOST_REASONS = 4


def show(console: Console, number: int, scene: Scene, zone: str) -> None:
    """Print one scene; times are told in `zone`."""
    console.print()
    console.print(Rule(Text(f"{number}. {scene.title}", style="bold"), align="left", style="cyan"))
    console.print(scene.told)
    if scene.decision is not None:
        console.print(f"[dim]asked:[/dim] [cyan]{escape(scene.asked)}[/cyan]")
        console.print(_answer(scene.decision, zone))
        _show_dropped(console, scene.decision)
        console.print(_foot(scene))
    for remark in scene.remarks:
        console.print(f"[green]-> {escape(remark)}[/green]")


def _answer(decision: Decision, zone: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=True)
    table.add_column("where", style="cyan", no_wrap=True)
    table.add_column("what befits", ratio=3)
    table.add_column("why", ratio=2)
    table.add_column("chance", justify="right", no_wrap=True)
    table.add_column("worth", justify="right", no_wrap=True)
    for placement in decision.response.placements:
        if not placement.actions:
            table.add_row(placement.placement, Text(_nothing(decision, placement), style="dim"))
        for action in placement.actions:
            where = placement.placement if action.rank == 1 else ""
            what = _what(action, placement, zone)
            table.add_row(where, what, _why(action), _chance(action), _worth(action))
    return table


def _nothing(decision: Decision, placement: Any) -> str:
    cause = _CAUSES.get(decision.cause(placement.placement), "nothing")
    return f"{cause} ({placement.blocked_by})" if placement.blocked_by else cause


def _what(action: Any, placement: Any, zone: str) -> Text:
    content = action.content
    text = Text(content.title or action.action_id.replace("_", " "), style="bold" if action.rank == 1 else "")
    if action.honoured:
        text.append("  honoured", style="green")
    if action.explored:
        text.append("  drawn to learn", style="magenta")
    if placement.HasField("send_at"):
        text.append(f"  send at {_local(placement.send_at, zone)}", style="yellow")
    told = content.say or content.body
    if told and action.rank == 1:
        text.append(f"\n{told}" if not content.say else f'\n"{told}"', style="not bold italic")
    return text


def _why(action: Any) -> Text:
    return Text("; ".join(dict.fromkeys(reason.sentence for reason in action.reasons)), style="dim")


def _chance(action: Any) -> str:
    return f"{action.factors.propensity:.1%}" if action.factors.propensity < 1.0 else ""


def _worth(action: Any) -> str:
    return f"{action.factors.priority:.2f}"


def _local(at: Any, zone: str) -> str:
    moment = datetime.fromtimestamp(at.seconds, UTC).astimezone(ZoneInfo(zone))
    return f"{moment:%a %H:%M} ({zone})"


def _show_dropped(console: Console, decision: Decision) -> None:
    """The rules that kept most actions away, with their own sentence."""
    dropped = decision.response.dropped
    by_rule = Counter((one.rule_id, one.reason.sentence) for one in dropped if one.rule_id)
    for (_, sentence), count in by_rule.most_common(_MOST_REASONS):
        console.print(f"[dim]kept away {count:>2}: {escape(sentence)}[/dim]")


def _foot(scene: Scene) -> Text:
    assert scene.decision is not None
    response = scene.decision.response
    text = Text(f"tier {response.tier}", style="bold")
    text.append(f": {response.tier_why}", style="not bold")
    parts = [f"  {response.server_micros / 1000:.1f} ms in the server, {scene.millis:.1f} ms in all"]
    parts += [f"comparison group {response.experiment_group}"] if response.experiment_group else []
    parts += [f"with less information: {', '.join(scene.decision.degraded)}"] if scene.decision.degraded else []
    return text.append(" · ".join(parts), style="not bold dim")
