"""Analysts are told what was observed where a rule decided, and until when something rests or stands."""

from __future__ import annotations

from engine.decision import Audience, Decision, Trace
from rules.ledger import SEEN
from tests.engine.company import ANNA, DAY, GOOD, NOW, Company, contact, corner_shop, first


def _sentence(decision: Decision, action: str) -> str:
    return next(one.why.sentence for one in decision.dropped if one.action == action)


async def test_an_analyst_sees_what_was_observed_and_what_was_required():
    company = Company(corner_shop(), "call_centre")
    company.know(ANNA, {**GOOD, "age": 17})
    decision = await company.decide(trace=Trace.FULL, audience=Audience.ANALYST)
    assert "customer.age = 17" in _sentence(decision, "instalment_loan")
    assert "customer.age < 18" in _sentence(decision, "instalment_loan")


async def test_a_value_nobody_knows_is_called_unknown():
    company = Company(corner_shop(), "call_centre")
    company.know(ANNA, {name: value for name, value in GOOD.items() if name != "age"})
    decision = await company.decide(trace=Trace.FULL, audience=Audience.ANALYST)
    assert "customer.age = unknown" in _sentence(decision, "instalment_loan")


async def test_a_customer_is_never_told_what_was_observed():
    company = Company(corner_shop(), "call_centre")
    company.know(ANNA, {**GOOD, "age": 17})
    decision = await company.decide(trace=Trace.FULL, audience=Audience.CUSTOMER)
    assert "17" not in _sentence(decision, "instalment_loan")


async def test_an_honoured_offer_says_until_when_it_stands():
    company = Company(corner_shop(), "call_centre")
    await company.store.contacted(ANNA, contact("upgrade_unlimited", NOW - DAY, flags=SEEN))
    decision = await company.decide()
    offer = next(one for one in decision.placements if one.placement == "offer")
    honoured = next(one for one in offer.actions if one.action == "upgrade_unlimited")
    assert "until 2026-10-07" in honoured.reasons[0].sentence


async def test_only_the_first_place_is_said_to_fit_best():
    decision = await Company(corner_shop(), "call_centre").decide()
    offer = next(one for one in decision.placements if one.placement == "offer")
    assert [one.why for one in offer.actions[:2]] == ["BEST", "ALSO_FITS"]
    assert first(decision, "offer").reasons[0].code == "BEST"
