"""Outcomes: joined to what was offered in the end, entered once, each with a verdict; a bad one harms no other."""

from __future__ import annotations

import dataclasses

import pytest

from engine.decision import Cause, Decision
from engine.outcome import Disposition, Outcome
from engine.record import unpack_outcome
from rules.ledger import OUTCOMES, short_id, stable_id
from rules.policy import Exploration
from tests.engine.company import ANNA, DAY, NOW, Company, changed, contact, corner_shop, names, placement, with_actions

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())
ACCEPTED, DUPLICATE, REJECTED = Disposition.ACCEPTED, Disposition.DUPLICATE, Disposition.REJECTED


@pytest.fixture
def company() -> Company:
    return Company(SHOP)


@pytest.fixture
async def decision(company) -> Decision:
    return await company.decide(channel="call_centre")


def outcome(decision: Decision, type_: str = "IMPRESSION", action: str = "instalment_loan", **fields) -> Outcome:
    given = {"outcome_id": "o1", "at": NOW + 5} | fields
    return Outcome(decision_id=decision.decision_id, action=action, type=type_, **given)


async def verdict(company: Company, told: Outcome, now: float = NOW + 10):
    return (await company.feedback.record([told], now))[0]


async def test_an_outcome_is_entered_once(company, decision):
    assert (await verdict(company, outcome(decision))).disposition is ACCEPTED
    assert (await verdict(company, outcome(decision))).disposition is DUPLICATE
    logged = [entry for _, entry in company.store.logs[ANNA.partition(256)] if entry.kind == "outcome"]
    assert len(logged) == 1
    record = unpack_outcome(logged[0].body)
    assert (record.action, record.channel, record.customer, record.at, record.received_at) == (
        "instalment_loan",
        "call_centre",
        "anna",
        NOW + 5,
        NOW + 10,
    )


async def test_an_outcome_reaches_the_contact_that_it_is_about(company, decision):
    told = outcome(decision, "REJECTED", "upgrade_unlimited", reason_code="not_now")
    assert (await verdict(company, told)).disposition is ACCEPTED
    kept = {one.action: one for one in company.store.customers[ANNA].contacts}
    (about,) = (one for one in kept.values() if one.outcome)
    assert (OUTCOMES[about.outcome], about.reason, about.outcome_at, about.flags) == (
        "REJECTED",
        short_id("not_now"),
        NOW + 5,
        1,
    )


async def test_no_response_does_not_mean_seen(company, decision):
    await verdict(company, outcome(decision, "NO_RESPONSE"))
    assert [one.flags for one in company.store.customers[ANNA].contacts if one.outcome] == [0]


async def test_a_list_with_bad_ones_keeps_the_good_ones_in_order(company, decision):
    told = [
        outcome(decision, outcome_id="good"),
        outcome(decision, outcome_id="bad", type_="SMILED"),
        outcome(decision, outcome_id="good"),
        outcome(decision, outcome_id="also", type_="CALLBACK_BOOKED"),
    ]
    verdicts = await company.feedback.record(told, NOW + 10)
    assert [(one.id, one.disposition) for one in verdicts] == [
        ("good", ACCEPTED),
        ("bad", REJECTED),
        ("good", DUPLICATE),
        ("also", ACCEPTED),
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"action": "film_box"}, "action_id"),
        ({"action": "no_such_action"}, "action_id"),
        ({"action": ""}, "action_id"),
        ({"type": "SMILED"}, "type"),
        ({"type": "accepted"}, "type"),
        ({"at": NOW + 10 + 301}, "at"),
        ({"type": "REJECTED", "reason_code": "ugly"}, "reason_code"),
        ({"rating": 4.0}, "rating"),
        ({"type": "RATING"}, "rating"),
    ],
)
async def test_what_cannot_be_is_rejected_with_the_field_that_is_wrong(company, decision, fields, field):
    found = await verdict(company, dataclasses.replace(outcome(decision), **fields))
    assert (found.disposition, found.field, found.retryable) == (REJECTED, field, False)
    assert found.reason
    assert all(entry.kind != "outcome" for _, entry in company.store.logs[ANNA.partition(256)])


