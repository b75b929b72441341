"""Prints the story: each scene with what was asked, the answer as a table with its reasons, and how fast it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from befit import Decision
from engine.demo.scene import UNKNOWN, Answer, Claim, Scene
from rules.wording.code import Code

CAUSES: Mapping[str, str] = {
    "BEST_IS_NOTHING": "nothing: all that is allowed would do more harm than good",
    "NONE_ALLOWED": "nothing that makes sense now",
    "CAP_LOST": "nothing: a limit was reached meanwhile",
    "CONTROL_GROUP": "nothing: comparison group",
    "NOTHING_DRAWN": "nothing, to learn what proposing changes",
}
LEGEND = (
    "In the tables, chance is the chance of acceptance that the model expects; gain is what a success is worth to the "
    "company, in {currency}; worth is chance x gain, weighed for the situation, less what the contact costs. The "
    "choice goes by worth."
)
STAGES: Mapping[str, str] = {
    "eligibility": "may we",
    "applicability": "does it make sense now",
    "threshold": "worth too little",
    "arbitration": "worth less than the rest",
}
"""Stages of which only the number of actions is told, in plain words."""

_TELLING = ("contact", "suitability")
"""The stages whose rules say most of the customer, those that say more first: their sentences are told."""


def show(console: Console, number: int, scene: Scene) -> None:
    """Print one scene."""
    console.print()
    console.print(Rule(Text(f"{number}. {scene.title}", style="bold"), align="left", style="cyan"))
    console.print(scene.told)
    if scene.answer is not None:
        console.print(f"[dim]asked: {escape(scene.answer.asked)}[/dim]")
        console.print()
        console.print(_table(scene.answer.decision))
        for line in _below(scene.answer):
            console.print(line)
    console.print()
    console.print(_pairs(_claim(claim) for claim in scene.claims))


def _claim(claim: Claim) -> tuple[Text, Text]:
    if claim.holds:
        return Text("✓", style="green"), Text(claim.says, style="green")
    return Text("✗", style="bold red"), Text(f"does not hold: {claim.says}", style="bold red")


def _table(decision: Decision) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=True, header_style="dim")
    table.add_column("where", style="cyan", no_wrap=True)
    table.add_column("what befits", ratio=1)
    for name in ("chance", "gain", "worth"):
        table.add_column(name, justify="right", no_wrap=True)
    for placement in decision.response.placements:
        where = placement.placement.replace("_", " ")
        if not placement.actions:
            table.add_row(where, Text(_nothing(decision, placement), style="dim"))
        for action in placement.actions:
            table.add_row(where if action.rank == 1 else "", _what(action), *_figures(action))
    return table


def _nothing(decision: Decision, placement: Any) -> str:
    cause = CAUSES.get(decision.cause(placement.placement), "nothing")
    return f"{cause} ({placement.blocked_by})" if placement.blocked_by else cause


def _what(action: Any) -> Text:
    content = action.content
    text = Text(
        content.title or content.body or action.action_id.replace("_", " "), style="bold" if action.rank == 1 else ""
    )
    if action.honoured:
        text.append("  offered before", style="not bold green")
    if action.explored:
        text.append("  shown to learn", style="not bold magenta")
    if action.rank > 1:
        return text
    if content.say:
        text.append(f"\n“{content.say}”", style="not bold italic")
    elif content.title and content.body:
        text.append(f"\n{content.body}", style="not bold")
    for sentence in _reasons(action):
        text.append(f"\n{sentence}", style="not bold dim")
    return text


def _reasons(action: Any) -> list[str]:
    """Why it stands there, beyond being worth most, and what leans on its worth."""
    factors = action.factors
    said = [reason.sentence for reason in action.reasons if reason.code != Code.BEST or not action.HasField("factors")]
    said += [f"x {factors.context_weight:g} for the situation"] if factors.context_weight not in {0.0, 1.0} else []
    said += [f"x {factors.lever:g} by hand"] if factors.lever not in {0.0, 1.0} else []
    return list(dict.fromkeys(said))


def _figures(action: Any) -> tuple[str, str, str]:
    """Chance, gain and worth; where nobody is asked to say yes there is only a worth."""
    if not action.HasField("factors"):
        return "", "", ""
    factors = action.factors
    worth = f"{factors.priority:.2f}"
    if factors.propensity < 1.0:
        return f"{factors.propensity:.1%}", f"{factors.gain:.2f}", worth
    return "", "", worth


def _below(answer: Answer) -> Iterator[RenderableType]:
    """The tier, the rules that kept most away, and how fast it was."""
    response = answer.decision.response
    tier = f"Tier {response.tier.replace('_', ' ')}: " if response.tier else ""
    yield Text.assemble((f"\n{tier}", "bold"), response.tier_why)
    for placement in response.placements:
        if placement.HasField("send_at"):
            yield Text(f"To be sent {_utc(placement.send_at)}, not after {_utc(placement.expires_at)}", style="yellow")
    yield _pairs((Text(label, style="dim"), Text(told, style="dim")) for label, told in _kept_away(response.dropped))
    without = [code.lower().replace("_", " ") for code in answer.decision.degraded if code != UNKNOWN]
    told = [f"decided in {response.server_micros / 1000:.1f} ms, {answer.millis:.1f} ms in all with what explains it"]
    told += [f"answered with less information: {', '.join(without)}"] if without else []
    yield Text(" · ".join(told), style="dim")


def _kept_away(dropped: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """How many actions were kept away, and why: the telling rules in their own words, the others by stage."""
    by_rule = Counter((one.stage, one.reason.sentence) for one in dropped if one.stage in _TELLING)
    label = "kept away"
    for (_, sentence), count in sorted(by_rule.items(), key=lambda item: (_TELLING.index(item[0][0]), -item[1])):
        yield f"{label:<9} {count:>2}", sentence
        label = ""
    by_stage = Counter(STAGES[one.stage] for one in dropped if one.stage in STAGES)
    if by_stage:
        told = " · ".join(f"{stage}: {count}" for stage, count in by_stage.most_common())
        yield f"{label:<9} {by_stage.total():>2}", told


def _utc(at: Any) -> str:
    return f"{datetime.fromtimestamp(at.seconds, UTC):%A %H:%M} UTC"


def _pairs(rows: Iterable[tuple[Text, Text]]) -> Table:
    """Short words on the left, sentences beside them."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for row in rows:
        grid.add_row(*row)
    return grid
