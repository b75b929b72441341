"""What a review claims of rules, actions, tiers and caps, held to what screening does for random customers."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from documents.problem import Place
from documents.strict_yaml import parse
from rules.caps import CapTable, compile_cap
from rules.contact_rows import RowReader, Ways
from rules.facts import CATEGORY, FLAG, INTEGER, NUMBER, Fact, FactSchema
from rules.local_time import zone_of
from rules.policy import Channel, ContactPolicy, CountedTogether, Direction, Placement, Scope, Stage
from rules.review.policy_review import review
from rules.screen import Candidates, screen
from rules.situation import Moment
from tests.rules.shop import NOON, cap, compile_with_problems, contacts, judged, names, offer, policy, rule, tier

FACTS = FactSchema.of(
    Fact("a", NUMBER, default=0.0),
    Fact("b", INTEGER),
    Fact("os", CATEGORY, ("ios", "android"), "ios"),
    Fact("flag", FLAG),
)
ACTIONS = (
    offer("one", group="g", attributes={"price": 5.0}),
    offer("two", group="g", attributes={"price": 9.0}),
    offer("three", group="h", attributes={"price": 5.0}),
)
SOURCE = parse("a: 1", "policy.yaml")
DAY = 86400.0

atoms = st.one_of(
    st.tuples(
        st.sampled_from(["customer.a", "customer.b"]), st.sampled_from(["<", "<=", ">", "=="]), st.integers(0, 3)
    ).map(lambda p: f"{p[0]} {p[1]} {p[2]}"),
    st.sampled_from(["customer.flag", "!customer.flag", 'customer.os == "ios"', "known.b", "action.price > 6"]),
    st.sampled_from(['moment.channel == "web"', 'tier.name == "first"', "true", "customer.a / customer.b > 1"]),
)
pairs = st.tuples(atoms, st.sampled_from(["&&", "||"]), atoms).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
conditions = atoms | pairs
scopes = st.sampled_from(
    [{}, {"groups": ("g",)}, {"groups": ("h",)}, {"actions": ("one",)}, {"actions": ("one", "three")}]
)
drawn_rules = st.lists(
    st.tuples(conditions, st.booleans(), scopes, st.sampled_from([Stage.ELIGIBILITY, Stage.SUITABILITY])),
    min_size=1,
    max_size=5,
)
drawn_tiers = st.lists(
    conditions.filter(lambda c: not any(room in c for room in ("action", "tier", "channel"))), max_size=3
)
customers = st.fixed_dictionaries(
    {
        "a": st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, None]),
        "b": st.sampled_from([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, None]),
        "os": st.sampled_from(["ios", "android", None]),
        "flag": st.sampled_from([True, False, None]),
    }
)


def placed(things):
    """Each thing at a place of its own."""
    found = []
    for line, one in enumerate(things, start=1):
        place = Place("policy.yaml", line, 1)
        when = None if one.when is None else replace(one.when, place=place)
        found.append(replace(one, place=place, when=when))
    return tuple(found)


def quoted(message: str) -> list[str]:
    return re.findall(r"'(\w+)'", message)


@settings(max_examples=150, deadline=None)
@given(rules=drawn_rules, tiers=drawn_tiers, asked=st.lists(customers, min_size=1, max_size=8))
def test_what_never_acts_never_does(rules, tiers, asked):
    written = policy(
        ACTIONS,
        rules=placed(
            rule(f"r{i}", **{"allow" if allows else "block": when}, stage=stage, **scope)
            for i, (when, allows, scope, stage) in enumerate(rules)
        ),
        tiers=placed([*(tier(("first", "second", "third")[i], when) for i, when in enumerate(tiers)), tier("rest")]),
    )
    ready, problems = compile_with_problems(written, FACTS)
    assert ready is not None, problems
    told = review(ready, FACTS, SOURCE, NOON)
    of = {code: [one.problem.message for one in told if one.problem.code == code] for code in CODES}
    shadowed = {quoted(message)[0] for message in of["rule-shadowed"]}
    never = {name for message in of["never-chosen"] for name in quoted(message.split(" can never")[0])}
    empty = {quoted(message)[0] for message in of["tier-unreachable"]}
    for customer in asked:
        known = {name: value for name, value in customer.items() if value is not None}
        for channel in ("call_centre", "web", "push"):
            moment = Moment(NOON, channel)
            found = screen(ready, judged(ready, moment, known), moment, Candidates(ready.catalogue.all))
            assert not names(ready, found.allowed) & never
            assert not {one.rule_id for one in found.removals} & shadowed
            assert ready.place(ready.bind(known, moment)).tier.name not in empty


CODES = ("rule-shadowed", "never-chosen", "tier-unreachable")

drawn_caps = st.lists(
    st.builds(
        dict,
        limit=st.integers(1, 3),
        window=st.sampled_from([(DAY, ""), (7 * DAY, ""), (30 * DAY, ""), (0.0, "day"), (0.0, "week"), (0.0, "month")]),
        per=st.sampled_from(list(CountedTogether)),
        channels=st.sampled_from([(), ("push",), ("mail",)]),
        directions=st.sampled_from([frozenset({Direction.OUTBOUND}), frozenset(Direction)]),
        counts=st.sampled_from([("DECISION", 0.0), ("IMPRESSION", 3600.0), ("IMPRESSION", 2 * DAY)]),
        scope=st.sampled_from([Scope(), Scope(groups=("g",)), Scope(actions=("one",))]),
    ),
    min_size=2,
    max_size=4,
)
met = st.lists(
    st.tuples(
        st.integers(0, 40 * 24),
        st.sampled_from(["one", "two", "three", "gone"]),
        st.sampled_from(["push", "mail", "web"]),
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(drawn=drawn_caps, meetings=st.lists(met, min_size=1, max_size=4))
def test_a_cap_that_is_idle_is_never_reached_alone(drawn, meetings):
    caps = [
        replace(
            cap(f"c{i}", one["limit"], per=one["per"], channels=one["channels"], directions=one["directions"]),
            within=one["window"][0],
            calendar=one["window"][1],
            counts=one["counts"][0],
            release_after=one["counts"][1],
            scope=one["scope"],
            place=Place("policy.yaml", i + 1, 1),
        )
        for i, one in enumerate(drawn)
    ]
    slot = {"offer": Placement("offer", frozenset({ACTIONS[0].kind}), 1, None, True, False)}
    ways = {"push": Direction.OUTBOUND, "mail": Direction.OUTBOUND, "web": Direction.INBOUND}
    channels = {name: Channel(name, way, slot, Place("f", 1, 1)) for name, way in ways.items()}
    written = policy(ACTIONS, contact=ContactPolicy(caps=tuple(caps)), channels=channels)
    ready, problems = compile_with_problems(written, FACTS)
    assert ready is not None, problems
    ways_seen = Ways(tuple(ways))
    told = [quoted(one.problem.message) for one in review(ready, FACTS, SOURCE, NOON) if one.problem.code == "cap-idle"]
    table = CapTable([compile_cap(ready.catalogue, one) for one in caps], ways_seen)
    for contacted in meetings:
        rows = [
            (NOON - hours * 3600.0, name, channel, {"direction": int(channel != "web"), "flags": int(seen)})
            for hours, name, channel, seen in contacted
        ]
        ledger = RowReader(ready.catalogue, ways_seen).read(contacts(*rows))
        reached = {} if ledger is None else dict(table.reached(ledger, NOON, zone_of("", "Europe/Berlin")))
        for idle, tighter in told:
            assert not reached.get(idle, 0) & ~reached.get(tighter, 0), (idle, tighter, rows)
