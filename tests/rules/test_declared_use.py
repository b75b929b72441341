"""Who reads the channel or a protected fact says why."""

from dataclasses import replace

import pytest

from documents.strict_yaml import parse
from rules.facts import NUMBER, Fact, FactSchema
from rules.policy import ContactPolicy, ContextWeight, Scope, ValueTrend
from rules.policy_file import compile_source
from rules.table import DecisionTable, Hit
from rules.terms import Reason, Stage
from tests.rules.shop import FACTS, HERE, cel, compile_with_problems, offer, policy, rule, stop, tier

PROTECTED = FactSchema({**FACTS.facts, "age": Fact("age", NUMBER, protected=True)})


def codes(facts=PROTECTED, **fields):
    actions = fields.pop("actions", [offer("a")])
    _, problems = compile_with_problems(policy(actions, **fields), facts)
    return [code for _, code, *_ in problems]


@pytest.mark.parametrize("name", ["moment.channel == 'web'", "customer.spend > 1 && moment.direction == 'inbound'"])
def test_an_engagement_rule_that_reads_the_channel_says_why(name):
    silent = replace(rule("r", allow=name), channel_specific="")
    assert codes(rules=(silent,)) == ["channel-specific"]
    assert codes(rules=(replace(silent, channel_specific="the shop shows prices"),)) == []


def test_a_table_that_asks_the_channel_says_why():
    table = DecisionTable("t", Stage.ELIGIBILITY, Scope(), ("moment.channel",), Hit.FIRST, Reason(), (), HERE)
    assert codes(tables=(table,)) == ["channel-specific"]
    assert codes(tables=(replace(table, channel_specific="the shop shows prices"),)) == []


def test_what_weighs_may_read_the_channel():
    weight = ContextWeight("w", cel("moment.channel == 'web'"), 10.0, Scope(), HERE)
    assert codes(context_weights=(weight,)) == []


@pytest.mark.parametrize("condition", ["customer.age >= 18", "known.age"])
def test_nothing_reads_a_protected_fact_without_saying_why(condition):
    assert codes(rules=(rule("r", allow=condition),)) == ["protected"]
    assert codes(tiers=(tier("x", condition), tier("y"))) == ["protected"]
    assert codes(tiers=(replace(tier("x", "customer.spend > 1"), keep_when=cel(condition)), tier("y"))) == ["protected"]
    assert codes(contact=ContactPolicy(stops=(stop("s", when=condition),))) == ["protected"]
    assert codes(context_weights=(ContextWeight("w", cel(condition), 10.0, Scope(), HERE),)) == ["protected"]


def test_amounts_and_the_trend_are_held_to_it_too():
    assert codes(actions=[offer("a", cost=cel("customer.age * 0.1"))]) == ["protected"]
    assert codes(actions=[offer("a", value={"margin": cel("customer.age")})]) == ["protected"]
    assert codes(trend=ValueTrend("age", "spend", 1.1, 0.9)) == ["protected"]


def test_a_rule_may_read_it_that_says_why():
    assert codes(rules=(replace(rule("adults", allow="customer.age >= 18"), protected_use="the law asks"),)) == []
    assert codes(facts=FACTS, rules=(rule("adults", allow="customer.age >= 18"),)) == []


def test_both_are_told_at_their_places_and_read_from_the_file(corner_shop_path, facts):
    text = corner_shop_path.read_text(encoding="utf-8")
    text = text.replace(
        "    block_when: customer.age < 18\n",
        '    block_when: customer.age < 18 && moment.channel == "web"\n'
        "    channel_specific: the shop cannot see a passport\n    protected_use: the law asks\n",
    )
    protected = FactSchema({**facts.facts, "age": replace(facts["age"], protected=True)})
    found = next(
        one for one in compile_source(parse(text, "policy.yaml"), protected).policy.rules if one.id == "adults_only"
    )
    assert (found.channel_specific, found.protected_use) == ("the shop cannot see a passport", "the law asks")
