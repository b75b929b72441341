"""Messages begin with their events, are claimed by one at a time, and change only from the state that they are in."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec
import pytest

from engine.events.change import Changes, EventWrite
from engine.ids import CustomerKey
from engine.store import Store
from engine.triggers.message import FORMAT, PENDING, READY, REPLACED, WITHDRAWN, Decided, Message, Name, PushRecord
from engine.triggers.store import Claimed, Held, Start
from tests.engine.asking import ANNA, NOW

VISITOR = CustomerKey("shop", "visitor")
DECIDED = Decided("shop", "anna", "d1", "film_box", "t", {"title": "Films"}, NOW + 5)


def named(event: str = "e1", trigger: str = "abandoned", key: str = "basket") -> Name:
    return Name("push", trigger, key, event)


def message(**fields) -> Message:
    return Message(FORMAT, "basket", {"amount": 89.0, "change": "abandoned"}, NOW, NOW + 1000, **fields)


async def happens(store: Store, *names: Name, who=ANNA, event="e1", withdraws=(), at=NOW) -> bool:
    starts = tuple(Start(name, message(), NOW + 10) for name in names)
    return await store.events.record(EventWrite(who, event, at, NOW, Changes(), b"", starts, withdraws))


def ended(name: Name, became="sent") -> PushRecord:
    return PushRecord(
        FORMAT, name.message_id, "shop", "anna", "push", name.trigger, name.event_id, "", "", became, "", NOW
    )


async def ready(store: Store, name: Name) -> Claimed:
    """The message after it was decided, to be sent in five seconds."""
    claimed = await store.outbox.claim_work(Held(ANNA, name), NOW + 10, NOW + 40)
    decided = replace(claimed, state=READY, message=msgspec.structs.replace(claimed.message, decided=DECIDED))
    assert await store.outbox.keep(decided, NOW + 1000, NOW + 15)
    return decided


async def test_a_message_waits_until_it_is_due_and_is_one_workers(store):
    assert await happens(store, named())
    assert not await happens(store, named())
    assert await store.outbox.due_work(NOW + 9, 9) == ()
    (held,) = await store.outbox.due_work(NOW + 10, 9)
    assert held == Held(ANNA, named())
    found = await asyncio.gather(*(store.outbox.claim_work(held, NOW + 10, NOW + 40) for _ in range(5)))
    assert [one for one in found if one] == [Claimed(held, PENDING, message())]
    assert await store.outbox.claim_work(held, NOW + 39, NOW + 70) is None
    assert await store.outbox.claim_work(held, NOW + 40, NOW + 70) is not None


async def test_a_decided_message_may_be_sent_when_its_time_comes(store):
    await happens(store, named())
    decided = await ready(store, named())
    assert await store.outbox.due_ready("push", NOW + 14, 9) == ()
    assert await store.outbox.due_ready("sms", NOW + 15, 9) == ()
    (held,) = await store.outbox.due_ready("push", NOW + 15, 9)
    assert await store.outbox.claim_ready(held, NOW + 15, NOW + 75) == decided
    assert await store.outbox.claim_ready(held, NOW + 16, NOW + 75) is None
    assert await store.outbox.drop(held, READY, ended(named()))
    assert not await store.outbox.drop(held, READY, ended(named()))
    assert await store.outbox.due_ready("push", NOW + 99, 9) == await store.outbox.due_work(NOW + 9999, 9) == ()
    kinds = [entry.kind async for entry in store.read_log(ANNA.partition(256))]
    assert kinds == ["event", "push"]


async def test_what_is_taken_back_is_left_to_be_tidied_up(store):
    await happens(store, named("e1"), named("e2", "other", "other"))
    await ready(store, named("e1"))
    await happens(store, event="bought", withdraws=("abandoned", "other"))
    (other,) = await store.outbox.due_work(NOW, 9)
    assert (await store.outbox.claim_work(other, NOW, NOW + 75)).state == WITHDRAWN
    (held,) = await store.outbox.due_work(NOW + 15, 9)
    assert held.name.event_id == "e1"
    assert await store.outbox.claim_ready(held, NOW + 15, NOW + 75) is None
    claimed = await store.outbox.claim_work(held, NOW + 15, NOW + 75)
    assert (claimed.state, claimed.message.decided) == (WITHDRAWN, DECIDED)
    assert not await store.outbox.keep(replace(claimed, state=READY), NOW + 99, NOW + 99)


async def test_what_began_after_an_event_that_is_told_late_is_not_taken_back(store):
    await happens(store, named("e1"), named("e2", "other", "other"))
    await ready(store, named("e1"))
    await happens(store, event="bought", withdraws=("abandoned", "other"), at=NOW - 1)
    (other,) = await store.outbox.due_work(NOW + 10, 9)
    assert (await store.outbox.claim_work(other, NOW + 10, NOW + 40)).state == PENDING
    (held,) = await store.outbox.due_ready("push", NOW + 15, 9)
    assert await store.outbox.claim_ready(held, NOW + 15, NOW + 75)


async def test_a_message_takes_the_place_of_one_with_its_collapse_key(store):
    await happens(store, named("e1"))
    await happens(store, named("e2"), named("e3", "other", "other"), event="e2")
    due = await store.outbox.due_work(NOW + 10, 9)
    states = {one.name.event_id: (await store.outbox.claim_work(one, NOW + 10, NOW + 40)).state for one in due}
    assert states == {"e1": REPLACED, "e2": PENDING, "e3": PENDING}


async def test_messages_move_with_a_visitor_who_became_a_customer(store):
    await happens(store, named("e1"), who=VISITOR)
    assert await store.link(VISITOR, ANNA)
    assert await store.link(VISITOR, ANNA)
    assert await store.outbox.due_work(NOW + 10, 9) == (Held(ANNA, named("e1")),)
    assert await happens(store, named("e2"), who=VISITOR, event="e2")
    assert {one.customer for one in await store.outbox.due_work(NOW + 10, 9)} == {ANNA}


async def test_messages_are_forgotten_with_their_customer(store):
    await happens(store, named("e1"), named("e2", "other", "other"))
    await ready(store, named("e1"))
    await store.erase(ANNA)
    assert await store.outbox.due_work(NOW + 9999, 9) == await store.outbox.due_ready("push", NOW + 9999, 9) == ()


@pytest.mark.parametrize("most", [1, 2])
async def test_no_more_than_asked_of_each_partition(store, most):
    await happens(store, *(named(f"e{number}", "t", f"k{number}") for number in range(3)))
    assert len(await store.outbox.due_work(NOW + 10, most)) == most
