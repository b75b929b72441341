"""The function that leases units of limits: the same on every kind of server as in plain loops, and never too much."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.limits.store import LATE, UNPOSTED, Lease, LeaseCall, Said, Span, Unleased, Want
from engine.memory.store import MemoryStore
from engine.redis.store import RedisStore
from tests.engine.conftest import PATIENT
from tests.engine.servers import say, url_of

NOW = 1_790_244_000.0
DAY = Span("day:20", "day", 20, 20, 10)
NOTHING_SAID = Said(0, 0, 0, -1, known=False)
WRITERS = ("anna", "bert", "carl")


def call(turn=1, now=NOW, **fields):
    given = {"span": DAY, "most": 100, "said": NOTHING_SAID, "want": Want()} | fields
    return LeaseCall("volume:v", turn, now, **given)


async def test_a_writer_is_granted_its_share_of_what_remains(store):
    (found,) = await store.limits.lease([call()])
    assert found == Lease(1, "day:20", 100, 25, False, 75, 0, 1, b"")


async def test_below_four_units_a_writer_there_are_no_leases_but_units_may_be_asked_for(store):
    (found,) = await store.limits.lease([call(most=3, want=Want(ask=2))])
    assert (found.granted, found.reserved, found.free) == (2, True, 1)


async def test_what_must_stay_free_for_others_is_not_given(store):
    asked = Want(ask=1, floor_ppm=200_000, lease=False)
    granted = [(await store.limits.lease([call(turn, most=10, want=asked)]))[0].reserved for turn in range(1, 11)]
    assert granted == [True] * 8 + [False] * 2


async def test_a_call_that_is_late_changes_nothing(store):
    await store.limits.lease([call(5)])
    assert list(await store.limits.lease([call(5, want=Want(ask=3))])) == [Unleased(LATE)]
    (standing,) = await store.limits.standings(["volume:v"])
    assert standing.writers[store.limits.writer].granted == 25


async def test_spent_units_stay_used_when_a_writer_is_buried_and_the_rest_is_free(store):
    await store.limits.lease([call(1)])
    await store.limits.lease([call(2, said=Said(4, 4, 6, -1, known=True))])
    (before,) = await store.limits.standings(["volume:v"])
    own = before.writers[store.limits.writer]
    assert await store.limits.bury("volume:v", store.limits.writer, own, {"day:20": 2})
    assert not await store.limits.bury("volume:v", store.limits.writer, own, {"day:20": 2})
    (after,) = await store.limits.standings(["volume:v"])
    assert (after.used, dict(after.writers)) == ({"day:20": 6}, {})


async def test_the_capacity_of_a_queue_is_what_was_posted_last(store):
    asked = call(want=Want(ask=1, lease=False), queue="gold", fresh_for=60.0, span=Span("", "post", 0, 0, 0))
    assert list(await store.limits.lease([asked])) == [Unleased(UNPOSTED)]
    assert await store.limits.post_capacity("gold", 1, NOW - 10)
    assert not await store.limits.post_capacity("gold", 9, NOW - 20)
    (found,) = await store.limits.lease([asked])
    assert (found.period, found.most, found.reserved, found.free) == ("post:1", 1, True, 0)
    assert await store.limits.post_capacity("gold", 2, NOW - 5)
    later = call(2, want=Want(ask=1, lease=False), queue="gold", fresh_for=60.0, span=Span("post:1", "post", 0, 0, 0))
    (found,) = await store.limits.lease([later])
    assert (found.period, found.granted, found.free) == ("post:2", 1, 1)
    (stale,) = await store.limits.lease([call(3, NOW + 56, queue="gold", fresh_for=60.0)])
    assert stale == Unleased(UNPOSTED)
    assert (await store.limits.capacities())["gold"] == (2, 2, NOW - 5)


async def test_of_two_that_move_the_price_from_the_same_point_one_does(store):
    await store.limits.lease([call(1, pace=(b"", b"one"))])
    (found,) = await store.limits.lease([call(2, pace=(b"", b"two"), said=Said(0, 0, 0, -1, known=True))])
    assert found.pace == b"one"


amounts = st.integers(0, 12)
spans = st.one_of(
    st.sampled_from([DAY, Span("day:30", "day", 30, 30, 15)]),
    st.integers(0, 9).map(lambda slice_: Span("60s", "60s", slice_, max(0, slice_ - 3), max(0, slice_ - 3))),
)
calls = st.builds(
    LeaseCall,
    meter=st.sampled_from(["volume:a", "budget:b"]),
    turn=st.integers(1, 12),
    now=st.integers(0, 90).map(lambda second: NOW + second),
    span=spans,
    most=st.integers(0, 60),
    said=st.builds(Said, amounts, amounts, amounts, st.integers(-1, 12), st.booleans()),
    want=st.builds(Want, st.integers(0, 9), st.sampled_from([0, 1, 250_000]), st.booleans(), st.integers(1, 5)),
    queue=st.sampled_from(["", "", "", "gold"]),
    fresh_for=st.just(60.0),
    pace=st.sampled_from([(b"", b""), (b"", b"x"), (b"x", b"y")]),
)
posts = st.tuples(st.integers(0, 20), st.integers(0, 60).map(lambda second: NOW + second))
steps = st.one_of(*[st.tuples(st.sampled_from(WRITERS), calls)] * 4, st.tuples(st.just("post"), posts))


@pytest.fixture(scope="module")
def servers(valkey):
    """The real store by writer, and what runs their coroutines."""
    with asyncio.Runner() as runner:
        stores = {name: RedisStore(url_of(valkey), name, PATIENT) for name in WRITERS}
        for one in stores.values():
            runner.run(one.open())
        yield runner, stores, valkey
        for one in stores.values():
            runner.run(one.close())


async def compare(stores, memory, script):
    for who, asked in script:
        if who == "post":
            found = await stores["anna"].limits.post_capacity("gold", *asked)
            assert found == await memory["anna"].post_capacity("gold", *asked)
            continue
        assert list(await stores[who].limits.lease([asked])) == list(await memory[who].lease([asked])), asked
    meters = ["volume:a", "budget:b"]
    assert list(await stores["anna"].limits.standings(meters)) == list(await memory["anna"].standings(meters))


@settings(max_examples=80)
@given(script=st.lists(steps, min_size=5, max_size=25))
def test_the_store_leases_as_plain_loops_do(servers, script):
    runner, stores, valkey = servers
    say(valkey.plan.address, "DEL", *(f"befit:{{g}}:limit:{name}" for name in ("volume:a", "budget:b")))
    say(valkey.plan.address, "DEL", "befit:{g}:capacity")
    shared = MemoryStore().limits
    runner.run(compare(stores, {name: shared.of(name) for name in WRITERS}, script))
