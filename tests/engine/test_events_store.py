"""Events change a customer's real-time state at once, once, and in any order; the store does what plain Python says."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events.change import Amount, Changes, ConsentChange, EventWrite, ThingChange, Turn, apply
from engine.events.realtime import Realtime, ThingKind, ThingState, read_realtime
from engine.events.store import Note
from engine.ids import CustomerKey
from engine.memory.store import MemoryStore
from engine.redis.store import RedisStore
from engine.store import CustomerWrite, Store
from tests.engine.company import ANNA, NOW
from tests.engine.conftest import PATIENT
from tests.engine.servers import url_of

VISITOR = CustomerKey("shop", "visitor-1")
WEEK = 7 * 86400.0
COUNTED, SUMMED, LAST = Amount(1, 1.0, WEEK), Amount(2, 20.0, WEEK), Amount(3, 5.0)
PROMISED = ThingChange(Turn.OPEN, ThingKind.PROMISE, "17", NOW + 60, "sofa", "Olga")
KEPT = ThingChange(Turn.END, ThingKind.PROMISE, "17")
_numbers = itertools.count()


def event(*, customer=ANNA, at=NOW, name="", now=NOW + 100, **changes) -> EventWrite:
    name = name or f"e{next(_numbers)}"
    return EventWrite(customer, name, at, now, Changes(**{k: tuple(v) for k, v in changes.items()}), name.encode())


async def state(store: Store, customer: CustomerKey = ANNA) -> Realtime:
    found = read_realtime((await store.read_profile(customer, "")).realtime)
    assert found is not None
    return found


def plain(found: Realtime) -> tuple[object, object]:
    """A state whose sums are rounded: two libraries may differ in the last digit of a power."""
    return {key: tuple(round(part, 6) for part in one) for key, one in found.aggregates.items()}, found.things


async def test_an_event_is_entered_once_by_its_id_and_logged(store: Store):
    one = event(amounts=[COUNTED], name="click-1")
    assert [await store.events.record(one), await store.events.record(one)] == [True, False]
    assert (await state(store)).aggregates == {1: (1.0, NOW, WEEK)}
    logged = [entry async for entry in store.read_log(ANNA.partition(256))]
    assert [(entry.kind, entry.id, entry.body) for entry in logged] == [("event", "click-1", b"click-1")]


async def test_amounts_halve_every_half_life_and_last_values_are_replaced_by_later_ones(store: Store):
    await store.events.record(event(amounts=[COUNTED, LAST], at=NOW - WEEK))
    await store.events.record(event(amounts=[COUNTED, Amount(3, 7.0)], at=NOW))
    await store.events.record(event(amounts=[Amount(3, 1.0)], at=NOW - 1))
    assert (await state(store)).aggregates == {1: (1.5, NOW, WEEK), 3: (7.0, NOW, 0.0)}


async def test_an_event_that_changes_nothing_is_logged_and_makes_nobody_known(store: Store):
    assert await store.events.record(event())
    assert (await store.read_profile(ANNA, "")).realtime is None


async def test_consent_is_as_it_was_said_last_whenever_it_comes(store: Store):
    await store.put_customers([CustomerWrite(ANNA, consent=b'{"consent": {"sms:marketing": true}, "zone": "UTC"}')])
    given = ConsentChange(9, "push:marketing", given=True)
    await store.events.record(event(consents=[ConsentChange(9, "push:marketing", given=False)], at=NOW))
    await store.events.record(event(consents=[given], at=NOW - 60))
    consent = (await store.read_profile(ANNA, "")).consent or b""
    assert b'"push:marketing":false' in consent
    assert b'"sms:marketing":true' in consent
    await store.events.record(event(consents=[given], at=NOW + 60))
    assert b'"push:marketing":true' in ((await store.read_profile(ANNA, "")).consent or b"")


async def test_a_promise_falls_due_until_somebody_was_told_or_it_was_kept(store: Store):
    await store.events.record(event(things=[PROMISED]))
    assert await store.events.due(NOW + 59, 10) == ()
    (due,) = await store.events.due(NOW + 60, 10)
    assert (due.customer, due.kind, due.id, due.at) == (ANNA, ThingKind.PROMISE, "17", NOW + 60)
    await store.events.settle(due)
    assert await store.events.due(NOW + 60, 10) == ()
    assert (await state(store)).overdue(ThingKind.PROMISE, NOW + 61) == 1
    later = ThingChange(Turn.OPEN, ThingKind.PROMISE, "17", NOW + 500)
    await store.events.record(event(things=[later], at=NOW + 70))
    await store.events.settle(due)
    assert [one.at for one in await store.events.due(NOW + 600, 10)] == [NOW + 500]
    await store.events.record(event(things=[KEPT], at=NOW + 80))
    assert await store.events.due(NOW + 600, 10) == ()
    assert (await state(store)).overdue(ThingKind.PROMISE, NOW + 600) == 0


async def test_what_ended_is_not_opened_by_an_event_that_comes_late(store: Store):
    await store.events.record(event(things=[KEPT], at=NOW + 10))
    await store.events.record(event(things=[PROMISED], at=NOW))
    assert (await state(store)).things[ThingKind.PROMISE, "17"].state is ThingState.ENDED
    assert await store.events.due(NOW + 1000, 10) == ()


async def test_a_visitors_events_become_the_customers_once(store: Store):
    await store.events.record(event(customer=VISITOR, amounts=[COUNTED], things=[PROMISED], name="v1"))
    await store.events.record(event(amounts=[COUNTED, LAST]))
    await store.link(VISITOR, ANNA)
    assert (await state(store)).aggregates[1] == (2.0, NOW, WEEK)
    assert [one.customer for one in await store.events.due(NOW + 60, 10)] == [ANNA]
    again = event(customer=VISITOR, amounts=[COUNTED], name="v1")
    after = event(customer=VISITOR, amounts=[COUNTED], name="v2")
    assert [await store.events.record(again), await store.events.record(after)] == [False, True]
    assert (await state(store)).aggregates[1] == (3.0, NOW, WEEK)
    assert (await store.read_profile(VISITOR, "")).realtime is None


async def test_an_erased_customer_has_no_state_and_nothing_falls_due(store: Store):
    await store.events.record(event(amounts=[COUNTED], things=[PROMISED]))
    await store.erase(ANNA)
    assert (await store.read_profile(ANNA, "")).realtime is None
    assert await store.events.due(NOW + 60, 10) == ()
    assert "event" not in [entry.kind async for entry in store.read_log(ANNA.partition(256))]


async def test_an_event_about_no_customer_is_logged_once(store: Store):
    note = Note("shop", "sofa", "stock-1", b"five left")
    assert [await store.events.note(note), await store.events.note(note)] == [True, False]
    found = [entry for number in range(256) for entry in [one async for one in store.read_log(number)]]
    assert [(one.kind, one.id, one.body) for one in found] == [("event", "stock-1", b"five left")]


async def test_a_fold_that_was_broken_off_counts_once(valkey_store: RedisStore):
    """The visitor is folded, goes on, and is folded again before the mark."""
    keyspace = valkey_store._keyspace
    partition = keyspace.of(ANNA)
    await valkey_store.events.record(event(amounts=[Amount(1, 4.0, WEEK)]))
    await valkey_store.events.record(event(customer=VISITOR, amounts=[COUNTED], at=NOW - WEEK))
    said = (await valkey_store.read_profile(VISITOR, "")).realtime or b""
    named = [partition.customer(ANNA), partition.due]
    whom = (VISITOR.customer, b"", b"", b"", said, 64, "shop\0anna")
    for _ in range(2):
        await keyspace.run(partition, "fold", named, *whom)
    await valkey_store.events.record(event(customer=VISITOR, amounts=[COUNTED]))
    await valkey_store.link(VISITOR, ANNA)
    assert (await state(valkey_store)).aggregates[1].value == pytest.approx(4 + 0.5 + 1)


async def test_a_damaged_state_stays_damaged_and_consent_is_obeyed_all_the_same(valkey_store: RedisStore):
    keyspace = valkey_store._keyspace
    partition = keyspace.of(ANNA)
    await keyspace.ask(partition.slot, (("HSET", partition.customer(ANNA), "r", b"BR\1\0torn"),), 5.0)
    await valkey_store.events.record(
        event(amounts=[COUNTED], consents=[ConsentChange(9, "push:marketing", given=False)])
    )
    profile = await valkey_store.read_profile(ANNA, "")
    assert (profile.realtime, read_realtime(profile.realtime)) == (b"BR\1\0torn", None)
    assert b'"push:marketing":false' in (profile.consent or b"")


TIMES = st.integers(-3, 3).map(lambda day: NOW + day * 86400.0)
amounts = st.builds(Amount, st.integers(1, 3), st.sampled_from([1.0, 2.5, -4.0]), st.sampled_from([0.0, WEEK]))
things = st.builds(
    ThingChange, st.sampled_from(Turn), st.sampled_from(ThingKind), st.sampled_from(["a", "ab", "ü", ""]),
    st.one_of(st.just(0.0), TIMES), st.sampled_from(["", "söfa"]),
)  # fmt: skip
consents = st.builds(ConsentChange, st.integers(7, 8), st.sampled_from(["push:x", "sms:x"]), given=st.booleans())
told = st.tuples(
    st.sampled_from([ANNA, ANNA, VISITOR]), TIMES, st.lists(amounts, max_size=3), st.lists(things, max_size=3),
    st.lists(consents, max_size=1),
)  # fmt: skip


async def compare(real: RedisStore, script: list[tuple]) -> None:
    memory, tenant = MemoryStore(), f"t{next(_numbers)}"
    for who, at, *changes in script:
        customer = CustomerKey(tenant, who.customer)
        parts = dict(zip(("amounts", "things", "consents"), changes, strict=True))
        write = event(customer=customer, at=at, now=NOW + 4 * 86400, **parts)
        for one in (real, memory):
            await one.events.record(write)
        assert plain(await state(real, customer)) == plain(await state(memory, customer))
    anna, visitor = CustomerKey(tenant, "anna"), CustomerKey(tenant, "visitor-1")
    for one in (real, memory):
        await one.link(visitor, anna)
    assert plain(await state(real, anna)) == plain(await state(memory, anna))
    found = [[d for d in await one.events.due(NOW + WEEK, 99) if d.customer.tenant == tenant] for one in (real, memory)]
    assert sorted(map(repr, found[0])) == sorted(map(repr, found[1]))


@settings(max_examples=80)
@given(script=st.lists(told, min_size=3, max_size=25))
def test_the_store_changes_state_as_plain_python_does(valkey, script):
    async def run() -> None:
        real = RedisStore(url_of(valkey), "memory", PATIENT)
        await real.open()
        try:
            await compare(real, script)
        finally:
            await real.close()

    asyncio.run(run())


@given(st.lists(st.tuples(TIMES, amounts), max_size=8), st.randoms())
def test_the_order_in_which_amounts_come_in_does_not_matter(given_amounts, random):
    one, other = Realtime(), Realtime()
    added = [pair for pair in given_amounts if pair[1].half_life]
    for at, amount in added:
        apply(one, Changes((amount,)), at, NOW)
    random.shuffle(added)
    for at, amount in added:
        apply(other, Changes((amount,)), at, NOW)
    assert {k: pytest.approx(v) for k, v in one.aggregates.items()} == other.aggregates


@given(st.binary(max_size=120))
def test_any_bytes_are_a_state_or_none(noise):
    for packed in (noise, b"BR\1\0" + noise):
        found = read_realtime(packed)
        assert found is None or found.pack() == packed or packed == b""
