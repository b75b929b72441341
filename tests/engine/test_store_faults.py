"""A store that fails is told apart, fails fast, harms nothing, and comes back by itself."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest
from msgspec import structs

from engine.embedded.server_process import ServerProcess, server_binary
from engine.ids import CustomerKey
from engine.redis.keyspace import StoreOptions, StoreTimeouts
from engine.redis.store import RedisStore
from engine.store import ClaimLost, Committed, CustomerWrite, Profile, StoreUnavailable
from tests.engine.asking import ANNA, at_most, contact, contacts_of, new_decision, outcome, proposing
from tests.engine.conftest import PATIENT, REDIS
from tests.engine.servers import lone_server, say, tls_server, url_of

HASTY = StoreOptions(timeouts=StoreTimeouts(read_ms=2, commit_ms=2))


async def opened(server, options=PATIENT):
    store = RedisStore(url_of(server), "worker-1", options)
    await store.open()
    return store


async def connected(store):
    """Once every connection of the store stands again."""
    for node in store._keyspace.topology.masters:
        await node.wait(10)


async def code_of(awaitable):
    with pytest.raises(StoreUnavailable) as refused:
        await awaitable
    return refused.value.code


@pytest.fixture
def own_server():
    """A server that the test may harm."""
    with lone_server(server_binary(), "--enable-debug-command", "yes") as server:
        yield server


@pytest.fixture
def own_redis():
    if REDIS is None:
        pytest.skip("redis-server is not installed")
    with lone_server(Path(REDIS)) as server:
        yield server


@pytest.mark.parametrize("key", ["c:shop:anna", "log", "w"])
async def test_a_key_of_the_wrong_type_is_refused_and_nothing_is_half_written(valkey_store, valkey, key):
    tag = f"befit:{{p{ANNA.partition(256):03d}}}:"
    say(valkey.plan.address, "SET", tag + key, "garbage")
    before = say(valkey.plan.address, "KEYS", tag + "*")
    request = proposing(contact("d"), request_id="r", tier=b"{}")
    assert await code_of(valkey_store.commit(request)) == "wrong-type"
    assert await code_of(valkey_store.record_outcome(outcome("d"))) == "wrong-type"
    assert await code_of(valkey_store.void(ANNA, request.decision_id)) == "wrong-type"
    left = set(say(valkey.plan.address, "KEYS", tag + "*")) - set(before)
    assert left <= {(tag + "w").encode()}
    assert say(valkey.plan.address, "TYPE", tag + "w") != b"hash" or set(
        say(valkey.plan.address, "HVALS", tag + "w")
    ) <= {b"0"}


async def test_a_profile_of_the_wrong_type_is_refused(valkey_store, valkey):
    say(valkey.plan.address, "SET", f"befit:{{p{ANNA.partition(256):03d}}}:c:shop:anna", "x")
    assert await code_of(valkey_store.read_profile(ANNA, "")) == "wrong-type"


DAMAGED = {"short": contact("one")[1:], "torn": contact("one") + b"torn", "shifted": b"\xff" * 32}


@pytest.mark.parametrize("damage", DAMAGED)
async def test_a_damaged_ledger_stays_damaged_and_grants_no_claim(valkey_store, valkey, damage):
    key, ledger = f"befit:{{p{ANNA.partition(256):03d}}}:c:shop:anna", DAMAGED[damage]
    say(valkey.plan.address, "HSET", key, "h", ledger, "s", b"torn")
    capped = proposing(contact("two"), contact("two", 2), claims=(at_most(1),))
    assert await valkey_store.commit(capped) == ClaimLost(ledger, b"torn")
    assert await valkey_store.commit(structs.replace(capped, take=True)) == Committed((0,))
    assert await valkey_store.commit(proposing(tier=b"{}")) == Committed()
    await valkey_store.record_outcome(outcome("one"))
    await valkey_store.void(ANNA, "one")
    profile = await valkey_store.read_profile(ANNA, "")
    assert (profile.contacts, profile.pauses, profile.tier) == (ledger, b"torn", b"{}")
    await valkey_store.erase(ANNA)
    assert await valkey_store.commit(proposing(contact("two"), claims=(at_most(1),))) == Committed()


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("damaged", ["anna", "visitor"])
async def test_a_damaged_ledger_stays_damaged_when_folded(valkey_store, valkey, damaged, damage):
    visitor = CustomerKey("shop", "visitor")
    for who in (ANNA, visitor):
        await valkey_store.commit(structs.replace(proposing(contact(who.customer)), customer=who))
    who = ANNA if damaged == "anna" else visitor
    say(valkey.plan.address, "HSET", f"befit:{{p{who.partition(256):03d}}}:c:shop:{damaged}", "h", DAMAGED[damage])
    assert await valkey_store.link(visitor, ANNA)
    assert isinstance(await valkey_store.commit(proposing(contact("two"), claims=(at_most(9),))), ClaimLost)


@pytest.mark.parametrize("garbage", [b"\x00", b"\x00\xff", b"garbage that is no slate", b"\xff" * 40])
async def test_a_slate_that_cannot_be_read_is_refused(valkey_store, valkey, garbage):
    request = proposing()
    key = f"befit:{{p{ANNA.partition(256):03d}}}:d:{request.decision_id}"
    say(valkey.plan.address, "SET", key, garbage)
    assert await code_of(valkey_store.read_slate(request.decision_id)) == "unreadable"
    assert await code_of(valkey_store.read_record(request.decision_id)) == "unreadable"


async def test_cancelled_reads_never_give_one_customers_profile_to_another(valkey_store):
    customers = [CustomerKey("shop", f"c{number}") for number in range(200)]
    await valkey_store.put_customers([CustomerWrite(key, vector=key.customer.encode()) for key in customers])

    async def read(key):
        return key, await valkey_store.read_profile(key, "r")

    for turn in range(20):
        tasks = [asyncio.create_task(read(key)) for key in customers]
        await asyncio.sleep(0)
        for task in tasks[turn % 3 :: 3]:
            task.cancel()
        for answer in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(answer, asyncio.CancelledError):
                key, profile = answer
                assert profile == Profile(vector=key.customer.encode())


async def test_functions_that_are_gone_are_loaded_again(valkey_store, valkey):
    say(valkey.plan.address, "FUNCTION", "FLUSH")
    await asyncio.gather(*(valkey_store.commit(proposing(contact("d"))) for _ in range(20)))
    assert len(contacts_of((await valkey_store.read_profile(ANNA, "")).contacts)) == 20


async def test_a_dead_server_fails_fast_and_comes_back(own_server):
    store = await opened(own_server)
    own_server.kill()
    for asking in (store.read_profile(ANNA, ""), store.commit(proposing(contact("d"))), store.read_settings()):
        assert await code_of(asking) == "disconnected"
    again = ServerProcess(own_server.plan)
    await connected(store)
    await store.commit(proposing(contact("d")))
    assert len(contacts_of((await store.read_profile(ANNA, "")).contacts)) == 1
    await store.close()
    again.kill()


async def test_a_frozen_server_costs_its_timeouts_and_a_voided_commit_stays_dead(own_server):
    store = await opened(own_server, HASTY)
    os.kill(own_server.pid, signal.SIGSTOP)
    decision = new_decision()
    late = proposing(contact(decision), decision=decision)
    assert await code_of(store.commit(late)) == "timeout"
    assert await code_of(store.void(ANNA, late.decision_id)) == "timeout"
    os.kill(own_server.pid, signal.SIGCONT)
    patient = await opened(own_server)
    await patient.void(ANNA, late.decision_id)
    assert await patient.read_slate(late.decision_id) is None
    assert contacts_of((await patient.read_profile(ANNA, "")).contacts) == []
    await store.close()
    await patient.close()


def test_the_loop_that_serves_is_spoken_to_alike(own_server):
    """uvloop's transports and timers are not those of asyncio."""

    async def ask():
        store = await opened(own_server, HASTY)
        await store.commit(proposing(contact("d")))
        os.kill(own_server.pid, signal.SIGSTOP)
        assert await code_of(store.read_profile(ANNA, "")) == "timeout"
        os.kill(own_server.pid, signal.SIGCONT)
        await store.close()

    uvloop = pytest.importorskip("uvloop")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(ask())


