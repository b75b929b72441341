"""An outcome whose decision is not known waits for it, and is put aside where it never comes; none is dropped."""

import dataclasses

import pytest

from engine.outcome import Disposition, Outcome
from engine.outcomes.closing import Closing, ParkedOutcomes
from engine.outcomes.parked import Parked
from engine.outcomes.unjoined import NOBODY, PATIENCE
from engine.outcomes.write import LateOutcome
from engine.record import unpack_outcome
from engine.store import StoreUnavailable
from tests.engine.asking import NOW, new_decision, proposing
from tests.engine.company import ANNA, DAY, Company, corner_shop

SOON = NOW + 5
ACCEPTED, PARKED, DUPLICATE = Disposition.ACCEPTED, Disposition.PARKED, Disposition.DUPLICATE
OUTCOME = Outcome("o1", "", "film_box", "ACCEPTED")


@pytest.fixture
def company():
    return Company(corner_shop())


async def early(company):
    """A decision whose outcome comes before the store shows it."""
    decision = await company.decide()
    kept = company.store.decisions.pop(decision.decision_id)
    return decision, kept


async def test_an_outcome_that_comes_before_its_decision_waits_and_is_joined(company):
    decision, kept = await early(company)
    closing = Closing(company.store, company.feedback)
    outcome = Outcome("o1", decision.decision_id, "", "ACCEPTED")
    now = decision_at(decision) + 10
    (verdict,) = await company.feedback.record([outcome], now)
    assert (verdict.disposition, bool(verdict.note)) == (PARKED, True)
    assert await closing.run(now + 1) == 0
    company.store.decisions[decision.decision_id] = kept
    assert await closing.run(now + 10) == 1
    (one,) = [entry for _, entry in company.store.logs[ANNA.partition(256)] if entry.kind == "outcome"]
    assert (one.id, unpack_outcome(one.body).at) == ("o1", now)
    assert await company.store.parked.newest(aside=False, most=9) == ()
    (again,) = await company.feedback.record([outcome], now + 11)
    assert again.disposition is DUPLICATE


def decision_at(decision):
    return int(decision.decision_id[5:17], 16) / 1000


async def test_one_that_waits_in_vain_is_put_aside_and_may_be_tried_again(company):
    decision, kept = await early(company)
    closing, people = Closing(company.store, company.feedback), ParkedOutcomes(company.store)
    outcome, now = Outcome("o1", decision.decision_id, "", "ACCEPTED"), decision_at(decision) + 10
    for _ in range(3):
        (verdict,) = await company.feedback.record([outcome], now)
        assert verdict.disposition is PARKED
    await closing.run(now + PATIENCE + 1)
    (aside,) = await people.newest(aside=True, most=9)
    assert (aside.id, aside.outcome.type, bool(aside.reason)) == ("o1", "ACCEPTED", True)
    company.store.decisions[decision.decision_id] = kept
    assert await people.retry("o1", now + PATIENCE + 2)
    assert await closing.run(now + PATIENCE + 3) == 1
    assert not await people.retry("o1", now)


async def test_one_that_can_never_be_joined_is_put_aside_at_once(company):
    (verdict,) = await company.feedback.record([dataclasses.replace(OUTCOME, decision_id="no-decision")], NOW)
    assert verdict.disposition is PARKED
    (aside,) = await company.store.parked.newest(aside=True, most=9)
    assert aside.outcome.decision_id == "no-decision"


async def test_one_that_does_not_fit_its_decision_is_put_aside_when_that_comes(company):
    decision, kept = await early(company)
    outcome, now = Outcome("o1", decision.decision_id, "no_such_action", "ACCEPTED"), decision_at(decision) + 10
    await company.feedback.record([outcome], now)
    company.store.decisions[decision.decision_id] = kept
    await Closing(company.store, company.feedback).run(now + 2)
    (aside,) = await company.store.parked.newest(aside=True, most=9)
    assert "action_id" in aside.reason


async def test_one_of_a_decision_past_remembering_is_logged_as_late_once(company):
    decision, _ = await early(company)
    company.store.logs.clear()
    outcome, now = Outcome("o1", decision.decision_id, "film_box", "CONVERSION"), decision_at(decision) + 4 * DAY
    first, second = [(await company.feedback.record([outcome], now))[0] for _ in range(2)]
    assert (first.disposition, bool(first.note), second.disposition) == (ACCEPTED, True, DUPLICATE)
    (entry,) = [one for _, one in company.store.logs[ANNA.partition(256)] if one.kind == "outcome"]
    record = unpack_outcome(entry.body)
    assert (record.late, record.decision_id, record.action, record.customer) == (
        True,
        decision.decision_id,
        "film_box",
        "",
    )


@pytest.mark.parametrize(("fields", "field"), [({"type": "SMILED"}, "type"), ({"at": NOW + DAY}, "at")])
async def test_what_could_hold_of_no_decision_is_rejected_though_that_is_unknown(company, fields, field):
    told = dataclasses.replace(OUTCOME, decision_id=new_decision(), **fields)
    (verdict,) = await company.feedback.record([told], NOW)
    assert (verdict.disposition, verdict.field) == (Disposition.REJECTED, field)


async def test_ids_of_befits_own_outcomes_are_refused(company):
    (verdict,) = await company.feedback.record([dataclasses.replace(OUTCOME, outcome_id="!mine")], NOW)
    assert (verdict.disposition, verdict.field) == (Disposition.REJECTED, "outcome_id")


async def test_a_store_keeps_what_waits_and_what_lies_aside(store):
    one = Parked(dataclasses.replace(OUTCOME, decision_id="d", at=NOW, rating=2.0), NOW)
    two = dataclasses.replace(one, outcome=dataclasses.replace(OUTCOME, outcome_id="o2"))
    assert [await store.parked.park(parked, NOW + 1) for parked in (one, one, two)] == [True, True, True]
    assert await store.parked.due(NOW, 9) == ()
    assert set(await store.parked.due(NOW + 1, 9)) == {one, two}
    await store.parked.postpone(later := dataclasses.replace(one, tries=1), NOW + 9)
    assert await store.parked.due(NOW + 1, 9) == (two,)
    await store.parked.put_aside(aside := dataclasses.replace(two, aside_at=NOW + 2, reason="why"))
    assert await store.parked.newest(aside=True, most=9) == (aside,)
    assert await store.parked.newest(aside=False, most=9) == (later,)
    assert (await store.parked.find("o2"), await store.parked.find("o3")) == (aside, None)
    await store.parked.park(two, NOW)
    assert await store.parked.due(NOW + 5, 9) == ()
    for name in ("o1", "o2"):
        await store.parked.forget(name)
    assert await store.parked.newest(aside=True, most=9) == await store.parked.newest(aside=False, most=9) == ()


async def test_a_late_outcome_is_logged_where_its_decision_was(store):
    request = proposing(decision=new_decision())
    await store.commit(request)
    late = LateOutcome(NOBODY, "o1", request.decision_id, b"late")
    assert [await store.record_late(late) for _ in range(2)] == [True, False]
    found = [(one.kind, one.id, one.customer) async for one in store.read_log(request.customer.partition(256))]
    assert found[-1] == ("outcome", "o1", "")


async def test_while_the_store_is_away_nothing_is_parked_and_the_caller_is_told(company):
    company.store.fail = "timeout"
    (verdict,) = await company.feedback.record([dataclasses.replace(OUTCOME, decision_id=new_decision())], NOW)
    assert (verdict.disposition, verdict.retryable) == (Disposition.REJECTED, True)
    with pytest.raises(StoreUnavailable):
        await Closing(company.store, company.feedback).run(NOW)
