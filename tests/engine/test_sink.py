"""The sink writes each entry once: going on where it was, after a crash, and beside other sinks."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace
from uuid import uuid4

import polars as pl
import pytest

from engine.ids import CustomerKey
from engine.redis.store import RedisStore
from engine.sink.files import SUFFIX, begin_table
from engine.sink.kafka import KafkaOutput, OutputFailed
from engine.sink.late import mark_voided
from engine.sink.layout import DECISIONS, LOG, NOTES, files_of
from engine.sink.log_files import write_log
from engine.sink.log_table import ERASED
from engine.sink.reading import read_entries
from engine.sink.sink import FolderStrange, Place, refuse_strange
from engine.sink.slice_notes import NotesDamaged, folder_id, held
from engine.store import LogEntry
from tests.engine.asking import PARTITIONS, new_decision
from tests.engine.servers import url_of
from tests.engine.sunk import PATIENT, decide_for, rows_in, sink_of


async def logged(store) -> list:
    """All entries of the store, by partition and stream id."""
    return [entry for number in range(PARTITIONS) async for entry in store.read_log(number)]


async def test_the_files_hold_what_the_store_logged(store, tmp_path):
    await decide_for(store, 40)
    passed = await sink_of(store, tmp_path).write()
    assert passed.entries == 40
    assert list(read_entries(tmp_path)) == await logged(store)


async def test_a_sink_goes_on_where_it_was(valkey_store, tmp_path):
    await decide_for(valkey_store, 20)
    await sink_of(valkey_store, tmp_path).write()
    assert (await sink_of(valkey_store, tmp_path).write()).entries == 0
    await decide_for(valkey_store, 20)
    assert (await sink_of(valkey_store, tmp_path).write()).entries == 20
    assert rows_in(tmp_path) == 40
    assert list(read_entries(tmp_path)) == await logged(valkey_store)


async def test_more_than_a_page_of_one_partition_is_written_in_batches(valkey_store, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.sink.sink.PAGE", 7)
    await decide_for(valkey_store, 1, each=50)
    await sink_of(valkey_store, tmp_path).write()
    assert list(read_entries(tmp_path)) == await logged(valkey_store)
    assert rows_in(tmp_path) == 50


async def killed(url, out, files):
    """A sink that dies after so many files came to their places."""
    command = (sys.executable, "-m", "tests.engine.sunk", url, str(out), "1", str(files))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    return await process.wait()


@pytest.mark.parametrize("files", [0, 1, 5])
async def test_a_sink_that_was_killed_is_gone_on_with_and_nothing_stands_twice(valkey, valkey_store, tmp_path, files):
    await decide_for(valkey_store, 60)
    assert await killed(url_of(valkey), tmp_path, files) == -signal.SIGKILL
    assert rows_in(tmp_path) < 60
    await sink_of(valkey_store, tmp_path).write()
    assert rows_in(tmp_path) == 60
    assert list(read_entries(tmp_path)) == await logged(valkey_store)
    assert not list(tmp_path.rglob("*.part"))


async def test_several_sinks_at_once_write_everything_once(valkey, valkey_store, tmp_path):
    command = (sys.executable, "-m", "tests.engine.sunk", url_of(valkey), str(tmp_path), "40")
    made = await decide_for(valkey_store, 50)
    sinks = [await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE) for _ in range(2)]
    made += await decide_for(valkey_store, 50, each=6)
    wrote = [sum(map(int, (await one.communicate())[0].split())) for one in sinks]
    assert [one.returncode for one in sinks] == [0, 0]
    wrote.append((await sink_of(valkey_store, tmp_path).write()).entries)
    assert sum(wrote) == rows_in(tmp_path) == len(made)
    assert list(read_entries(tmp_path)) == await logged(valkey_store)


async def test_a_slice_in_the_hands_of_another_is_passed_over(valkey_store, tmp_path):
    await decide_for(valkey_store, 30)
    sink = sink_of(valkey_store, tmp_path)
    with held(tmp_path, "s002") as ours:
        assert ours
        passed = await sink.write()
    assert passed.busy == (2,)
    assert passed.entries + (await sink.write()).entries == 30


async def test_a_decision_taken_back_after_it_was_written_is_marked(valkey_store, tmp_path):
    gone, kept = await decide_for(valkey_store, 2)
    sink = sink_of(valkey_store, tmp_path)
    await sink.write()
    await valkey_store.void(CustomerKey("shop", "customer 0"), gone)
    await sink.write()
    rows = pl.read_parquet(files_of(tmp_path, LOG), hive_partitioning=False).filter(pl.col("kind") == "decision")
    assert dict(zip(rows["id"], rows["voided"], strict=True)) == {gone: True, kept: False}


def test_a_folder_that_takes_no_more_is_an_error_of_the_system(tmp_path):
    full = tmp_path / "full.parquet"
    full.with_name(full.name + SUFFIX).symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        begin_table(full, pl.DataFrame({"x": [1]}))


def test_a_message_that_is_taken_back_hours_after_it_was_decided_is_marked_too(tmp_path):
    decided = 1_790_000_000.0
    name = new_decision(CustomerKey("shop", "anna"), decided)
    said = ("worker-1", 1, b"", (), False, "shop", "anna")
    entry = LogEntry(f"{decided * 1000:.0f}-0", "decision", name, *said)
    (path,) = write_log(tmp_path, [(0, entry)])
    void = replace(entry, stream_id=f"{(decided + 9 * 3600) * 1000:.0f}-0", kind="void")
    mark_voided(tmp_path, "s000", [void])
    assert pl.read_parquet(path, hive_partitioning=False)["voided"].to_list() == [True]


async def test_an_erased_customer_leaves_only_places(valkey_store, tmp_path):
    await decide_for(valkey_store, 3, each=2)
    sink = sink_of(valkey_store, tmp_path)
    await sink.write()
    await valkey_store.erase(CustomerKey("shop", "customer 1"))
    await decide_for(valkey_store, 3)
    await sink.write()
    rows = pl.read_parquet(files_of(tmp_path, LOG), hive_partitioning=False)
    erased = rows.filter(pl.col("kind") == ERASED)
    assert erased.height == 2
    assert set(erased["customer"]) == {""}
    assert set(erased["body"]) == {b""}
    assert rows.filter((pl.col("customer") == "customer 1") & (pl.col("kind") == "decision")).height == 1
    assert not [one for one in read_entries(tmp_path) if one.kind == ERASED]


async def test_a_folder_that_the_store_does_not_know_is_refused_unless_it_is_new(valkey_store, tmp_path):
    await decide_for(valkey_store, 2)
    place = Place(tmp_path, folder_id(tmp_path, PARTITIONS, uuid4()), PARTITIONS)
    await refuse_strange(valkey_store, place)
    await sink_of(valkey_store, tmp_path).write()
    await refuse_strange(valkey_store, place)
    await valkey_store.sinks.forget(place.id)
    with pytest.raises(FolderStrange, match="--adopt"):
        await refuse_strange(valkey_store, place)


async def test_a_folder_of_another_store_is_refused(valkey_store, tmp_path):
    sink_of(valkey_store, tmp_path)
    with pytest.raises(NotesDamaged, match="256 partitions, not 8"):
        folder_id(tmp_path, 8, fresh=None)
    (tmp_path / NOTES / "s000.json").write_text("{")
    with pytest.raises(NotesDamaged, match=r"s000\.json"):
        await sink_of(valkey_store, tmp_path).write()


class Broker:
    """Takes messages as a producer does; the first `full` times its queue is full, `failing` says why none arrives."""

    def __init__(self, full: int = 0, failing: str = "") -> None:
        self.sent: list[tuple] = []
        self.full, self.failing = full, failing

    def produce(self, topic, *, value, key, headers, on_delivery):
        if self.full:
            self.full -= 1
            raise BufferError
        self.sent.append((topic, key, dict(headers)["id"].decode(), value))
        on_delivery(self.failing or None, None)

    def poll(self, timeout):
        return 1

    def flush(self, timeout):
        return 0


async def test_entries_go_to_kafka_before_they_count_as_written(valkey_store, tmp_path):
    made = await decide_for(valkey_store, 3, each=2)
    with pytest.raises(OutputFailed, match="no leader"):
        await sink_of(valkey_store, tmp_path, KafkaOutput(Broker(failing="no leader"))).write()
    assert files_of(tmp_path, LOG) == []
    broker = Broker(full=2)
    await sink_of(valkey_store, tmp_path, KafkaOutput(broker)).write()
    assert sorted(name for _, _, name, _ in broker.sent) == sorted(made)
    assert {(topic, key) for topic, key, _, _ in broker.sent} == {
        ("befit.log", f"shop\0customer {number}".encode()) for number in range(3)
    }
    assert rows_in(tmp_path) == 6
    assert rows_in(tmp_path, DECISIONS) == 0


async def test_what_several_writers_logged_is_told_apart(valkey, valkey_store, tmp_path):
    other = RedisStore(url_of(valkey), "worker-2", PATIENT)
    await other.open()
    await decide_for(valkey_store, 10)
    await decide_for(other, 10)
    await other.close()
    await sink_of(valkey_store, tmp_path).write()
    assert {one.writer for one in read_entries(tmp_path)} == {"worker-1", "worker-2"}
