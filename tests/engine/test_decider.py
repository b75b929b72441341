"""Two round trips a decision, three at most; and what is answered when the store loses, repeats, stalls or is away."""

from __future__ import annotations

import asyncio

import pytest

from engine.decision import Cause, Decision, Degraded, RankedAction, Request, Trace
from engine.ids import CustomerKey, partition_of
from engine.memory.rules import Customer
from rules.ledger import stable_id
from rules.policy import Exploration
from tests.engine.company import (
    ANNA,
    NOW,
    Company,
    changed,
    contact,
    corner_shop,
    filled,
    names,
    proposed,
)

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())


@pytest.fixture
def company() -> Company:
    return Company(SHOP)


def lose(company: Company, *actions: str, times: int = 3) -> None:
    """Before the commit, other decisions use up the limit of these actions."""

    async def others(_request) -> None:
        await company.store.contacted(ANNA, *(contact(one, NOW - 1) for one in actions for _ in range(times)))

    company.store.meanwhile = others


def filled_actions(decision: Decision) -> list[RankedAction]:
    return [one for placement in decision.placements for one in placement.actions]


async def test_a_decision_takes_two_round_trips(company):
    decision = await company.decide()
    assert company.store.trips == ["read_profile", "commit"]
    assert (names(decision, "hero"), decision.degraded) == (["film_box"], (Degraded.MODEL_MISSING,))
    assert partition_of(decision.decision_id) == ANNA.partition(256)


async def test_a_lost_claim_takes_one_more_and_the_next_best_is_proposed(company):
    lose(company, "film_box")
    decision = await company.decide()
    assert company.store.trips == ["read_profile", "commit", "commit"]
    assert [one.take for one in company.store.commits] == [False, True]
    assert (names(decision, "hero"), filled(decision, "hero").cause) == (["upgrade_unlimited"], Cause.NONE)


async def test_a_dry_run_touches_nothing_and_has_no_id(company):
    first = await company.decide(request_id="r1")
    before = dict(company.store.customers), dict(company.store.decisions), dict(company.store.requests)
    company.store.trips.clear()
    for said in ({}, {"request_id": "r1"}, {"request_id": "r2"}):
        dry = await company.decide(dry_run=True, **said)
        assert (dry.decision_id, dry.repeated, names(dry, "hero")) == ("", False, ["film_box"])
    assert company.store.trips == ["read_profile"] * 3
    assert before == (company.store.customers, company.store.decisions, company.store.requests)
    assert first.decision_id


@pytest.mark.parametrize("channel", ["web", "call_centre", "push"])
async def test_without_the_store_nothing_is_sold_and_nothing_is_promised(company, channel):
    company.store.failing = {"read_profile"}
    decision = await company.decide(channel=channel)
    assert Degraded.STORE_UNAVAILABLE in decision.degraded
    assert not [one for one in filled_actions(decision) if one.kind == "OFFER"]
    assert (company.store.trips, company.store.commits, decision.decision_id) == (["read_profile"], [], "")
    if channel == "call_centre":
        assert names(decision, "service_level") == ["standard_service"]
        assert names(decision, "route") == ["route_general"]


async def test_a_linked_visitor_is_decided_for_as_the_customer(company):
    visitor, earlier = CustomerKey("shop", "v1"), CustomerKey("shop", "v0")
    company.store.customers[earlier] = Customer(linked="anna")
    company.store.customers[visitor] = Customer(linked="v0")
    decision = await company.decide(customer=visitor)
    assert (decision.tier, names(decision, "hero")) == ("relationship_1", ["film_box"])
    assert len(company.store.customers[ANNA].contacts) == 1
    assert company.store.trips == ["read_profile"] * 3 + ["commit"]


async def test_the_last_resort_needs_no_store_and_sells_nothing(company):
    decision = company.decider.fallback(Request(ANNA, "call_centre"), NOW)
    assert proposed(decision) == ["route_general", "standard_service"]
    assert (decision.decision_id, company.store.trips, company.seen) == ("", [], [])


async def test_every_decision_is_observed_once(company):
    await company.decide(channel="call_centre")
    (seen,) = company.seen
    assert (seen.channel, [stage for stage, _ in seen.micros]) == (
        "call_centre",
        ["profile", "resolve", "present", "commit"],
    )
    assert seen.decision.placements
    assert all(removal.mask > 0 for removal in seen.removals)


async def test_however_many_decide_at_once_a_limit_is_never_passed(company):
    class Interleaved(type(company.store)):
        async def read_profile(self, customer, request_id):
            await asyncio.sleep(0)
            return await super().read_profile(customer, request_id)

        async def commit(self, request):
            await asyncio.sleep(0)
            return await super().commit(request)

    company.store.__class__ = Interleaved
    company.know(ANNA, consent={"push:marketing": True})
    decisions = await asyncio.gather(*(company.decide(channel="push") for _ in range(12)))
    assert sum(len(names(one, "message")) for one in decisions) == len(company.store.customers[ANNA].contacts) == 2
    assert {filled(one, "message").cause for one in decisions} <= {Cause.NONE, Cause.CAP_LOST, Cause.NONE_ALLOWED}
    assert max(company.store.trips.count(name) for name in ("read_profile", "commit")) <= 24


async def test_a_decision_that_nobody_waits_for_any_more_is_forgotten(company):
    waiting = asyncio.Event()

    async def commit_but_never_say(request):
        await company.store.contacted(ANNA, contact("film_box", NOW, decision=stable_id(request.decision_id)))
        waiting.set()
        await asyncio.get_running_loop().create_future()

    company.store.meanwhile = commit_but_never_say
    asking = asyncio.create_task(company.decide())
    await waiting.wait()
    asking.cancel()
    await asyncio.wait([asking])
    await company.decider.close()
    assert company.store.trips == ["read_profile", "void"]
    assert not company.store.customers[ANNA].contacts


async def test_a_decision_whose_explanation_nobody_waits_for_is_forgotten():
    waiting = asyncio.Event()

    async def explain_for_ever(*_):
        waiting.set()
        await asyncio.get_running_loop().create_future()

    company = Company(SHOP, explain=explain_for_ever)
    asking = asyncio.create_task(company.decide(trace=Trace.FULL))
    await waiting.wait()
    assert company.store.customers[ANNA].contacts
    asking.cancel()
    await asyncio.wait([asking])
    await company.decider.close()
    assert not company.store.customers[ANNA].contacts
