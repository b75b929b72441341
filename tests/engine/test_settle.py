"""What is answered where the store did not grant a contact, or did not say."""

from __future__ import annotations

import pytest

from engine.decision import Cause, Decision, Degraded, RankedAction, Trace
from engine.recall import Recall
from rules.policy import CONTACT_KINDS
from tests.engine.company import (
    ANNA,
    NOW,
    Company,
    contact,
    filled,
    names,
)
from tests.engine.steady_shop import STEADY, interrupted_twice


@pytest.fixture
def company() -> Company:
    return Company(STEADY)


def filled_actions(decision: Decision) -> list[RankedAction]:
    return [one for placement in decision.placements for one in placement.actions]


async def test_a_claim_lost_twice_leaves_the_placement_to_its_fallback(company):
    await interrupted_twice(company, "film_box")
    decision = await company.decide(trace=Trace.FULL)
    assert company.store.trips == ["read_profile", "commit", "commit"]
    assert (names(decision, "hero"), filled(decision, "hero").cause) == ([], Cause.CAP_LOST)
    gone = next(one for one in decision.dropped if one.action == "upgrade_unlimited")
    assert (gone.stage, gone.why.code) == ("contact", "CAP_LOST")
    assert [one.id for one in company.store.decisions.values() if one.slate is None] == []


async def test_what_lost_its_claim_makes_room_for_the_next(company):
    await interrupted_twice(company, "instalment_loan")
    decision = await company.decide(channel="call_centre")
    actions = filled(decision, "offer").actions
    assert [(one.rank, one.action) for one in actions] == [(1, "ask_contact_time"), (2, "basic_tariff")]
    assert [one.probability for one in actions] == [None, None]


@pytest.mark.parametrize("channel", ["web", "call_centre"])
async def test_an_unknown_commit_proposes_no_contact_and_is_voided(company, channel):
    company.store.failing = {"commit"}
    decision = await company.decide(channel=channel, trace=Trace.FULL)
    await company.decider.close()
    assert decision.degraded[-1] is Degraded.COMMIT_UNKNOWN
    assert not [one for one in filled_actions(decision) if one.kind in CONTACT_KINDS]
    assert company.store.trips == ["read_profile", "commit", "void"]
    assert await company.store.read_slate(decision.decision_id) is None
    contactless = filled(decision, "hero" if channel == "web" else "offer")
    assert contactless.cause is Cause.NONE_ALLOWED
    assert {one.why.code for one in decision.dropped if one.action == "film_box"} <= {"COMMIT_UNKNOWN", "NO_TREATMENT"}


async def test_a_commit_that_was_written_after_all_is_undone(company):
    class Stalling(type(company.store)):
        async def commit(self, request):
            await super().commit(request)
            self.failing.add("commit")
            self._trip("commit")

    company.store.__class__ = Stalling
    decision = await company.decide(request_id="r1")
    await company.decider.close()
    assert decision.degraded[-1] is Degraded.COMMIT_UNKNOWN
    assert company.store.customers[ANNA].contacts == []
    assert company.store.requests == {}


async def test_a_voided_decision_is_recalled_as_it_was_answered(company):
    recall = Recall(company.store, lambda: company.snapshot)
    decision = await company.decide()
    as_made = (await recall.get_decision(decision.decision_id)).decision
    assert [one for one in filled_actions(as_made) if one.kind in CONTACT_KINDS]
    await company.store.void(ANNA, decision.decision_id)
    voided = (await recall.get_decision(decision.decision_id)).decision
    assert not [one for one in filled_actions(voided) if one.kind in CONTACT_KINDS]
    assert voided.degraded == (*as_made.degraded, Degraded.COMMIT_UNKNOWN)
    assert {one.why.code for one in voided.dropped if one.action == "film_box"} == {"COMMIT_UNKNOWN"}


async def test_the_second_attempt_may_stay_unknown_too(company):
    async def others(_request) -> None:
        await company.store.contacted(ANNA, *[contact("film_box", NOW - 1)] * 3)
        company.store.meanwhile = away

    async def away(_request) -> None:
        company.store.failing = {"commit"}

    company.store.meanwhile = others
    decision = await company.decide()
    await company.decider.close()
    assert (names(decision, "hero"), decision.degraded[-1]) == ([], Degraded.COMMIT_UNKNOWN)
    assert company.store.trips == ["read_profile", "commit", "commit", "void"]
