"""An outcome is entered once: into its contact, the pauses and the log."""

import asyncio

import pytest

from engine.outcomes.write import PauseClaim
from rules.ledger import OUTCOMES, SEEN
from tests.engine.asking import ANNA, DAY, NOW, contact, contacts_of, new_decision, outcome, proposing

REJECTED = 1 << OUTCOMES.index("REJECTED")
TOO_DEAR, NOT_NOW = 11, 12


def pausing(times=1, **fields):
    """A pause of actions 1 and 2 for a day after rejections."""
    said = {"cause": 9, "since": NOW - DAY, "outcomes": REJECTED, "reasons": (), "counted": (), "paused": (1, 2)}
    return PauseClaim(times=times, **{"until": NOW + DAY, **said, **fields})


async def decided(store, action=1):
    decision = new_decision()
    await store.commit(proposing(contact(decision, action), decision=decision))
    return decision


async def contacts(store):
    return contacts_of((await store.read_profile(ANNA, "")).contacts)


async def pauses(store):
    """(action, until) of every pause."""
    packed = (await store.read_profile(ANNA, "")).pauses or b""
    found = [packed[at : at + 16] for at in range(0, len(packed), 16)]
    return [(int.from_bytes(one[:4], "little"), memoryview(one[8:]).cast("d")[0]) for one in found]


async def told(store, decision, *types):
    """The outcome that the contact holds after these, each a minute after the one before."""
    for minute, type_ in enumerate(types):
        await store.record_outcome(outcome(decision, type_, at=NOW + 60 * minute, seen=type_ == "IMPRESSION"))
    return OUTCOMES[(await contacts(store))[0].outcome]


async def test_an_outcome_reaches_its_contact_and_the_log(store):
    decision = await decided(store)
    assert await store.record_outcome(outcome(decision, "REJECTED", reason=TOO_DEAR, outcome_id="o-first"))
    (one,) = await contacts(store)
    assert (OUTCOMES[one.outcome], one.reason, one.outcome_at, one.flags) == ("REJECTED", TOO_DEAR, NOW + 60, SEEN)
    log = [(entry.kind, entry.id, entry.body) async for entry in store.read_log(ANNA.partition(256))]
    assert log[1] == ("outcome", "o-first", b"outcome")


async def test_an_outcome_told_again_changes_nothing(store):
    decision = await decided(store)
    first = outcome(decision, "REJECTED", pauses=(pausing(times=2),))
    assert [await store.record_outcome(first) for _ in range(3)] == [True, False, False]
    assert await pauses(store) == []
    assert [entry.kind async for entry in store.read_log(ANNA.partition(256))] == ["decision", "outcome"]


async def test_an_outcome_told_by_many_at_once_is_entered_once(store):
    write = outcome(await decided(store))
    assert sum(await asyncio.gather(*(store.record_outcome(write) for _ in range(10)))) == 1


@pytest.mark.parametrize(
    ("types", "holds"),
    [
        (("IMPRESSION", "ACCEPTED"), "ACCEPTED"),
        (("ACCEPTED", "IMPRESSION"), "ACCEPTED"),
        (("CLICKED", "NO_RESPONSE"), "CLICKED"),
        (("NO_RESPONSE", "CLICKED"), "CLICKED"),
        (("ACCEPTED", "RATING"), "ACCEPTED"),
        (("ACCEPTED", "REJECTED"), "REJECTED"),
        (("REJECTED", "ACCEPTED", "IMPRESSION"), "ACCEPTED"),
    ],
)
async def test_a_weaker_outcome_does_not_hide_a_stronger_one(store, types, holds):
    assert await told(store, await decided(store), *types) == holds


async def test_of_equally_strong_outcomes_the_later_counts_whichever_arrives_first(store):
    decision = await decided(store)
    await store.record_outcome(outcome(decision, "REJECTED", at=NOW + 60))
    await store.record_outcome(outcome(decision, "ACCEPTED", at=NOW + 30))
    assert OUTCOMES[(await contacts(store))[0].outcome] == "REJECTED"


async def test_a_late_impression_still_marks_the_contact_as_seen(store):
    decision = await decided(store)
    await store.record_outcome(outcome(decision, "CLICKED", seen=False))
    await store.record_outcome(outcome(decision, "IMPRESSION", seen=True))
    (one,) = await contacts(store)
    assert (OUTCOMES[one.outcome], one.flags) == ("CLICKED", SEEN)


async def test_only_the_contact_of_the_action_and_decision_changes(store):
    decision = new_decision()
    await store.commit(proposing(contact(decision, 1), contact(decision, 2), contact("other", 2), decision=decision))
    await store.record_outcome(outcome(decision, action=2))
    assert [one.outcome for one in await contacts(store)] == [0, OUTCOMES.index("ACCEPTED"), 0]


async def test_a_decision_that_left_the_ledger_still_gets_its_outcome(store):
    write = outcome(new_decision(), "REJECTED", pauses=(pausing(),))
    assert await store.record_outcome(write)
    assert await contacts(store) == []
    assert await pauses(store) == [(1, NOW + DAY), (2, NOW + DAY)]


async def test_a_pause_begins_with_the_outcome_that_completes_the_count(store):
    first, second = await decided(store), await decided(store)
    await store.record_outcome(outcome(first, "REJECTED", pauses=(pausing(times=2),)))
    assert await pauses(store) == []
    await store.record_outcome(outcome(second, "REJECTED", pauses=(pausing(times=2),)))
    assert await pauses(store) == [(1, NOW + DAY), (2, NOW + DAY)]


@pytest.mark.parametrize(
    ("claim", "begins"),
    [
        (pausing(reasons=(TOO_DEAR,)), True),
        (pausing(reasons=(NOT_NOW,)), False),
        (pausing(counted=(1, 5)), True),
        (pausing(counted=(5,)), False),
        (pausing(outcomes=1 << OUTCOMES.index("COMPLAINT")), False),
        (pausing(since=NOW + 61), False),
        (pausing(times=2), False),
    ],
)
async def test_a_pause_claim_counts_what_it_names(store, claim, begins):
    await store.record_outcome(outcome(await decided(store), "REJECTED", reason=TOO_DEAR, pauses=(claim,)))
    assert bool(await pauses(store)) == begins


async def test_an_impression_after_a_rejection_does_not_count_the_rejection_twice(store):
    decision = await decided(store)
    await store.record_outcome(outcome(decision, "REJECTED"))
    await store.record_outcome(outcome(decision, "IMPRESSION", pauses=(pausing(times=2),)))
    assert await pauses(store) == []


async def test_the_longer_of_two_pauses_stays_and_those_over_go(store):
    decision = await decided(store)
    short = pausing(until=NOW + 90, paused=(3,))
    await store.record_outcome(outcome(decision, "REJECTED", pauses=(short, pausing())))
    shorter = pausing(until=NOW + 120)
    await store.record_outcome(outcome(decision, "REJECTED", at=NOW + 100, pauses=(shorter,)))
    assert await pauses(store) == [(1, NOW + DAY), (2, NOW + DAY)]


async def test_the_same_action_may_rest_for_two_causes(store):
    claims = (pausing(cause=1, paused=(1,)), pausing(cause=2, paused=(1,)))
    await store.record_outcome(outcome(await decided(store), "REJECTED", pauses=claims))
    assert [action for action, _ in await pauses(store)] == [1, 1]