async def test_the_only_action_needs_no_name(company):
    decision = await company.decide()
    assert (await verdict(company, outcome(decision, "ACCEPTED", ""))).disposition is ACCEPTED
    record = unpack_outcome(company.store.logs[ANNA.partition(256)][-1][1].body)
    assert (record.action, record.type) == ("film_box", "ACCEPTED")


async def test_clocks_may_differ_a_little_and_nothing_happens_before_its_decision_or_after_now(company, decision):
    for number, (told, kept) in enumerate(
        [(NOW + 200, NOW + 10), (NOW - 900, NOW), (None, NOW + 10), (NOW + 4, NOW + 4)]
    ):
        found = await verdict(company, outcome(decision, at=told, outcome_id=f"o{number}"))
        assert found.disposition is ACCEPTED
        assert unpack_outcome(company.store.logs[ANNA.partition(256)][-1][1].body).at == kept


async def test_a_reason_is_only_checked_where_the_action_names_any(company):
    company.snapshot = with_actions(SHOP, film_box={"reject_reasons": ()})
    decision = await company.decide()
    assert (await verdict(company, outcome(decision, "REJECTED", "", reason_code="ugly"))).disposition is ACCEPTED


async def test_while_the_store_is_away_outcomes_may_be_sent_again(company, decision):
    company.store.fail = "timeout"
    away = await verdict(company, outcome(decision))
    assert (away.disposition, away.retryable) == (REJECTED, True)
    company.store.fail = ""
    assert (await verdict(company, outcome(decision))).disposition is ACCEPTED


async def test_a_policy_that_has_the_action_no_more_still_takes_its_outcomes(company, decision):
    left = tuple(one for one in SHOP.policy.policy.actions if one.id != "instalment_loan")
    company.snapshot = changed(SHOP, actions=left)
    assert (await verdict(company, outcome(decision, "REJECTED", reason_code="whatever"))).disposition is ACCEPTED


async def interrupted_twice(company: Company, first: str, second: str, channel: str) -> None:
    """Before each of the two commits, other decisions use up the limit of an action."""

    async def again(_request) -> None:
        await company.store.contacted(ANNA, *[contact(second, NOW - 20 * DAY, channel)] * 3)

    async def others(_request) -> None:
        await company.store.contacted(ANNA, *[contact(first, NOW - 20 * DAY, channel)] * 3)
        company.store.meanwhile = again

    company.store.meanwhile = others


async def test_what_lost_its_claim_was_never_offered(company):
    company.snapshot = placement(SHOP, "web", "hero", count=2)
    await interrupted_twice(company, "film_box", "upgrade_unlimited", "web")
    decision = await company.decide()
    assert names(decision, "hero") == ["basic_tariff"]
    lost = await verdict(company, outcome(decision, "ACCEPTED", "upgrade_unlimited"))
    assert (lost.disposition, lost.field) == (REJECTED, "action_id")
    assert (await verdict(company, outcome(decision, "ACCEPTED", ""))).disposition is ACCEPTED


async def test_a_fallback_that_stood_in_was_offered(company):
    company.snapshot = with_actions(SHOP, data_tip={"value": {"loyalty": 0.01}})
    company.snapshot = placement(company.snapshot, "push", "message", fallback="data_tip")
    company.know(ANNA, consent={"push:marketing": True})
    await interrupted_twice(company, "film_box", "upgrade_unlimited", "push")
    decision = await company.decide(channel="push")
    assert (names(decision, "message"), decision.placements[0].cause) == (["data_tip"], Cause.CAP_LOST)
    lost = await verdict(company, outcome(decision, "CLICKED", "upgrade_unlimited", outcome_id="o2"))
    assert (lost.disposition, lost.field) == (REJECTED, "action_id")
    assert (await verdict(company, outcome(decision, "CLICKED", "data_tip"))).disposition is ACCEPTED


@pytest.mark.parametrize("type_", ["ACCEPTED", "REJECTED"])
async def test_an_answer_to_what_an_agent_offered_instead_is_none_to_what_was_proposed(company, decision, type_):
    told = outcome(decision, type_, offered_instead="film_box", agent="kim")
    assert (await verdict(company, told)).disposition is ACCEPTED
    (kept,) = [one for one in company.store.customers[ANNA].contacts if one.action == stable_id("instalment_loan")]
    assert (OUTCOMES[kept.outcome], kept.flags) == ("OTHER", 0)
    assert not company.store.customers[ANNA].pauses