async def test_a_host_that_cannot_be_a_host_is_not_there():
    store = RedisStore(f"redis://{'x' * 70}.example", "w", StoreOptions(timeouts=StoreTimeouts(admin_ms=20)))
    assert await code_of(store.open()) == "disconnected"


async def test_a_store_that_is_not_there_does_not_open(tmp_path):
    store = RedisStore(f"unix://{tmp_path}/none", "w", StoreOptions(timeouts=StoreTimeouts(admin_ms=20)))
    assert await code_of(store.open()) == "disconnected"
    assert await code_of(store.read_profile(ANNA, "")) == "not-open"
    await store.close()


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [("maxmemory", "1", "out-of-memory"), ("min-replicas-to-write", "1", "no-replicas")],
)
async def test_a_server_that_takes_no_writes_still_answers_reads(own_redis, setting, value, code):
    store = await opened(own_redis)
    say(own_redis.plan.address, "CONFIG", "SET", setting, value)
    assert await code_of(store.commit(proposing(contact("d")))) == code
    assert await store.read_profile(ANNA, "") == Profile()
    await store.close()


async def test_a_replica_is_told_from_its_master(own_server):
    store = await opened(own_server)
    say(own_server.plan.address, "REPLICAOF", "127.0.0.1", "1")
    assert await code_of(store.commit(proposing(contact("d")))) == "read-only"
    await store.close()


async def test_users_and_passwords_are_checked(own_server):
    rights = ("on", ">secret", "~befit:*", "+@all", "-flushall")
    say(own_server.plan.address, "ACL", "SETUSER", "befit", *rights)
    say(own_server.plan.address, "CONFIG", "SET", "requirepass", "other")
    path = own_server.plan.address
    for who in ("", "befit:wrong@"):
        assert await code_of(RedisStore(f"unix://{who}{path}", "w", PATIENT).open()) == "unauthenticated"
    store = RedisStore(f"unix://befit:secret@{path}", "w", PATIENT)
    await store.open()
    await store.commit(proposing(contact("d")))
    await store.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
async def test_tls_is_spoken_and_an_unknown_certificate_refused(tmp_path):
    if REDIS is None:
        pytest.skip("redis-server is not installed")
    with tls_server(Path(REDIS), tmp_path) as (port, certificate):
        store = RedisStore(f"rediss://localhost:{port}?ca={certificate}", "w", PATIENT)
        await store.open()
        await store.commit(proposing(contact("d")))
        await store.close()
        stranger = RedisStore(f"rediss://localhost:{port}", "w", StoreOptions(timeouts=StoreTimeouts(admin_ms=100)))
        assert await code_of(stranger.open()) == "disconnected"
