"""A sink at work for tests: a store, a folder, the corner shop's project; and a process that can be killed.

python -m tests.engine.sunk URL OUT PASSES [FILES]   dies, as killed, after so many files came to their places
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import uuid4

import polars as pl

from engine.ids import CustomerKey
from engine.redis.keyspace import StoreOptions, StoreTimeouts
from engine.redis.store import RedisStore
from engine.sink import sink as sink_module
from engine.sink.actions import ActionsKnown
from engine.sink.late_outcomes import LateOutcomes
from engine.sink.layout import LOG, files_of
from engine.sink.output import Output
from engine.sink.pseudonyms import Pseudonyms
from engine.sink.sink import Place, Sink
from engine.sink.slice_notes import folder_id
from engine.sink.tables import Tables
from engine.snapshot import Snapshot
from engine.store import Store
from tests.engine.asking import NOW, PARTITIONS, new_decision, proposing
from tests.engine.company import corner_shop

NAMES = Pseudonyms(bytes(32))
PATIENT = StoreOptions(timeouts=StoreTimeouts(read_ms=30_000, commit_ms=30_000))


def sink_of(
    store: Store, out: Path, *outputs: Output, snapshot: Snapshot | None = None, late: LateOutcomes | None = None
) -> Sink:
    """A sink into a folder, with the corner shop's features."""
    place = Place(out, folder_id(out, PARTITIONS, uuid4()), PARTITIONS)
    tables = Tables(snapshot or corner_shop(), NAMES, ActionsKnown(out, store.revisions, None))
    return Sink(store, place, tables, outputs, late)


async def decide_for(store: Store, customers: int, each: int = 1) -> list[str]:
    """Decisions of so many customers, in the order of their writing."""
    made = []
    for number in range(customers * each):
        who = CustomerKey("shop", f"customer {number % customers}")
        decision = new_decision(who, NOW + number)
        await store.commit(proposing(customer=who, decision=decision))
        made.append(decision)
    return made


def rows_in(out: Path, table: str = LOG) -> int:
    """How many rows the files of a table have, read as others read them."""
    files = files_of(out, table)
    return pl.read_parquet(files, hive_partitioning=False).height if files else 0


def _dying_after(files: int) -> None:
    settle, left = sink_module.settle, iter(range(files))

    def counted(beside: Path, path: Path) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        settle(beside, path)

    sink_module.settle = counted


async def _work(url: str, out: Path, passes: int) -> None:
    store = RedisStore(url, f"sink-{os.getpid()}", PATIENT)
    await store.open()
    sink = sink_of(store, out)
    for number in range(passes):
        passed = await sink.write(first=os.getpid() + number)
        sys.stdout.write(f"{passed.entries}\n")
    await store.close()


if __name__ == "__main__":
    if len(sys.argv) > 4:
        _dying_after(int(sys.argv[4]))
    asyncio.run(_work(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
