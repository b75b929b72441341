"""A decision is written once, whole, and only if its claims hold."""

import pytest
from msgspec import structs

from engine.ids import CustomerKey
from engine.store import ClaimLost, Committed, Duplicate, EarlierRequest, Profile, StoredSlate, StoreUnavailable
from rules.ledger import SEEN
from tests.engine.asking import ANNA, DAY, NOW, PUSH, at_most, contact, contacts_of, new_decision, outcome, proposing

BEN = CustomerKey("shop", "ben")


async def actions(store, customer=ANNA):
    """The actions in the customer's ledger, oldest first."""
    return [one.action for one in contacts_of((await store.read_profile(customer, "")).contacts)]


async def test_unknown_customer_has_an_empty_profile(store):
    assert await store.read_profile(ANNA, "request") == Profile()


async def test_commit_writes_contacts_slate_tier_and_record(store):
    decision = new_decision()
    request = proposing(contact(decision, 7), decision=decision, tier=b'{"tier":"gold"}')
    assert await store.commit(request) == Committed()
    profile = await store.read_profile(ANNA, "")
    assert (profile.contacts, profile.tier) == (contact(decision, 7), b'{"tier":"gold"}')
    assert await store.read_slate(decision) == StoredSlate(request.slate)
    entry = await store.read_record(decision)
    assert (entry.kind, entry.id, entry.body, entry.sequence) == ("decision", decision, request.record, 1)


async def test_commit_without_contacts_leaves_the_ledger_alone(store):
    await store.commit(proposing(tier=b"{}"))
    assert (await store.read_profile(ANNA, "")).contacts is None


async def test_the_same_decision_is_written_once(store):
    request = proposing(contact("d"))
    assert [await store.commit(request) for _ in range(3)] == [Committed()] * 3
    assert await actions(store) == [1]


async def test_a_repeated_request_gets_the_first_decision(store):
    first = proposing(contact("one"), request_id="r1", digest=b"question")
    again = proposing(contact("two"), request_id="r1", digest=b"question")
    await store.commit(first)
    assert await store.commit(again) == Duplicate(b"question", first.decision_id, StoredSlate(first.slate))
    assert (await store.read_profile(ANNA, "r1")).earlier == EarlierRequest(b"question", first.decision_id)
    assert await store.read_slate(again.decision_id) is None
    assert await actions(store) == [1]


async def test_a_request_id_used_for_another_question_shows_by_its_digest(store):
    await store.commit(proposing(request_id="r1", digest=b"one question"))
    duplicate = await store.commit(proposing(request_id="r1", digest=b"another"))
    assert duplicate.digest == b"one question"


async def test_request_ids_of_two_customers_are_two_requests(store):
    await store.commit(proposing(request_id="r1"))
    assert await store.commit(proposing(customer=BEN, request_id="r1")) == Committed()


async def test_names_with_colons_do_not_read_as_other_names(store):
    mixed, other = CustomerKey("a:b", "c"), CustomerKey("a", "b:c")
    await store.commit(proposing(contact("d"), customer=mixed, request_id="r"))
    assert await store.read_profile(other, "r") == Profile()


async def test_a_lost_claim_writes_nothing_and_tells_the_ledger(store):
    await store.commit(proposing(contact("one")))
    refused = proposing(contact("two"), claims=(at_most(1),), request_id="r", tier=b"{}")
    assert await store.commit(refused) == ClaimLost(contact("one"), b"")
    assert await store.read_slate(refused.decision_id) is None
    assert (await store.read_profile(ANNA, "r")).earlier is None
    assert await actions(store) == [1]


async def test_take_drops_the_contacts_that_lost(store):
    await store.commit(proposing(contact("one", 1)))
    claims = (at_most(1, contact=0, actions=(1,)), at_most(1, contact=1, actions=(2,)))
    taken = proposing(contact("two", 1), contact("two", 2), claims=claims, take=True)
    assert await store.commit(taken) == Committed(dropped=(0,))
    assert await actions(store) == [1, 2]
    assert await store.read_slate(taken.decision_id) == StoredSlate(taken.slate, dropped=(0,))
    assert (await store.read_record(taken.decision_id)).dropped == (0,)
    assert await store.commit(taken) == Committed(dropped=(0,))


