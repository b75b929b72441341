"""What the store keeps besides decisions: customers, settings, the log in order."""

import asyncio

import orjson
import pytest

from engine.ids import CustomerKey
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.store import CustomerWrite, LogEntry, Profile, Settings, StoreMismatch, StoreUnavailable
from tests.engine.asking import ANNA, contact, new_decision, outcome, proposing
from tests.engine.servers import say, url_of


async def test_customers_are_put_in_bulk_and_read_back(store):
    customers = [CustomerKey("shop", f"c{number}") for number in range(500)]
    writes = [CustomerWrite(key, vector=key.customer.encode(), consent=b"{}") for key in customers]
    await store.put_customers(writes)
    for key in customers[::50]:
        assert await store.read_profile(key, "") == Profile(vector=key.customer.encode(), consent=b"{}")


async def test_a_field_that_is_not_given_stays(store):
    await store.put_customers([CustomerWrite(ANNA, vector=b"one", consent=b"{}")])
    await store.put_customers([CustomerWrite(ANNA, vector=b"two"), CustomerWrite(ANNA)])
    assert await store.read_profile(ANNA, "") == Profile(vector=b"two", consent=b"{}")


async def test_a_change_of_consent_leaves_what_it_does_not_name(store):
    said = b'{"consent":{"push:marketing":true,"sms:marketing":true},"zone":"Asia/Tokyo","preferences":{"size":"m"}}'
    change = b'{"consent":{"push:marketing":false,"email:service":true}}'
    await store.put_customers([CustomerWrite(ANNA, consent=said)])
    await store.put_customers([CustomerWrite(ANNA, vector=b"v", consent_change=change)])
    profile = await store.read_profile(ANNA, "")
    assert (profile.vector, orjson.loads(profile.consent)) == (
        b"v",
        {
            "consent": {"push:marketing": False, "sms:marketing": True, "email:service": True},
            "zone": "Asia/Tokyo",
            "preferences": {"size": "m"},
        },
    )


async def test_a_change_of_consent_may_be_the_first_word(store):
    change = b'{"consent":{"push:marketing":false},"zone":"Europe/Berlin"}'
    await store.put_customers([CustomerWrite(ANNA, consent_change=change)])
    consent = orjson.loads((await store.read_profile(ANNA, "")).consent)
    assert (consent["consent"], consent["zone"]) == ({"push:marketing": False}, "Europe/Berlin")


async def test_changes_of_consent_at_once_are_all_kept(valkey_store, valkey):
    say(valkey.plan.address, "FUNCTION", "FLUSH")
    changes = [b'{"consent":{"push:p%d":true}}' % number for number in range(20)]
    writes = [[CustomerWrite(ANNA, consent_change=change)] for change in changes]
    await asyncio.gather(*map(valkey_store.put_customers, writes))
    assert len(orjson.loads((await valkey_store.read_profile(ANNA, "")).consent)["consent"]) == 20


async def test_putting_nobody_is_nothing(store):
    await store.put_customers([])


async def test_settings_are_kept(store):
    assert await store.read_settings() == Settings()
    await store.stop_action("upgrade", True)
    await store.stop_action("tv", True)
    await store.stop_action("tv", False)
    await store.keep_schema("00ff", b'{"features":[]}')
    settings = await store.read_settings()
    assert (settings.stopped, settings.schemas) == ({"upgrade"}, {"00ff": b'{"features":[]}'})


async def test_the_log_has_everything_in_order_with_gapless_sequences(store):
    decision = new_decision()
    await store.commit(proposing(contact(decision), decision=decision))
    await store.record_outcome(outcome(decision))
    await store.void(ANNA, decision)
    log = [entry async for entry in store.read_log(ANNA.partition(256))]
    assert [(entry.kind, entry.sequence) for entry in log] == [("decision", 1), ("outcome", 2), ("void", 3)]
    assert len({entry.writer for entry in log}) == 1


async def test_the_log_is_read_on_from_an_entry(store):
    for _ in range(5):
        await store.commit(proposing())
    log = [entry async for entry in store.read_log(ANNA.partition(256))]
    assert [entry async for entry in store.read_log(ANNA.partition(256), log[2].stream_id)] == log[3:]


async def test_a_long_log_comes_in_pages(valkey_store):
    for _ in range(1100):
        await valkey_store.commit(proposing())
    sequences = [entry.sequence async for entry in valkey_store.read_log(ANNA.partition(256))]
    assert sequences == list(range(1, 1101))


async def test_every_writer_counts_for_itself(valkey_store, valkey):
    other = RedisStore(url_of(valkey), "worker-2")
    await other.open()
    for store in (valkey_store, other, valkey_store):
        await store.commit(proposing())
    log = [entry async for entry in valkey_store.read_log(ANNA.partition(256))]
    assert [(entry.writer, entry.sequence) for entry in log] == [("worker-1", 1), ("worker-2", 1), ("worker-1", 2)]
    await other.close()


async def test_the_erasure_names_the_sequences_that_are_gone(valkey_store):
    await valkey_store.commit(proposing())
    await valkey_store.commit(proposing())
    await valkey_store.erase(ANNA)
    (first, *_) = [entry async for entry in valkey_store.read_log(ANNA.partition(256))]
    assert isinstance(first, LogEntry)
    assert orjson.loads(first.body)["removed"] == [["worker-1", 1], ["worker-1", 2]]


async def test_another_number_of_partitions_does_not_open(valkey_store, valkey):
    other = RedisStore(url_of(valkey), "w", StoreOptions(partitions=16))
    with pytest.raises(StoreMismatch, match="256 partitions, not 16"):
        await other.open()
    with pytest.raises(StoreUnavailable, match="not-open"):
        await other.read_profile(ANNA, "")


async def test_what_is_remembered_for_repeats_expires(valkey_store, valkey):
    request = proposing(contact("d"), request_id="r")
    await valkey_store.commit(request)
    await valkey_store.record_outcome(outcome(request.decision_id))
    keys = say(valkey.plan.address, "KEYS", "befit:{p*")
    lives = {key.split(b":")[2]: say(valkey.plan.address, "TTL", key) for key in keys}
    day = 24 * 3600
    assert {name: life > 0 for name, life in lives.items()} == {
        b"c": False, b"log": False, b"w": False, b"d": True, b"q": True, b"o": True,
    }  # fmt: skip
    assert (lives[b"d"] > 2 * day, lives[b"q"] <= day) == (True, True)
