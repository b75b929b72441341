"""Small files of an hour that is over are put together: nothing is lost, nothing stands twice, whenever a sink dies."""

from __future__ import annotations

import time

import polars as pl
import pytest

from engine.ids import CustomerKey
from engine.sink import packing
from engine.sink.following import Follower, Rhythm
from engine.sink.gaps import check
from engine.sink.layout import LOG, NOTES, files_of, slice_of
from engine.sink.packing import held_for_reading, pack
from engine.sink.reading import read_entries
from engine.sink.slice_notes import held
from tests.engine.asking import ANNA, NOW, PARTITIONS, new_decision, proposing
from tests.engine.sunk import rows_in, sink_of

OVER = time.time() + 2 * 3600
SLICE = slice_of(ANNA.partition(PARTITIONS))


async def passes(store, out, count: int = 4) -> list:
    """A sink that passes after each of so many decisions; all entries of the store."""
    for number in range(count):
        await store.commit(proposing(decision=new_decision(ANNA, NOW + number)))
        await sink_of(store, out).write()
    return [entry async for entry in store.read_log(ANNA.partition(PARTITIONS))]


async def test_the_files_of_an_hour_become_one_with_the_same_entries(valkey_store, tmp_path):
    entries = await passes(valkey_store, tmp_path)
    before = files_of(tmp_path, LOG)
    hours = len({path.parent for path in before})
    assert pack(tmp_path, SLICE, OVER) == len(before) - hours
    assert len(files_of(tmp_path, LOG)) == hours
    assert list(read_entries(tmp_path)) == entries
    assert pack(tmp_path, SLICE, OVER) == 0
    proof = await check(valkey_store, tmp_path, PARTITIONS)
    assert (proof.gaps, proof.twice, proof.written) == ((), 0, 4)


async def test_the_hour_that_runs_is_left_as_it_is(valkey_store, tmp_path):
    await passes(valkey_store, tmp_path)
    before = files_of(tmp_path, LOG)
    running = [path for path in before if path.parent == before[-1].parent]
    pack(tmp_path, SLICE, time.time())
    assert set(running) <= set(files_of(tmp_path, LOG))


class Died(Exception):
    pass


@pytest.mark.parametrize("at", ["settle", "unlink"])
async def test_a_sink_that_dies_while_packing_loses_nothing_and_the_next_ends_it(
    valkey_store, tmp_path, monkeypatch, at
):
    entries = await passes(valkey_store, tmp_path)
    settle = packing.settle

    def dying(beside, path):
        if at == "unlink":
            settle(beside, path)
        monkeypatch.setattr(packing, "recover", lambda *_: None)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(packing, "settle", dying)
        with pytest.raises(Died):
            pack(tmp_path, SLICE, OVER)
    monkeypatch.undo()
    assert list(read_entries(tmp_path)) == entries
    assert (tmp_path / NOTES / f"{SLICE}.packing.json").exists()
    await valkey_store.commit(proposing(decision=new_decision(ANNA, NOW + 9)))
    await sink_of(valkey_store, tmp_path).write()
    assert rows_in(tmp_path) == 5
    assert not (tmp_path / NOTES / f"{SLICE}.packing.json").exists()
    assert not list(tmp_path.rglob("*.part"))
    pack(tmp_path, SLICE, OVER)
    assert rows_in(tmp_path) == 5


async def test_files_that_somebody_reads_or_writes_stay(valkey_store, tmp_path):
    await passes(valkey_store, tmp_path)
    with held_for_reading(tmp_path, SLICE):
        pass
    assert sum(1 for _ in read_entries(tmp_path)) == 4
    reading = read_entries(tmp_path)
    pack(tmp_path, SLICE, 0.0)
    next(reading)
    assert pack(tmp_path, SLICE, OVER) == 0
    reading.close()
    with held(tmp_path, SLICE):
        assert pack(tmp_path, SLICE, OVER) == 0
    assert pack(tmp_path, SLICE, OVER) > 0


async def test_erased_customers_and_decisions_taken_back_are_found_in_packed_files(valkey_store, tmp_path):
    entries = await passes(valkey_store, tmp_path)
    pack(tmp_path, SLICE, OVER)
    await valkey_store.void(ANNA, entries[0].id)
    await sink_of(valkey_store, tmp_path).write()
    rows = pl.read_parquet(files_of(tmp_path, LOG), hive_partitioning=False).filter(pl.col("kind") == "decision")
    assert rows.filter(pl.col("voided"))["id"].to_list() == [entries[0].id]
    await valkey_store.erase(CustomerKey(ANNA.tenant, ANNA.customer))
    await sink_of(valkey_store, tmp_path).write()
    left = pl.read_parquet(files_of(tmp_path, LOG), hive_partitioning=False)
    assert left.filter((pl.col("customer") == "anna") & (pl.col("kind") != "erase")).height == 0


async def test_columns_that_came_within_the_hour_are_kept(valkey_store, tmp_path):
    await passes(valkey_store, tmp_path, 2)
    folder = files_of(tmp_path, LOG)[0].parent
    for name, frame in (("1-1-aa", {"x": [1]}), ("2-2-bb", {"x": [2], "y": ["new"]})):
        pl.DataFrame(frame).write_parquet(folder / f"s099-{name}.parquet")
    pack(tmp_path, "s099", OVER)
    (made,) = folder.glob("s099-*.parquet")
    assert pl.read_parquet(made).sort("x").rows() == [(1, None), (2, "new")]


async def test_columns_that_changed_their_type_leave_files_apart(valkey_store, tmp_path):
    await passes(valkey_store, tmp_path, 1)
    folder = files_of(tmp_path, LOG)[0].parent
    for name, value in (("1-1-aa", 1), ("2-2-bb", "text")):
        pl.DataFrame({"x": [value]}).write_parquet(folder / f"s099-{name}.parquet")
    assert pack(tmp_path, "s099", OVER) == 0
    assert len(list(folder.glob("s099-*.parquet"))) == 2
    assert not list(tmp_path.rglob("*.part"))


async def test_a_sink_at_work_packs_behind_itself(valkey_store, tmp_path):
    await passes(valkey_store, tmp_path)
    follower = Follower(valkey_store, sink_of(valkey_store, tmp_path), PARTITIONS, lambda: OVER)
    assert (await follower.once(Rhythm())).packed > 0
    assert (await follower.once(Rhythm())).packed == 0
