"""Visitors become customers with all that they did; customers can be forgotten."""

import json

import pytest

from engine.ids import CustomerKey
from engine.outcomes.write import PauseClaim
from engine.store import CustomerWrite, Profile, StoreUnavailable
from tests.engine.asking import (
    ANNA,
    DAY,
    NOW,
    at_most,
    contact,
    contacts_of,
    new_decision,
    outcome,
    proposing,
)

VISITOR, OTHER = CustomerKey("shop", "visitor-1"), CustomerKey("shop", "ben")


async def contacted(store, customer, *actions, at=NOW):
    decision = new_decision(customer)
    packed = (contact(decision, action, at=at) for action in actions)
    await store.commit(proposing(*packed, decision=decision, customer=customer))
    return decision


async def actions(store, customer=ANNA):
    return [one.action for one in contacts_of((await store.read_profile(customer, "")).contacts)]


async def consent(store, customer=ANNA):
    return json.loads((await store.read_profile(customer, "")).consent)


async def test_link_folds_contacts_in_the_order_of_time(store):
    await contacted(store, ANNA, 1, at=NOW)
    await contacted(store, VISITOR, 2, at=NOW - 10)
    await contacted(store, VISITOR, 3, at=NOW + 10)
    assert await store.link(VISITOR, ANNA)
    assert await actions(store) == [2, 1, 3]
    assert await store.read_profile(VISITOR, "") == Profile(linked=b"anna")


async def test_caps_hold_across_the_merge(store):
    await contacted(store, VISITOR, 1)
    await store.link(VISITOR, ANNA)
    lost = await store.commit(proposing(contact("d"), claims=(at_most(1),), take=True))
    assert lost.dropped == (0,)


async def test_a_merge_loses_no_contact_that_a_long_ledger_would_count(store):
    for customer in (VISITOR, ANNA):
        await contacted(store, customer, *range(1, 41))
    await store.link(VISITOR, ANNA)
    lost = await store.commit(proposing(contact("d", action=1), claims=(at_most(80),), take=True))
    assert lost.dropped == (0,)


async def test_linking_twice_is_linking_once(store):
    await contacted(store, VISITOR, 1)
    assert [await store.link(VISITOR, ANNA) for _ in range(2)] == [True, True]
    assert await actions(store) == [1]
    log = [entry.kind async for entry in store.read_log(VISITOR.partition(256))]
    assert log == ["decision", "link"]


async def test_a_visitor_belongs_to_one_customer(store):
    await store.link(VISITOR, ANNA)
    assert not await store.link(VISITOR, OTHER)


@pytest.mark.parametrize("customer", [VISITOR, CustomerKey("bank", "anna")])
async def test_nobody_is_linked_to_themselves_or_to_another_tenant(store, customer):
    assert not await store.link(VISITOR, customer)
    assert (await store.read_profile(VISITOR, "")).linked is None


async def test_links_make_no_circle(store):
    await store.link(VISITOR, ANNA)
    assert not await store.link(ANNA, VISITOR)


async def test_a_visitor_of_a_merged_customer_belongs_to_the_last(store):
    await store.link(ANNA, OTHER)
    assert await store.link(VISITOR, ANNA)
    assert (await store.read_profile(VISITOR, "")).linked == b"ben"
    assert await store.link(VISITOR, ANNA)
    assert await store.link(VISITOR, OTHER)


async def test_the_longer_of_two_pauses_is_kept(store):
    for who, until in ((ANNA, NOW + 100), (VISITOR, NOW + 200)):
        claim = PauseClaim(9, 1, 0.0, 1 << 4, (), (), (1,), until)
        await store.record_outcome(outcome("d", "REJECTED", customer=who, pauses=(claim,)))
    await store.link(VISITOR, ANNA)
    (until,) = memoryview((await store.read_profile(ANNA, "")).pauses[8:]).cast("d")
    assert until == NOW + 200


async def test_the_customers_own_consent_wins(store):
    said = {"consent": {"push:marketing": False}, "zone": "", "preferences": {"size": "m"}}
    visited = {"consent": {"push:marketing": True, "sms:marketing": True}, "zone": "Asia/Tokyo", "preferences": {}}
    writes = [CustomerWrite(ANNA, consent=json.dumps(said).encode())]
    writes += [CustomerWrite(VISITOR, consent=json.dumps(visited).encode())]
    await store.put_customers(writes)
    await store.link(VISITOR, ANNA)
    assert await consent(store) == {
        "consent": {"push:marketing": False, "sms:marketing": True},
        "zone": "Asia/Tokyo",
        "preferences": {"size": "m"},
    }


async def test_consent_of_the_visitor_alone_is_taken_over(store):
    await store.put_customers([CustomerWrite(VISITOR, consent=b'{"consent":{"push:marketing":true}}')])
    await store.link(VISITOR, ANNA)
    assert await consent(store) == {"consent": {"push:marketing": True}}


async def test_outcomes_of_a_visitors_decision_reach_the_customer_once(store):
    decision = await contacted(store, VISITOR, 1)
    before = outcome(decision, "IMPRESSION", customer=VISITOR)
    await store.record_outcome(before)
    await store.link(VISITOR, ANNA)
    after = outcome(decision, "ACCEPTED", customer=VISITOR)
    assert [await store.record_outcome(one) for one in (before, after, after)] == [False, True, False]
    assert contacts_of((await store.read_profile(ANNA, "")).contacts)[0].outcome == 3


async def test_a_visitors_decision_can_be_voided_after_the_merge(store):
    decision = await contacted(store, VISITOR, 1)
    await store.link(VISITOR, ANNA)
    await store.void(VISITOR, decision)
    assert await actions(store) == []
    assert await store.read_slate(decision) is None


async def test_a_decision_for_a_visitor_just_merged_is_not_written(store):
    await store.link(VISITOR, ANNA)
    with pytest.raises(StoreUnavailable) as refused:
        await contacted(store, VISITOR, 1)
    assert refused.value.code == "linked"
    assert await actions(store, VISITOR) == []


async def test_erase_forgets_the_customer_and_all_visitors(store):
    decision = new_decision()
    await store.commit(proposing(contact(decision), decision=decision, request_id="r"))
    await store.put_customers([CustomerWrite(ANNA, vector=b"v", consent=b"{}")])
    visited = await contacted(store, VISITOR, 2)
    await store.link(VISITOR, ANNA)
    await store.erase(ANNA)
    assert await store.read_profile(ANNA, "r") == Profile()
    assert await store.read_profile(VISITOR, "") == Profile()
    assert [await store.read_slate(one) for one in (decision, visited)] == [None, None]
    log = [entry.kind async for entry in store.read_log(ANNA.partition(256))]
    assert set(log) == {"erase"}


async def test_erase_leaves_the_neighbours_of_the_partition_alone(store):
    names = (CustomerKey("shop", f"n{number}") for number in range(10_000))
    neighbour = next(key for key in names if key.partition(256) == ANNA.partition(256))
    await contacted(store, neighbour, 5, at=NOW - DAY)
    await contacted(store, ANNA, 1)
    await store.erase(ANNA)
    assert await actions(store, neighbour) == [5]
    assert "decision" in [entry.kind async for entry in store.read_log(ANNA.partition(256))]