async def test_contacts_of_one_commit_count_against_each_other(store):
    claims = tuple(at_most(2, contact=index) for index in range(3))
    taken = proposing(*(contact("d", action) for action in (1, 2, 3)), claims=claims, take=True)
    assert await store.commit(taken) == Committed(dropped=(2,))


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        (at_most(1), False),
        (at_most(2), True),
        (at_most(1, since=NOW + 1), True),
        (at_most(1, channels=(PUSH + 1,)), True),
        (at_most(1, channels=(PUSH + 1, PUSH)), False),
        (at_most(1, directions=1), True),
        (at_most(1, directions=2), False),
        (at_most(1, actions=(2,)), True),
        (at_most(1, actions=(2, 3)), True),
        (at_most(1, actions=(1,)), False),
        (at_most(1, actions=(3, 2, 1)), False),
        (at_most(1, release_before=NOW + 1), True),
        (at_most(1, release_before=NOW), False),
    ],
)
async def test_a_claim_counts_what_it_names(store, claim, holds):
    await store.commit(proposing(contact("one")))
    result = await store.commit(proposing(contact("two"), claims=(claim,)))
    assert isinstance(result, Committed) == holds


async def test_a_contact_that_was_seen_is_not_released(store):
    await store.commit(proposing(contact("one", flags=SEEN)))
    lost = await store.commit(proposing(contact("two"), claims=(at_most(1, release_before=NOW + DAY),)))
    assert isinstance(lost, ClaimLost)


async def test_an_action_id_across_two_others_is_not_a_member(store):
    await store.commit(proposing(contact("one", action=0x33441122)))
    within = at_most(1, actions=(0x11220000, 0x00003344))
    assert await store.commit(proposing(contact("two"), claims=(within,))) == Committed()


async def test_the_ledger_keeps_the_newest_in_the_order_of_time(store):
    for at in (NOW, NOW + 2, NOW + 1, NOW + 3):
        await store.commit(proposing(contact("d", action=int(at - NOW), at=at), ledger_length=3))
    assert await actions(store) == [1, 2, 3]


async def test_void_releases_the_contacts_and_forgets_the_request(store):
    decision = new_decision()
    request = proposing(contact(decision), decision=decision, request_id="r", claims=(at_most(1),))
    await store.commit(request)
    await store.void(ANNA, decision)
    assert await store.read_slate(decision) is None
    assert (await store.read_profile(ANNA, "r")) == Profile(contacts=b"")
    assert await store.commit(proposing(contact("next"), claims=(at_most(1),), request_id="r")) == Committed()


async def test_a_commit_that_arrives_after_its_void_writes_nothing(store):
    late = proposing(contact("d"), request_id="r")
    await store.void(ANNA, late.decision_id)
    with pytest.raises(StoreUnavailable) as refused:
        await store.commit(late)
    assert refused.value.code == "voided"
    assert await store.read_profile(ANNA, "r") == Profile()


async def test_voiding_twice_is_voiding_once(store):
    await store.commit(proposing(contact("kept")))
    request = proposing(contact("gone"))
    await store.commit(request)
    for _ in range(2):
        await store.void(ANNA, request.decision_id)
    log = [entry.kind async for entry in store.read_log(ANNA.partition(256))]
    assert log == ["decision", "decision", "void"]


async def test_a_voided_decision_keeps_its_record_and_tells_that_it_was_voided(store):
    request = proposing()
    await store.commit(request)
    assert not (await store.read_record(request.decision_id)).voided
    await store.void(ANNA, request.decision_id)
    entry = await store.read_record(request.decision_id)
    assert (entry.body, entry.voided) == (request.record, True)


async def test_a_decision_that_was_voided_unwritten_has_no_record(store):
    unwritten = new_decision()
    await store.void(ANNA, unwritten)
    assert await store.read_record(unwritten) is None


async def test_void_leaves_the_contacts_of_other_decisions(store):
    kept, gone = new_decision(), new_decision()
    await store.commit(proposing(contact(kept, 1), decision=kept))
    await store.commit(proposing(contact(gone, 2), contact(gone, 3), decision=gone))
    await store.void(ANNA, gone)
    assert await actions(store) == [1]


async def test_void_does_not_take_away_a_request_id_that_means_another_decision(store):
    first = proposing(request_id="r")
    await store.commit(first)
    other = structs.replace(proposing(), request_id="r2")
    await store.commit(other)
    await store.void(ANNA, other.decision_id)
    assert (await store.read_profile(ANNA, "r")).earlier is not None


async def test_an_outcome_does_not_disturb_the_claims_of_others(store):
    decision = new_decision()
    await store.commit(proposing(contact(decision), decision=decision))
    await store.record_outcome(outcome(decision, "IMPRESSION"))
    assert isinstance(await store.commit(proposing(contact("d"), claims=(at_most(1),))), ClaimLost)


async def test_slates_and_records_of_unknown_or_impossible_ids_are_absent(store):
    for unknown in (new_decision(), "", "no decision", "ffff-000000000000-0000000000"):
        assert await store.read_slate(unknown) is None
        assert await store.read_record(unknown) is None
