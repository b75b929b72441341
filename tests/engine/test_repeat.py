"""A request that comes again gets the first answer again, whatever became of it."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec import structs

from engine.decider import REUSED
from engine.decision import Cause, Decision, Trace
from engine.ids import CustomerKey
from engine.refusal import Refusal
from rules.ledger import SEEN
from tests.engine.company import (
    ANNA,
    DAY,
    GOOD,
    NOW,
    Company,
    changed,
    contact,
    filled,
    names,
    with_actions,
)
from tests.engine.steady_shop import STEADY, interrupted_twice


@pytest.fixture
def company() -> Company:
    return Company(STEADY)


def alike(one: Decision) -> Decision:
    """A decision but for what a repeat may differ in."""
    return structs.replace(one, server_micros=0, repeated=False)


async def test_a_repeat_gets_the_first_answer(company):
    for channel in ("web", "call_centre", "push"):
        company.know(ANNA, consent={"push:marketing": True})
        asked = {"channel": channel, "request_id": f"r-{channel}", "trace": Trace.FULL, "view": True}
        first = await company.decide(**asked)
        company.store.trips.clear()
        again = await company.decide(NOW + 60, **asked)
        assert again.repeated
        assert alike(again) == alike(first)
        assert company.store.trips == ["read_profile", "read_slate"]


async def test_a_repeat_of_an_answer_that_lost_claims_gets_what_was_left(company):
    await interrupted_twice(company, "film_box")
    first = await company.decide(request_id="r1", trace=Trace.FULL)
    assert filled(first, "hero").cause is Cause.CAP_LOST
    assert alike(await company.decide(request_id="r1", trace=Trace.FULL)) == alike(first)


async def test_a_repeat_that_comes_while_the_first_is_written_gets_its_answer(company):
    found = []

    async def twin(_request) -> None:
        found.append(await company.decide(request_id="r1"))

    company.store.meanwhile = twin
    second = await company.decide(request_id="r1")
    assert second.repeated
    assert alike(second) == alike(found[0])
    assert len(company.store.customers[ANNA].contacts) == 1


@pytest.mark.parametrize("other", [{"intent": "cancel"}, {"exclude": ("new_phone",)}, {"channel": "call_centre"}])
async def test_a_request_id_is_good_for_one_question(company, other):
    await company.decide(request_id="r1")
    assert await company.ask(**({"request_id": "r1"} | other)) == REUSED


async def test_another_customer_may_use_the_same_request_id(company):
    ben = CustomerKey("shop", "ben")
    company.know(ben, GOOD)
    first = await company.decide(request_id="r1")
    other = await company.decide(request_id="r1", customer=ben)
    assert (other.repeated, other.decision_id == first.decision_id) == (False, False)


async def test_a_repeat_that_cannot_be_read_is_refused_for_now(company):
    await company.decide(request_id="r1")
    company.store.failing = {"read_slate"}
    refused = await company.ask(request_id="r1")
    assert isinstance(refused, Refusal)
    assert refused.code == "not-answered"


async def test_the_contents_of_a_repeat_come_from_the_policy_in_force(company):
    first = await company.decide(request_id="r1")
    company.snapshot = with_actions(STEADY, film_box={"issue": "films", "treatments": {}})
    again = await company.decide(request_id="r1")
    (one,) = filled(again, "hero").actions
    assert (one.action, one.issue, one.content.title) == ("film_box", "films", "")
    assert (one.factors, one.probability) == (filled(first, "hero").actions[0].factors, 1.0)


async def test_an_action_that_is_gone_keeps_its_name_and_numbers(company):
    await company.decide(request_id="r1")
    left = tuple(one for one in STEADY.policy.policy.actions if one.id != "film_box")
    company.snapshot = changed(STEADY, actions=left)
    again = await company.decide(request_id="r1")
    (one,) = filled(again, "hero").actions
    assert (one.action, one.issue, one.reject_reasons, one.factors.priority) == ("film_box", "", (), 30.0)


@pytest.mark.parametrize("damaged", [None, b"", b"\x91\x01"])
async def test_an_answer_that_is_not_kept_any_more_is_no_answer(company, damaged):
    first = await company.decide(request_id="r1")
    kept = company.store.decisions[first.decision_id]
    kept.slate = None if damaged is None else dataclasses.replace(kept.slate, slate=damaged)
    assert isinstance(await company.ask(request_id="r1"), Refusal)


async def test_a_repeat_shows_the_customer_as_before_the_first_answer(company):
    first = await company.decide(request_id="r1", view=True)
    assert first.view.recent == ()
    again = await company.decide(request_id="r1", view=True)
    assert again.view == first.view
    assert [one.action for one in (await company.decide(request_id="r2", view=True)).view.recent] == ["film_box"]
    assert names(again, "hero") == ["film_box"]


async def test_a_repeat_tells_until_when_an_offer_stands(company):
    await company.store.contacted(ANNA, contact("upgrade_unlimited", NOW - DAY, flags=SEEN))
    first = await company.decide(channel="call_centre", request_id="r1")
    assert "2026-10-07" in str([one.reasons for one in filled(first, "offer").actions])
    assert alike(await company.decide(channel="call_centre", request_id="r1")) == alike(first)
