"""Tiers: the first whose condition is known to hold; and where the customer is heading."""

import pytest

from rules.policy import ValueTrend
from rules.situation import Moment
from tests.rules.shop import FACTS, NOON, compile_with_problems, compiled, offer, policy, tier

MOMENT = Moment(NOON, "web")
LADDER = (
    tier("gold", "customer.spend > 1000 && customer.age >= 18"),
    tier("silver", "customer.spend > 100"),
    tier("everyone"),
)
TREND = ValueTrend("spend", "spend_before", rising=1.15, losing=0.85)


def placed(customer, **fields):
    ready = compiled([offer("a")], **({"tiers": LADDER} | fields))
    return ready.place(ready.bind(customer, MOMENT))


@pytest.mark.parametrize(
    ("customer", "name", "index"),
    [
        ({"spend": 2000.0, "age": 40.0}, "gold", 0),
        ({"spend": 2000.0, "age": 10.0}, "silver", 1),
        ({"spend": 50.0, "age": 40.0}, "everyone", 2),
        ({}, "everyone", 2),
    ],
)
def test_the_first_tier_whose_condition_holds_wins(customer, name, index):
    verdict = placed(customer)
    assert (verdict.tier.name, verdict.index, verdict.why) == (name, index, f"You are {name}.")


def test_an_unknown_condition_is_not_this_tier():
    assert placed({"spend": 2000.0}).tier.name == "silver"


def test_a_tier_whose_condition_fails_is_passed_over_and_told():
    ladder = (tier("ios", "{'ios': true}[customer.os]"), tier("everyone"))
    verdict = placed({"os": "android"}, tiers=ladder)
    assert verdict.tier.name == "everyone"
    assert [error.condition for error in verdict.errors] == ["{'ios': true}[customer.os]"]


@pytest.mark.parametrize(
    ("now", "before", "direction"),
    [
        (116.0, 100.0, "rising"),
        (115.0, 100.0, "steady"),
        (100.0, 100.0, "steady"),
        (85.0, 100.0, "steady"),
        (84.0, 100.0, "losing"),
        (10.0, 0.0, "rising"),
        (0.0, 0.0, "steady"),
        (0.0, 10.0, "losing"),
    ],
)
def test_the_direction_is_told_by_the_ratio_of_two_facts(now, before, direction):
    assert placed({"spend": now, "spend_before": before}, trend=TREND).direction == direction


def test_the_direction_is_steady_without_a_trend_or_without_its_facts():
    assert placed({"spend": 200.0, "spend_before": 100.0}).direction == "steady"
    assert placed({"spend": 200.0}, trend=ValueTrend("spend", "age", 1.1, 0.9)).direction == "steady"


def test_rules_may_read_the_tier_but_tiers_may_not():
    _, problems = compile_with_problems(policy([offer("a")], tiers=(tier("x", "tier.name == 'x'"), tier("y"))), FACTS)
    assert [code for _, code, *_ in problems] == ["not-known-here"]
    _, problems = compile_with_problems(policy([offer("a")], tiers=(tier("x", "action.price > 1"), tier("y"))), FACTS)
    assert [code for _, code, *_ in problems] == ["not-known-here"]


def test_all_tiers_are_one_evaluation():
    ready = compiled([offer("a")], tiers=LADDER)
    ready.place(ready.bind({"spend": 1.0, "age": 1.0}, MOMENT))
    assert ready.tiers.conditions.evaluations == 1
