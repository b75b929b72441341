"""`befit sink --follow` as people start it: it writes what comes, and ends when it is told to, with all written."""

from __future__ import annotations

import asyncio
import signal
import sys

from engine.learning.counts import HALF_LIFE
from engine.learning.publishing import publish
from engine.learning.store import Learned
from engine.sink.following import Follower, Rhythm
from engine.sink.layout import LOG, LogMissing, files_of
from engine.store import StoreUnavailable
from models.learned_counts import Cell, Counted, LearnedCounts
from tests.engine.asking import PARTITIONS
from tests.engine.served_project import write_project
from tests.engine.servers import until, url_of
from tests.engine.sunk import decide_for, rows_in, sink_of

COMMAND = (sys.executable, "-c", "from engine.cli.app import main; main()", "sink")


async def test_it_writes_what_comes_until_it_is_told_to_stop(valkey, valkey_store, tmp_path):
    project, out = write_project(tmp_path / "shop"), tmp_path / "lake"
    await decide_for(valkey_store, 5)
    words = ("--project", str(project), "--out", str(out), "--redis-url", url_of(valkey), "--follow", "--every", "0.1")
    sink = await asyncio.create_subprocess_exec(*COMMAND, *words, stdout=asyncio.subprocess.PIPE)
    await asyncio.to_thread(until, lambda: rows_in(out) == 5)
    await decide_for(valkey_store, 5)
    await asyncio.to_thread(until, lambda: rows_in(out) == 10)
    sink.send_signal(signal.SIGTERM)
    said, _ = await sink.communicate()
    assert sink.returncode == 0
    assert said.splitlines()[0] == b"5 entries written"


async def test_a_store_that_is_away_is_waited_for(valkey_store, tmp_path, monkeypatch):
    await decide_for(valkey_store, 3)
    sink, stop, told = sink_of(valkey_store, tmp_path), asyncio.Event(), []
    write, away = sink.write, [StoreUnavailable("timeout", "no answer")]

    async def sometimes(first: int = 0):
        if away:
            raise away.pop()
        return await write(first)

    def telling(round_):
        told.append(round_)
        if not round_.failure:
            stop.set()

    monkeypatch.setattr(sink, "write", sometimes)
    follower = Follower(valkey_store, sink, PARTITIONS, lambda: 0.0)
    await follower.follow(Rhythm(every_s=0.01, keep_s=1.0), stop, telling)
    assert [one.failure for one in told] == ["no answer", ""]
    assert told[1].passed.entries == 3
    assert files_of(tmp_path, LOG)


async def test_counts_are_published_as_often_as_asked_and_once_each(valkey_store, tmp_path):
    stop, told, now = asyncio.Event(), [], iter(range(0, 9000, 100))
    counts = LearnedCounts(as_of=1.0, half_life=9.0, windows=4, cells={Cell("film_box", "t", "web"): Counted(1.0, 4.0)})
    looks = []

    def look(half_life: float) -> LearnedCounts:
        looks.append(half_life)
        if len(looks) == 1:
            raise LogMissing("no log yet")
        return counts

    def telling(round_):
        told.append(round_)
        if round_.counts:
            stop.set()

    follower = Follower(valkey_store, sink_of(valkey_store, tmp_path), PARTITIONS, lambda: float(next(now)), look)
    async with asyncio.timeout(60):
        await follower.follow(Rhythm(every_s=0.01, learn_s=500.0), stop, telling)
    assert [one.failure for one in told if one.failure] == ["no log yet"]
    assert (await valkey_store.learned.read(Learned())).counts == counts
    assert not (await publish(valkey_store, lambda: counts)).new
    assert set(looks) == {HALF_LIFE}
