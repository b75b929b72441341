"""In a cluster, commands follow the slots: moved, moving, or taken over by a replica."""

import asyncio

import pytest

from engine.redis.keyspace import StoreOptions, StoreTimeouts
from engine.redis.store import RedisStore
from engine.store import CustomerWrite, StoreUnavailable
from tests.engine.asking import ANNA, contact, contacts_of, new_decision, outcome, proposing
from tests.engine.conftest import PATIENT
from tests.engine.servers import cluster_of_three, replica_of, say, url_of


@pytest.fixture(scope="module")
def own_cluster():
    with cluster_of_three() as nodes:
        yield nodes


class Moving:
    """The slot of Anna's partition, moved from the node that holds it to another, step by step."""

    def __init__(self, store, nodes):
        self.slot = store._keyspace.of(ANNA).slot
        holder = store._keyspace.topology._map.holders[self.slot].endpoint
        self.source = next(node.plan.address for node in nodes if node.plan.address[1] == holder.port)
        self.target = next(node.plan.address for node in nodes if node.plan.address[1] != holder.port)
        self.others = [node.plan.address for node in nodes]

    def begin(self):
        say(self.target, "CLUSTER", "SETSLOT", self.slot, "IMPORTING", say(self.source, "CLUSTER", "MYID"))
        say(self.source, "CLUSTER", "SETSLOT", self.slot, "MIGRATING", say(self.target, "CLUSTER", "MYID"))

    def carry_keys(self):
        keys = say(self.source, "CLUSTER", "GETKEYSINSLOT", self.slot, 1000)
        host, port = self.target
        if keys:
            assert say(self.source, "MIGRATE", host, port, "", 0, 5000, "KEYS", *keys) == b"OK"

    def end(self):
        for address in (self.target, self.source, *self.others):
            say(address, "CLUSTER", "SETSLOT", self.slot, "NODE", say(self.target, "CLUSTER", "MYID"))


@pytest.fixture
async def store(own_cluster):
    for node in own_cluster:
        say(node.plan.address, "FLUSHALL")
    opened = RedisStore(url_of(*own_cluster), "worker-1", PATIENT)
    await opened.open()
    yield opened
    await opened.close()


async def decided(store):
    decision = new_decision()
    await store.commit(proposing(contact(decision), decision=decision))
    return decision


async def test_a_slot_that_has_moved_is_followed_and_learned(store, own_cluster):
    decision, moving = await decided(store), Moving(store, own_cluster)
    moving.begin()
    moving.carry_keys()
    moving.end()
    assert (await store.read_slate(decision)) is not None
    await decided(store)
    assert await store.record_outcome(outcome(decision))
    assert len(contacts_of((await store.read_profile(ANNA, "r")).contacts)) == 2
    holder = store._keyspace.topology._map.holders[moving.slot].endpoint
    assert (holder.host, holder.port) == moving.target


async def test_while_a_slot_moves_reads_go_where_the_key_is(store, own_cluster):
    decision, moving = await decided(store), Moving(store, own_cluster)
    moving.begin()
    assert len(contacts_of((await store.read_profile(ANNA, "r")).contacts)) == 1
    moving.carry_keys()
    assert len(contacts_of((await store.read_profile(ANNA, "r")).contacts)) == 1
    assert await store.read_slate(decision) is not None
    with pytest.raises(StoreUnavailable) as refused:
        await decided(store)
    assert refused.value.code == "slot-migrating"
    moving.end()
    await decided(store)
    assert len(contacts_of((await store.read_profile(ANNA, "")).contacts)) == 2


async def test_customers_in_bulk_find_their_nodes(store, own_cluster):
    moving = Moving(store, own_cluster)
    moving.begin()
    moving.end()
    await store.put_customers([CustomerWrite(ANNA, vector=b"v")])
    assert (await store.read_profile(ANNA, "")).vector == b"v"


async def test_a_stale_map_of_slots_mends_itself(store):
    slots = store._keyspace.topology._map
    first, second, _ = slots.masters
    slots.holders = [second if node is first else first for node in slots.holders]
    await decided(store)
    assert len(contacts_of((await store.read_profile(ANNA, "")).contacts)) == 1


async def test_one_seed_is_enough(own_cluster):
    store = RedisStore(url_of(own_cluster[1]), "w", PATIENT)
    await store.open()
    assert len(store._keyspace.topology.masters) == 3
    await store.close()


async def test_a_seed_that_is_gone_is_passed_over(own_cluster):
    hasty = StoreOptions(timeouts=StoreTimeouts(admin_ms=300))
    store = RedisStore(url_of(*own_cluster).replace("redis://", "redis://127.0.0.1:1,"), "w", hasty)
    await store.open()
    await store.close()


async def test_a_dead_node_takes_only_its_slots_along_until_its_replica_takes_over():
    with cluster_of_three() as nodes:
        store = RedisStore(url_of(*nodes), "w", PATIENT)
        await store.open()
        decision, moving = await decided(store), Moving(store, nodes)
        with replica_of(moving.source) as replica:
            next(node for node in nodes if node.plan.address == moving.source).kill()
            with pytest.raises(StoreUnavailable):
                await store.read_slate(decision)
            assert await store._keyspace.ask((moving.slot + 6000) % 16384, (("PING",),), 5.0) == [b"PONG"]
            say(replica.plan.address, "CLUSTER", "FAILOVER", "TAKEOVER")
            assert await found_again(store, decision)
        await store.close()


async def found_again(store, decision):
    """Asked until it answers: the new master is found without being told."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await store.read_slate(decision)
            except StoreUnavailable:
                await asyncio.sleep(0.01)
