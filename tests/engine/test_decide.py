"""One decision from question to answer: who is asked about, where and under which rules."""

from __future__ import annotations

import pytest

from engine.decision import Audience, Cause, Degraded, Trace
from engine.ids import CustomerKey
from rules.policy import Exploration
from tests.engine.company import (
    ANNA,
    GOOD,
    Company,
    changed,
    corner_shop,
    filled,
    first,
    names,
    with_actions,
)

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())
VISITOR = CustomerKey("shop", "visitor-7")


@pytest.fixture
def company() -> Company:
    return Company(SHOP)


async def test_an_unknown_customer_is_a_prospect_and_is_answered(company):
    for _ in range(2):
        decision = await company.decide(customer=VISITOR, channel="call_centre")
        assert (decision.tier, decision.features_age_seconds) == ("prospect", None)
        assert names(decision, "service_level") == ["standard_service"]
    web = await Company(SHOP).decide(customer=VISITOR)
    assert (names(web, "hero"), web.degraded) == (["film_box"], (Degraded.UNKNOWN_CUSTOMER, Degraded.MODEL_MISSING))


async def test_a_priority_is_what_its_factors_say(company):
    for channel in ("web", "call_centre"):
        decision = await company.decide(channel=channel, intent="cancel", context={"queue_minutes": 5.0})
        for one in (one for placement in decision.placements for one in placement.actions):
            f = one.factors
            expected = f.context_weight * f.lever * (f.propensity - f.baseline) * f.gain - f.cost
            assert f.priority == pytest.approx(expected + f.long_term - f.scarcity)


async def test_gains_follow_the_tier_and_levers_and_context_the_situation(company):
    decision = await company.decide(channel="call_centre", intent="cancel")
    discount = next(one for one in filled(decision, "offer").actions if one.action == "stay_discount")
    assert discount.factors.gain == pytest.approx(-20 * 1 + 80 * 2 * 1.5)
    assert (discount.factors.context_weight, discount.factors.lever) == (1.5, 1.0)
    level = first(decision, "service_level")
    assert (level.action, level.factors.lever, level.factors.gain) == ("priority_service", 1.05, 10 * 2 * 1.5)


async def test_lower_ranks_carry_no_probability(company):
    offers = filled(await company.decide(channel="call_centre"), "offer").actions
    assert [(one.rank, one.probability) for one in offers] == [(1, 1.0), (2, None), (3, None)]


async def test_routes_and_service_levels_fall_back_and_say_so():
    shop = with_actions(SHOP, route_general={"cost": 5.0}, standard_service={"cost": 5.0})
    decision = await Company(shop).decide(channel="call_centre", customer=VISITOR)
    for name, action in (("route", "route_general"), ("service_level", "standard_service")):
        one = filled(decision, name)
        assert (one.cause, [a.action for a in one.actions]) == (Cause.FALLBACK, [action])
        assert (one.actions[0].why, one.actions[0].probability) == ("FALLBACK", 1.0)


async def test_an_excluded_action_is_not_shown_again_and_the_next_takes_its_place(company):
    assert names(await company.decide(exclude=("film_box", "unheard_of")), "hero") == ["upgrade_unlimited"]


async def test_only_the_placements_asked_for_are_filled_in_the_policys_order(company):
    decision = await company.decide(channel="call_centre", placements=("service_level", "likely_reasons"))
    assert [one.placement for one in decision.placements] == ["likely_reasons", "service_level"]


async def test_no_placement_is_longer_than_asked_for(company):
    decision = await company.decide(channel="call_centre", max_actions=1)
    assert [len(one.actions) for one in decision.placements] == [1, 1, 1, 1]
    assert len(names(await company.decide(channel="call_centre", max_actions=20), "offer")) == 3


async def test_the_tier_is_told_in_words_that_anyone_may_hear(company):
    assert (await company.decide()).tier_why == "You have been with us for a long time."
    assert "tenure_months >= 12" in (await company.decide(audience=Audience.ANALYST)).tier_why


@pytest.mark.parametrize("trace", [Trace.NONE, Trace.REASONS, Trace.FULL])
async def test_the_trace_tells_as_much_as_asked_for(company, trace):
    decision = await company.decide(channel="call_centre", trace=trace)
    assert (len(decision.dropped) > 0) == (trace is Trace.FULL)
    assert {len(one.reasons) for placement in decision.placements for one in placement.actions} == {
        0 if trace is Trace.NONE else 1
    }


async def test_each_audience_reads_its_own_words(company):
    company.know(ANNA, GOOD | {"age": 16})
    told = {}
    for audience in Audience:
        decision = await company.decide(channel="call_centre", trace=Trace.FULL, audience=audience)
        told[audience] = next(one.why.sentence for one in decision.dropped if one.action == "instalment_loan")
    assert told[Audience.CUSTOMER] == "This is for adults only."
    assert told[Audience.AGENT] == "The customer is a minor."
    assert "adults_only" in told[Audience.ANALYST]
