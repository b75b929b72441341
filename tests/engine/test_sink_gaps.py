"""Nothing is missing, or exactly that is said; and the store is trimmed only behind what is safe."""

from __future__ import annotations

import asyncio
import signal
import sys
import time

import pytest

from engine.ids import CustomerKey
from engine.memory.store import MemoryStore
from engine.redis.store import RedisStore
from engine.sink.gaps import Gap, check
from engine.sink.layout import LOG, files_of
from engine.sink.trimming import Trimmed, trim
from tests.engine.asking import PARTITIONS
from tests.engine.servers import say, until, url_of
from tests.engine.sunk import PATIENT, decide_for, rows_in, sink_of

ONE = CustomerKey("shop", "customer 0")
HERE = ONE.partition(PARTITIONS)
DAY = 86_400.0


async def stream_ids(store, partition=HERE):
    return [entry.stream_id async for entry in store.read_log(partition)]


def log_key(partition=HERE):
    return f"befit:{{p{partition:03d}}}:log"


async def test_what_is_written_and_what_waits_is_all_there(valkey_store, tmp_path):
    await decide_for(valkey_store, 20)
    await sink_of(valkey_store, tmp_path).write()
    await decide_for(valkey_store, 5)
    proof = await check(valkey_store, tmp_path, PARTITIONS)
    assert (proof.written, proof.waiting, proof.twice, proof.gaps) == (20, 5, 0, ())


async def test_entries_that_got_lost_are_named(valkey, valkey_store, tmp_path):
    await decide_for(valkey_store, 1, each=9)
    ids = await stream_ids(valkey_store)
    say(valkey.plan.address, "XDEL", log_key(), ids[3], ids[4], ids[8])
    await sink_of(valkey_store, tmp_path).write()
    proof = await check(valkey_store, tmp_path, PARTITIONS)
    assert proof.gaps == (Gap(HERE, "worker-1", 4, 5), Gap(HERE, "worker-1", 9, 9))
    assert proof.missing == 3


async def test_a_lost_file_is_named_by_what_was_in_it(valkey_store, tmp_path):
    await decide_for(valkey_store, 1, each=3)
    await sink_of(valkey_store, tmp_path).write()
    await decide_for(valkey_store, 1, each=2)
    await sink_of(valkey_store, tmp_path).write()
    files_of(tmp_path, LOG)[0].unlink()
    (gap,) = (await check(valkey_store, tmp_path, PARTITIONS)).gaps
    assert (gap.first, gap.last) == (1, 3)


async def test_erased_entries_are_no_gap(valkey_store, tmp_path):
    await decide_for(valkey_store, 2, each=3)
    await sink_of(valkey_store, tmp_path).write()
    await decide_for(valkey_store, 2)
    await valkey_store.erase(ONE)
    assert (await check(valkey_store, tmp_path, PARTITIONS)).gaps == ()
    await sink_of(valkey_store, tmp_path).write()
    assert (await check(valkey_store, tmp_path, PARTITIONS)).gaps == ()


async def test_numbers_that_begin_anew_after_the_store_was_emptied_are_no_gap(valkey, valkey_store, tmp_path):
    await decide_for(valkey_store, 3, each=2)
    await sink_of(valkey_store, tmp_path).write()
    say(valkey.plan.address, "FLUSHALL")
    await decide_for(valkey_store, 3, each=3)
    await sink_of(valkey_store, tmp_path).write()
    proof = await check(valkey_store, tmp_path, PARTITIONS)
    assert (proof.written, proof.gaps, proof.restarts) == (15, (), 3)


async def test_a_worker_killed_in_the_middle_leaves_no_gap(valkey, valkey_store, tmp_path):
    command = (sys.executable, "-m", "tests.engine.race_worker", url_of(valkey), "7", "100000", "40")
    worker = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    await asyncio.to_thread(until, lambda: say(valkey.plan.address, "DBSIZE") > 30)
    sink = sink_of(valkey_store, tmp_path)
    await sink.write()
    worker.kill()
    assert await worker.wait() == -signal.SIGKILL
    await sink.write()
    proof = await check(valkey_store, tmp_path, PARTITIONS)
    assert proof.written == rows_in(tmp_path) > 0
    assert (proof.waiting, proof.gaps) == (0, ())


async def test_only_what_is_written_and_old_is_trimmed(store, tmp_path):
    await decide_for(store, 1, each=4)
    sink = sink_of(store, tmp_path)
    assert (await trim(store, PARTITIONS, time.time() + 9 * DAY, 0.0)).entries == 0
    await sink.write()
    await decide_for(store, 1, each=2)
    assert (await trim(store, PARTITIONS, time.time() + 9 * DAY, 0.0)).entries == 3
    assert len(await stream_ids(store)) == 3
    await sink.write()
    proof = await check(store, tmp_path, PARTITIONS)
    assert (proof.written, proof.gaps) == (6, ())


async def test_trimming_waits_for_every_folder_until_it_is_given_up(store, tmp_path):
    ahead, behind = sink_of(store, tmp_path / "a"), sink_of(store, tmp_path / "b")
    await behind.write()
    await decide_for(store, 1, each=4)
    await ahead.write()
    if not isinstance(store, MemoryStore):
        assert await trim(store, PARTITIONS, time.time(), 0.0) == Trimmed()
    trimmed = await trim(store, PARTITIONS, time.time() + 9 * DAY, 0.0)
    assert trimmed.entries == 0
    (waiting,) = trimmed.holding
    await store.sinks.forget(waiting)
    assert (await trim(store, PARTITIONS, time.time() + 9 * DAY, 0.0)).entries == 3


async def test_a_folder_that_began_later_says_what_is_older_than_itself(valkey_store, tmp_path):
    await decide_for(valkey_store, 1, each=4)
    await sink_of(valkey_store, tmp_path / "a").write()
    await trim(valkey_store, PARTITIONS, time.time() + 9 * DAY, 0.0)
    await sink_of(valkey_store, tmp_path / "b").write()
    proof = await check(valkey_store, tmp_path / "b", PARTITIONS)
    assert proof.gaps == ()
    assert [(one.first, one.last) for one in proof.earlier] == [(1, 3)]


@pytest.mark.parametrize("partitions", [1, 33])
async def test_stores_of_any_size_have_their_slices(valkey, tmp_path, partitions):
    say(valkey.plan.address, "FLUSHALL")
    store = RedisStore(url_of(valkey), "w", PATIENT.__class__(partitions=partitions, timeouts=PATIENT.timeouts))
    await store.open()
    proof = await check(store, tmp_path, partitions)
    await store.close()
    assert proof.written == proof.missing == 0
