"""What the rules cost a decision: 1,000 actions, 100 rules, 6 caps and a full ledger, in microseconds.

Run `python -m loadtest.rules_bench`. Prints the best and the median of many repetitions of each stage.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

from documents.problem import Place
from rules.compiled import CompiledPolicy, compile_policy
from rules.contact import claims_for, read_history, screen_contact
from rules.facts import FLAG, NUMBER, Fact, FactSchema
from rules.ledger import Contact, Ledger, short_id, stable_id
from rules.policy import (
    Action,
    Cap,
    Channel,
    ContactPolicy,
    ContextField,
    ContextWeight,
    CountedTogether,
    Direction,
    EngagementRule,
    Exploration,
    Expression,
    Goal,
    Kind,
    Levers,
    Placement,
    Policy,
    Reason,
    Scope,
    Stage,
    Tier,
    Treatment,
)
from rules.policy import Content as Text
from rules.screen import Candidates, screen
from rules.situation import Moment, Standing, Value
from rules.weights import weigh

ACTIONS, RULES, FEATURES, CONTACTS = 1_000, 100, 60, 64
NOW = 1_790_000_000.0
REPETITIONS = 2_000
HERE = Place("bench", 1, 1)


def main() -> None:
    """Time every stage of the rules."""
    compiled = compile_policy(_policy(), _facts(), _refuse)
    assert compiled is not None
    customer: dict[str, Value] = {f"f{i}": float(i) for i in range(FEATURES)}
    for name, stage in _stages(compiled, customer).items():
        best, median = _timed(stage)
        print(f"{name:<34}{best:>9.1f}{median:>9.1f} us")


def _stages(compiled: CompiledPolicy, customer: Mapping[str, Value]) -> dict[str, Callable[[], object]]:
    moment = Moment(NOW, "push")
    values = compiled.bind(customer, moment)
    tier = compiled.place(values)
    verdicts = compiled.judge(values, tier)
    everything = Candidates(compiled.catalogue.all)
    allowed = screen(compiled, verdicts, moment, everything).allowed
    standing = Standing(_ledger(), consent={})
    history = read_history(compiled, standing, moment)
    chosen = int(compiled.catalogue.indexes(allowed)[0])
    nobody = compiled.place({})
    return {
        "bind the variables": lambda: compiled.bind(customer, moment),
        "place in a tier": lambda: compiled.place(values),
        "evaluate all other conditions": lambda: compiled.judge(values, tier),
        "the same, nothing known": lambda: compiled.judge({}, nobody),
        "screen": lambda: screen(compiled, verdicts, moment, everything),
        "read the contacts": lambda: read_history(compiled, standing, moment),
        "screen the contact": lambda: screen_contact(compiled, verdicts, history, moment, allowed),
        "weigh": lambda: weigh(compiled, verdicts, tier),
        "claims of one contact": lambda: claims_for(compiled, chosen, moment, standing),
    }


def _timed(stage: Callable[[], object]) -> tuple[float, float]:
    taken = []
    for _ in range(REPETITIONS):
        begun = time.perf_counter_ns()
        stage()
        taken.append((time.perf_counter_ns() - begun) / 1000)
    return min(taken), statistics.median(taken)


def _facts() -> FactSchema:
    return FactSchema.of(*(Fact(f"f{i}", NUMBER) for i in range(FEATURES)), Fact("open_complaint", FLAG, (), False))


def _policy() -> Policy:
    push = Channel("push", Direction.OUTBOUND, {"message": _placement()}, HERE)
    web = Channel("web", Direction.INBOUND, {"banner": _placement()}, HERE)
    return Policy(
        revision="bench",
        company="Bench",
        currency="EUR",
        time_zone="Europe/Berlin",
        vocabulary={},
        channels={"push": push, "web": web},
        intents=(),
        context={},
        trend=None,
        tiers=(_tier("gold", "customer.f1 > 100"), _tier("basic", "")),
        goals={"margin": Goal("margin", 1.0)},
        attributes={"price": ContextField("price", NUMBER, (), 0.0)},
        outcomes=(),
        actions=tuple(_action(i) for i in range(ACTIONS)),
        rules=tuple(_rule(i) for i in range(RULES)),
        contact=ContactPolicy(caps=tuple(_cap(i) for i in range(6))),
        levers=Levers(),
        context_weights=tuple(
            ContextWeight(f"w{i}", _cel(f"customer.f{i} > 5"), 10.0, Scope(groups=(f"group_{i}",)), HERE)
            for i in range(5)
        ),
        thresholds=(),
        exploration=Exploration(),
        control_groups=(),
        salt="bench",
    )


def _placement() -> Placement:
    return Placement("message", frozenset({Kind.OFFER}), 1, None, allow_nothing=True, compare_money=False)


def _tier(name: str, when: str) -> Tier:
    return Tier(name, _cel(when) if when else None, {"margin": 1.0}, 0.1, "", HERE)


def _action(i: int) -> Action:
    name = f"action_{i:04d}"
    return Action(
        id=name,
        stable_id=stable_id(name),
        kind=Kind.OFFER,
        issue=f"issue_{i % 5}",
        group=f"group_{i % 25}",
        place=HERE,
        attributes={"price": float(i % 90)},
        value={"margin": _cel("action.price * 0.2 + customer.f3") if i % 2 else float(i)},
        treatments={channel: Treatment(f"{name}.{channel}", channel, Text()) for channel in ("push", "web")},
    )


def _rule(i: int) -> EngagementRule:
    per_action = f"action.price < customer.f{i % FEATURES} + 80 && customer.f2 >= 0"
    when = per_action if i % 20 == 0 else f"customer.f{i % 30} > {i} || customer.f{(i + 7) % 30} < 99"
    stage = (Stage.ELIGIBILITY, Stage.APPLICABILITY, Stage.SUITABILITY)[i % 3]
    return EngagementRule(f"r{i}", stage, True, _cel(when), Scope(groups=(f"group_{i % 25}",)), Reason(), HERE)


def _cap(i: int) -> Cap:
    per = tuple(CountedTogether)[i % 4]
    outbound = frozenset({Direction.OUTBOUND})
    return Cap(f"c{i}", 50, 7 * 86400.0, "day" if i == 5 else "", Scope(), per, (), outbound, "DECISION", 0.0, HERE)


def _ledger() -> Ledger:
    names = (f"action_{i * 13 % ACTIONS:04d}" for i in range(CONTACTS))
    contacts = (
        Contact(NOW - 3600.0 * (CONTACTS - i), stable_id(name), i, short_id("push"), 1) for i, name in enumerate(names)
    )
    return Ledger.of(tuple(contacts))


def _cel(source: str) -> Expression:
    return Expression(source, HERE)


def _refuse(place: Place, code: str, message: str, hint: str) -> None:
    raise SystemExit(f"{place} {code}: {message}. {hint}")


if __name__ == "__main__":
    main()
