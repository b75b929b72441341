"""A decision as tables for business people: what befits, why, and what was held back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from befit import Decision
from engine.cli.tables import table
from engine.cli.waterfall import waterfall
from engine.decision import Factors
from engine.stage_words import STAGES
from rules.wording.code import Code
from rules.wording.english import ENGLISH

FACTORS: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("chance ", lambda f: f"{f.propensity:.1%}"),
    ("without us ", lambda f: f"{f.baseline:.1%}"),
    ("gain ", lambda f: f"{f.gain:.2f}"),
    ("cost ", lambda f: f"{f.cost:.2f}"),
    ("later effect ", lambda f: f"{f.long_term:.2f}"),
    ("situation ", lambda f: f"x{f.context_weight:.2f}"),
    ("manual boost ", lambda f: f"x{f.lever:.2f}"),
    ("budget brake ", lambda f: f"{f.scarcity:.2f}"),
)
"""The parts of what an action is worth; one that changes nothing for any action is not shown."""

_NEUTRAL = Factors(
    propensity=1, baseline=0, gain=0, cost=0, long_term=0, context_weight=1, lever=1, scarcity=0, priority=0
)


def decision_parts(decision: Decision, explain: bool, word: str = "customer") -> Iterator[RenderableType]:
    """What to print, in order; with `explain` also every factor and everything that was not proposed. `word` is
    what the policy calls a customer."""
    response = decision.response
    yield Text.assemble(("Decision ", "bold"), response.decision_id or "that is not remembered")
    yield Text(f"Tier {response.tier}: {response.tier_why.removeprefix(f'Tier {response.tier}: ')}")
    for filled in response.placements:
        yield _placement(decision, filled, word)
    if explain:
        yield from _explained(decision)
    if response.degraded:
        told = " ".join(_sentence(code, word) for code in decision.degraded)
        yield Text(f"Answered with less information: {told}", style="yellow")
    yield Text(_footing(decision), style="dim")


def _placement(decision: Decision, filled: Any, word: str) -> RenderableType:
    cause = decision.cause(filled.placement)
    title = filled.placement + (f" - {_sentence(cause, word)}" if cause else "")
    if not filled.actions:
        return Text.assemble((title, "bold"), _waiting(filled), "\n  nothing")
    rows = [
        (str(one.rank), one.action_id, one.content.title, _chance(one), f"{one.factors.priority:.2f}", _why(one))
        for one in filled.actions
    ]
    return table(title + _waiting(filled), ("", "action", "title", "chance ", "worth ", "why"), rows)


def _waiting(filled: Any) -> str:
    blocked = f", held back by {filled.blocked_by}" if filled.blocked_by else ""
    when = "send at" if filled.actions else "ask again at"
    return blocked + (f", {when} {_time(filled.send_at)}" if filled.HasField("send_at") else "")


def _explained(decision: Decision) -> Iterator[RenderableType]:
    """What everything is worth and how the proposed came to it; what was not proposed, why, and what would have
    changed that."""
    dropped = decision.response.dropped
    ranked: list[Any] = [one for filled in decision.response.placements for one in filled.actions]
    scored = [*ranked, *(one for one in dropped if one.HasField("factors"))]
    shown = [(name, part) for name, part in FACTORS if any(part(one.factors) != part(_NEUTRAL) for one in scored)]
    columns = ("action", *(name for name, _ in shown), "worth ")
    worth = (
        (one.action_id, *(part(one.factors) for _, part in shown), f"{one.factors.priority:.2f}") for one in scored
    )
    yield table("What each action is worth now", columns, worth)
    yield from (waterfall(one) for one in ranked if one.factors.gain)
    rows = ((one.action_id, STAGES.get(one.stage, one.stage), one.rule_id, one.reason.sentence) for one in dropped)
    yield table("What was not proposed", ("action", "stopped at", "rule", "why"), rows)
    otherwise = [(one.action_id, one.counterfactual.sentence) for one in (*ranked, *dropped) if _changeable(one)]
    if otherwise:
        yield table("What would have changed it", ("action", "how it would come first"), otherwise)


def _changeable(one: Any) -> bool:
    return bool(one.HasField("counterfactual"))


def _chance(one: Any) -> str:
    """The chance of acceptance; kinds without one are certain, and say nothing."""
    return f"{one.factors.propensity:.1%}" if one.factors.propensity < 1.0 else ""


def _why(one: Any) -> str:
    marks = [mark for mark, holds in (("offered before", one.honoured), ("tried to learn", one.explored)) if holds]
    return " ".join([*(f"({mark})" for mark in marks), *(reason.sentence for reason in one.reasons)])


def _sentence(code: str, word: str) -> str:
    """What a code means to an agent; a code of a newer server stands for itself."""
    if code not in Code.__members__:
        return code
    return ENGLISH.sentences[Code(code)].agent.format_map({"customer": word})


def _footing(decision: Decision) -> str:
    response = decision.response
    model = f"model {response.model_revision}" if response.model_revision else "no model"
    group = f", comparison group {response.experiment_group}" if response.experiment_group else ""
    return f"policy {response.policy_revision}, {model}, {response.server_micros / 1000:.1f} ms in the server{group}"


def _time(at: Any) -> str:
    return datetime.fromtimestamp(at.seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
