"""The newest decisions of a log are found, without those taken back, and asked again they give the same bytes."""

from __future__ import annotations

import pytest

from engine.commit import Proposal, commit_request
from engine.decide import resolve
from engine.decision import Audience, Request
from engine.ids import CustomerKey, decided_ms, decision_id
from engine.past.question import question_of
from engine.past.reading import RecordUnreadable, decisions_of, entries_of
from engine.present import present
from engine.profile import know
from engine.record import unpack_decision
from engine.resolution import Question
from engine.store import Profile
from rules.situation import Moment
from tests.engine.asking import NOW, PARTITIONS, new_decision, proposing
from tests.engine.company import NOW as THEN
from tests.engine.company import corner_shop


async def commit_at(store, customer, now):
    who = CustomerKey("shop", customer)
    decision = new_decision(who, now)
    await store.commit(proposing(customer=who, decision=decision))
    return decision


async def test_the_newest_decisions_come_first_whatever_partition_they_are_in(store):
    made = [await commit_at(store, f"customer {number}", NOW + number) for number in range(30)]
    for newest in (1, 7, 30, 99):
        entries = await entries_of(store, PARTITIONS, newest)
        assert [entry.id for entry in entries] == made[::-1][:newest]


async def test_a_customer_with_more_decisions_than_a_page_loses_none(store):
    made = [await commit_at(store, "anna", NOW + number) for number in range(20)]
    assert [entry.id for entry in await entries_of(store, PARTITIONS, 20)] == made[::-1]


async def test_a_decision_that_was_taken_back_is_left_out(store):
    kept, gone = [await commit_at(store, "anna", NOW + number) for number in range(2)]
    await store.void(CustomerKey("shop", "anna"), gone)
    assert [entry.id for entry in await entries_of(store, PARTITIONS, 5)] == [kept]


async def test_a_record_that_cannot_be_read_is_named(store):
    made = await commit_at(store, "anna", NOW)
    with pytest.raises(RecordUnreadable, match=made):
        await decisions_of(store, PARTITIONS, 5)


def test_an_id_tells_when_its_decision_was_made():
    assert decided_ms(decision_id(3, NOW, 1)) == int(NOW * 1000)
    assert decided_ms("no decision") == 0


def test_a_logged_question_asked_again_gives_the_same_bytes():
    snapshot = corner_shop()
    anna = CustomerKey("shop", "anna")
    request = Request(
        anna,
        "call_centre",
        intent="cancel",
        locale="de",
        max_actions=2,
        exclude=("film_box",),
        audience=Audience.ANALYST,
    )
    moment = Moment(THEN, "call_centre", "cancel", "de", {})
    question = Question(request, know(snapshot, anna, Profile(contacts=b""), THEN), moment)
    first = logged(snapshot, question)
    again = question_of(snapshot, unpack_decision(first))
    assert again.request == request
    assert logged(snapshot, again) == first


def logged(snapshot, question):
    resolution = resolve(snapshot, question)
    decision = present(snapshot, resolution, "0001-000000000001-0000000001")
    return commit_request(Proposal(snapshot, resolution, decision), (), take=False).record
