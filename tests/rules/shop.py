"""Small policies built by hand: a shop with a call centre, a website and push messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from documents.problem import Place
from rules.compiled import CompiledPolicy, compile_policy
from rules.contact import ContactVerdict, read_history, screen_contact
from rules.facts import CATEGORY, FLAG, NUMBER, Fact, FactSchema
from rules.fused import Verdicts
from rules.ledger import CONTACT, Contact, Ledger, short_id, stable_id
from rules.policy import (
    Action,
    Cap,
    Channel,
    ContactPolicy,
    Content,
    ContextField,
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
    StopSelling,
    Tier,
    Treatment,
)
from rules.situation import Moment, Standing, Value

HERE = Place("policy.yaml", 10, 5)
NOON = 1_790_244_000.0
"""Thursday, 24 September 2026, 12:00 in Berlin."""
DAY = 86400.0
CHANNELS = ("call_centre", "web", "push")
FACTS = FactSchema.of(
    Fact("age", NUMBER),
    Fact("spend", NUMBER, default=0.0),
    Fact("spend_before", NUMBER, default=0.0),
    Fact("os", CATEGORY, ("ios", "android"), "android"),
    Fact("complaint", FLAG),
    Fact("credit", NUMBER, purpose=("credit",)),
)
ATTRIBUTES = {
    "price": ContextField("price", NUMBER, (), 0.0),
    "rating": ContextField("rating", NUMBER),
    "family": ContextField("family", CATEGORY, ("phone", "tariff", "none"), "none"),
    "digital": ContextField("digital", FLAG),
}
CONTEXT = {"page": ContextField("page", CATEGORY, ("home", "basket")), "queue": ContextField("queue", NUMBER, (), 0.0)}
Problems = list[tuple[Place, str, str, str]]


def cel(source: str) -> Expression:
    return Expression(source, HERE)


def offer(name: str, **fields: Any) -> Action:
    """An OFFER of the issue sales that every channel can show."""
    treatments = {channel: Treatment(f"{name}.{channel}", channel, Content()) for channel in CHANNELS}
    given: dict[str, Any] = {"kind": Kind.OFFER, "issue": "sales", "group": "tariffs", "treatments": treatments}
    return Action(id=name, stable_id=stable_id(name), place=HERE, **(given | fields))


def rule(
    name: str, *, allow: str = "", block: str = "", stage: Stage = Stage.ELIGIBILITY, **scope: Any
) -> EngagementRule:
    written = allow or block
    why = "the channel matters" if "moment.channel" in written else ""
    return EngagementRule(name, stage, bool(allow), cel(written), Scope(**scope), Reason(), HERE, channel_specific=why)


def cap(name: str, limit: int, **fields: Any) -> Cap:
    """A cap on outbound contacts of one action within a week, unless fields say otherwise."""
    given: dict[str, Any] = {
        "within": 7 * DAY,
        "calendar": "",
        "scope": Scope(),
        "per": CountedTogether.ACTION,
        "channels": (),
        "directions": frozenset({Direction.OUTBOUND}),
        "counts": "DECISION",
        "release_after": 0.0,
    }
    return Cap(id=name, limit=limit, place=HERE, **(given | fields))


def stop(name: str, *, when: str = "", after: Sequence[str] = (), within: float = DAY, **scope: Any) -> StopSelling:
    condition = cel(when) if when else None
    return StopSelling(name, condition, frozenset(after), within, Scope(**scope), Reason(), HERE)


def tier(name: str, when: str = "", **weights: float) -> Tier:
    return Tier(name, cel(when) if when else None, weights or {"margin": 1.0}, 0.1, f"You are {name}.", HERE)


def policy(actions: Sequence[Action], **fields: Any) -> Policy:
    kinds = frozenset(Kind)
    given: dict[str, Any] = {
        "channels": {
            name: Channel(
                name,
                Direction.OUTBOUND if name == "push" else Direction.INBOUND,
                {"offer": Placement("offer", kinds, 1, None, allow_nothing=True, compare_money=False)},
                HERE,
            )
            for name in CHANNELS
        },
        "tiers": (tier("everyone"),),
        "goals": {"margin": Goal("margin", 1.0)},
        "context": CONTEXT,
        "attributes": ATTRIBUTES,
        "contact": ContactPolicy(),
        "levers": Levers(),
        "exploration": Exploration(),
        "vocabulary": {},
        "time_zone": "Europe/Berlin",
        "trend": None,
        "revision": "test",
        "company": "Shop",
        "currency": "EUR",
        "salt": "shop",
    }
    empty = ("intents", "outcomes", "rules", "context_weights", "thresholds", "control_groups")
    return Policy(actions=tuple(actions), **(dict.fromkeys(empty, ()) | given | fields))


def compile_with_problems(written: Policy, facts: FactSchema = FACTS) -> tuple[CompiledPolicy | None, Problems]:
    problems: Problems = []
    compiled = compile_policy(written, facts, lambda *problem: problems.append(problem))
    return compiled, problems


def compiled(actions: Sequence[Action], **fields: Any) -> CompiledPolicy:
    found, problems = compile_with_problems(policy(actions, **fields))
    assert found is not None, problems
    return found


def judged(ready: CompiledPolicy, moment: Moment, customer: Mapping[str, Value]) -> Verdicts:
    values = ready.bind(customer, moment)
    return ready.judge(values, ready.place(values))


def contacts(*rows: tuple[float, str, str] | tuple[float, str, str, Mapping[str, Any]]) -> Ledger:
    """A ledger of (at, action, channel) and, if need be, further fields of a Contact."""
    made = []
    for at, action, channel, *more in rows:
        contact = Contact(float(at), stable_id(action), 1, short_id(channel), int(channel == "push"))
        made.append(replace(contact, **more[0]) if more else contact)
    packed = b"".join(contact.pack() for contact in made)
    assert len(packed) == CONTACT.size * len(made)
    return Ledger(packed)


def contact_screened(
    ready: CompiledPolicy, standing: Standing, moment: Moment, customer: Mapping[str, Value] | None = None
) -> ContactVerdict:
    """The contact policy alone, over every action."""
    history = read_history(ready, standing, moment)
    return screen_contact(ready, judged(ready, moment, customer or {}), history, moment, ready.catalogue.all)


def names(ready: CompiledPolicy, mask: int) -> set[str]:
    return {ready.catalogue.ids[index] for index in ready.catalogue.indexes(mask)}
