"""A complaint whose decision the store remembers no more: the log, or its files, still say whose it is."""

from __future__ import annotations

import time

import pytest
from msgspec import structs

from engine.alerts.alert import Resolution
from engine.ids import CustomerKey
from engine.outcome import Disposition, Outcome
from engine.outcomes.closing import TRIES_UNTOLD, Closing
from engine.outcomes.write import LateOutcome
from engine.record import unpack_outcome
from engine.sink.late_outcomes import LateOutcomes, logged_in
from engine.sink.layout import slice_of
from tests.engine.asking import new_decision, proposing
from tests.engine.company import ANNA, DAY, NOW
from tests.engine.servers import say
from tests.engine.sunk import sink_of
from tests.engine.test_duty import DONE, Shop, shop

NOBODY = CustomerKey("", "")
LATER = NOW + 10 * DAY


@pytest.fixture
def company() -> Shop:
    return Shop(shop())


async def waiting(company: Shop) -> list[tuple[str, str]]:
    """Kind and subject of the open alerts."""
    return [(one.kind, one.subject) for one in await company.alerts.newest(resolved=False, most=9)]


async def test_as_long_as_the_log_has_the_decision_a_late_complaint_is_joined_and_stops_selling(company):
    decision = await company.decide()
    company.store.decisions.clear()
    assert await company.tells(decision, "COMPLAINT", at=LATER) is Disposition.ACCEPTED
    assert await waiting(company) == [("complaint", "anna")]
    (entry,) = [one for _, one in company.store.logs[ANNA.partition(256)] if one.kind == "outcome"]
    told = unpack_outcome(entry.body)
    assert (told.customer, told.channel, told.late) == ("anna", "web", False)
    assert not await company.sells(LATER + 60)


async def test_what_was_taken_back_is_not_joined(company):
    decision = await company.decide()
    await company.store.void(ANNA, decision.decision_id)
    company.store.decisions.clear()
    await company.tells(decision, "COMPLAINT", at=LATER)
    assert await waiting(company) == [("complaint", decision.decision_id)]


async def test_the_record_of_a_decision_is_found_by_its_time_when_its_slate_is_gone(valkey, valkey_store):
    now = time.time()
    gone, other, voided = (new_decision(ANNA, now) for _ in range(3))
    for one in (other, gone, voided):
        await valkey_store.commit(proposing(decision=one))
    await valkey_store.void(ANNA, voided)
    for one in (gone, voided):
        say(valkey.plan.address, "DEL", f"befit:{{p{ANNA.partition(256):03d}}}:d:{one}")
    found = await valkey_store.read_record(gone)
    assert found is not None
    assert (found.id, found.customer, found.voided) == (gone, "anna", False)
    assert (await valkey_store.read_record(voided)).voided
    assert await valkey_store.read_record(new_decision(ANNA, now)) is None


async def sunk(company: Shop, store, out) -> tuple[str, Outcome]:
    """A decision of the company that the files have and no store remembers, and a complaint about it."""
    decision = await company.decide(now=time.time())
    (entry,) = [one for _, one in company.store.logs[ANNA.partition(256)] if one.kind == "decision"]
    await store.commit(structs.replace(proposing(customer=ANNA, decision=decision.decision_id), record=entry.body))
    await sink_of(store, out).write()
    company.store.decisions.clear()
    company.store.logs.clear()
    first = next(one.action for filled in decision.placements for one in filled.actions)
    return decision.decision_id, Outcome("o1", decision.decision_id, first, "COMPLAINT", at=time.time() + 10 * DAY)


async def test_the_sink_finds_whose_complaint_it_is_and_selling_stops_until_it_is_resolved(
    company, valkey_store, tmp_path
):
    _, complaint = await sunk(company, valkey_store, tmp_path)
    now = complaint.at or 0.0
    await company.feedback.record([complaint], now)
    assert await waiting(company) == [("complaint", complaint.decision_id)]
    assert await company.sells(now + 1)
    ((_, entry),) = [one for log in company.store.logs.values() for one in log if one[1].kind == "outcome"]
    await valkey_store.record_late(LateOutcome(NOBODY, "o1", complaint.decision_id, entry.body))
    late = LateOutcomes(tmp_path, company.feedback._attend, lambda: company.snapshot)
    await sink_of(valkey_store, tmp_path, late=late).write()
    assert await waiting(company) == [("complaint", "anna")]
    assert not await company.sells(now + 60)
    (alert,) = await company.alerts.newest(resolved=False, most=9)
    await company.alerts.resolve(alert.id, Resolution(now + 120, DONE, "called"))
    assert await company.sells(now + 121)


async def test_files_do_not_tell_of_decisions_that_they_lack_or_whose_customer_was_erased(
    company, valkey_store, tmp_path
):
    decision, _ = await sunk(company, valkey_store, tmp_path)
    name = slice_of(ANNA.partition(256))
    assert logged_in(tmp_path, name, decision)
    assert logged_in(tmp_path, name, new_decision(ANNA, time.time())) is None
    assert logged_in(tmp_path, name, "no-decision") is None
    await valkey_store.erase(ANNA)
    await sink_of(valkey_store, tmp_path).write()
    assert logged_in(tmp_path, name, decision) is None


async def test_a_complaint_that_waits_for_its_decision_is_told_after_some_seconds(company):
    decision = await company.decide()
    company.store.decisions.clear()
    now = NOW + 5
    assert await company.tells(decision, "COMPLAINT", at=now) is Disposition.PARKED
    closing = Closing(company.store, company.feedback)
    for number in range(1, TRIES_UNTOLD + 1):
        assert await waiting(company) == []
        await closing.run(now := now + 2.0**number)
    assert now - NOW < 30
    assert await waiting(company) == [("complaint", decision.decision_id)]
