"""One scene of the story: what happens, what is asked, what is answered, and whether the answer bears out the words."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Unpack

from befit import Client, Decision
from befit.questions import DecideOptions
from engine.demo.cast import Cast
from rules.policy import Action

PATIENCE_MS = 2_000.0
UNKNOWN = "UNKNOWN_CUSTOMER"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that the story says of an answer, and whether it holds."""

    says: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision with the time from question to answer, in the client, and how the question reads."""

    asked: str
    decision: Decision
    millis: float


@dataclass(frozen=True, slots=True)
class Scene:
    """`told` says what happens; `answer` None where nothing is decided; `claims` what the answer shows."""

    title: str
    told: str
    answer: Answer | None
    claims: tuple[Claim, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """The claims that do not hold."""
        return tuple(claim.says for claim in self.claims if not claim.holds)


@dataclass(slots=True)
class Stage:
    """What scenes play on: a client of the running server, the cast, the policy's actions by id, and `answers`, what
    earlier scenes left to later ones."""

    client: Client
    cast: Cast
    actions: Mapping[str, Action]
    answers: dict[str, Decision] = field(default_factory=dict)

    def ask(self, who: str, channel: str, **options: Unpack[DecideOptions]) -> Answer:
        """Ask what befits the customer with this id, with every reason."""
        options.setdefault("trace", "FULL")
        begun = time.perf_counter()
        decision = self.client.decide(who, channel, deadline_ms=PATIENCE_MS, **options)
        return Answer(_worded(channel, options), decision, (time.perf_counter() - begun) * 1000.0)

    def outcome(self, decision: Decision, action: str, kind: str, reason: str = "") -> bool:
        """Tell what came of an action; whether it was entered."""
        (receipt,) = self.client.record_outcomes(
            [{"decision_id": decision.id, "action_id": action, "type": kind, "reason_code": reason}]
        )
        return not receipt.HasField("problem")

    def price_class(self, action: str) -> object:
        """What the policy calls the price of an action: free, low, middle or high."""
        return self.actions[action].attributes["price_class"]


def undisturbed(decision: Decision) -> tuple[Claim, ...]:
    """What every answer of the story must be and no scene mentions: complete, of the server, not left to chance. Empty
    when it is."""
    without = [code for code in decision.degraded if code != UNKNOWN]
    group = decision.response.experiment_group
    drawn = [one.action_id for place in decision.response.placements for one in place.actions if one.explored]
    faults = (
        (f"The server answers, not the client by itself ({decision.local}).", not decision.local),
        (f"Nothing is missing for the answer ({', '.join(without)}).", not without),
        (f"The customer is in no comparison group ({group}).", not group),
        (f"No action is drawn to learn ({', '.join(drawn)}).", not drawn),
        ("The answer comes from rules and a model.", bool(decision.response.model_revision)),
    )
    return tuple(Claim(says, holds) for says, holds in faults if not holds)


def named(action: Any, name: str) -> bool:
    """Whether there is an action, and it is this one."""
    return action is not None and action.action_id == name


def title(action: Any) -> str:
    """How an action is called in the story: its headline."""
    return str(action.content.title or action.action_id.replace("_", " ")) if action else "nothing"


def everything(decision: Decision) -> tuple[Any, ...]:
    """All actions of an answer, whatever their placement."""
    return tuple(action for placement in decision.response.placements for action in placement.actions)


def kept_away(decision: Decision, rule: str) -> int:
    """How many actions a rule kept out of the answer."""
    return sum(1 for one in decision.response.dropped if one.rule_id == rule)


def _worded(channel: str, options: DecideOptions) -> str:
    context = options.get("context", {})
    words = [
        channel,
        *(f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}" for key, value in context.items()),
    ]
    words += [f"intent={options['intent']}"] if options.get("intent") else []
    words += [f"placements={','.join(options['placements'])}"] if options.get("placements") else []
    words += [f"follows={options['follows_decision_id']}"] if options.get("follows_decision_id") else []
    words += [f"locale={options['locale']}"] if options.get("locale") else []
    return ", ".join(words)
