"""How long `befit policy diff` takes over logged decisions: `python -m loadtest.simulating [--decisions N]`.

The telco pack with drawn customers and a bundle learnt from their history; the decisions are made and logged in a store
of their own, every channel in turn. The new policy has other rules, a tighter cap, a boost and a threshold, so that
little can be shared between the two sides. Times are of the wall and of all processes together.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.decider import Decider, DeciderParts
from engine.decision import Request
from engine.embedded.store import ephemeral_store
from engine.ids import DEFAULT_PARTITIONS, CustomerKey
from engine.project import load_snapshot
from engine.redis.keyspace import StoreOptions, StoreTimeouts
from engine.redis.store import RedisStore
from engine.simulation.change import read_change
from engine.simulation.comparison import compared
from engine.simulation.sides import Plan, plan_of
from engine.simulation.sources import Past, read_past
from engine.simulation.spread import Spread
from loadtest.company import Company, company, fill

HOME = Path("build/loadtest")
CUSTOMERS = 20_000
SEED = 7
EDITS = (
    ("customer.age < 27", "customer.age < 30"),
    ("customer.instalments_left > 3", "customer.instalments_left > 1"),
    ("customer.contract_end_days <= 120", "customer.contract_end_days <= 60"),
    ("push_twice_a_week, limit: 2", "push_twice_a_week, limit: 1"),
)
CHANGES = ("lever.tariff_plus=1.5", "threshold.min_propensity=0.02")
AT_ONCE = 16
PATIENT = StoreOptions(timeouts=StoreTimeouts(read_ms=5000, commit_ms=5000))
GAP = 4.0
"""Seconds from one decision to the next: a hundred thousand are five days."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="loadtest.simulating", description="Time a comparison of two policies.")
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    made = company(HOME, CUSTOMERS, say)
    with ephemeral_store() as store:
        say(f"deciding {asked.decisions:,} times")
        asyncio.run(decide(made, store.url, asked.decisions))
        with measured("reading the log"):
            past = asyncio.run(read(store.url, asked.decisions))
    before = plan_of(made.project, made.project, made.bundle)
    after = plan_of(edited(made), made.project, made.bundle).changed([read_change(one) for one in CHANGES])
    with measured(f"both policies, {asked.processes} processes"):
        plan = Plan(before, after, past.settings, past.facts)
        with Spread(plan, asked.processes) as spread:
            found = compared(spread, past.batches, ("old", "new", "the log"), lambda _: None)
    print(f"{found.tally.decisions:,} decisions, {found.changed_share:.1%} changed")
    return 0


async def decide(made: Company, url: str, count: int) -> None:
    """Make and log the decisions."""
    await fill(made, url)
    snapshot = load_snapshot(made.project, made.bundle)
    store = RedisStore(url, "loadtest", PATIENT)
    await store.open()
    parts = DeciderParts(
        store=store,
        snapshot=lambda: snapshot,
        entropy=lambda: secrets.randbits(40),
        nanos=time.perf_counter_ns,
        observe=lambda _: None,
        partitions=DEFAULT_PARTITIONS,
    )
    decider = Decider(parts)
    questions = questions_of(made, list(snapshot.policy.policy.channels), count)
    await asyncio.gather(*(ask(decider, questions) for _ in range(AT_ONCE)))
    await decider.close()
    await store.close()


def questions_of(made: Company, channels: list[str], count: int) -> Iterator[tuple[Request, float]]:
    draw = random.Random(SEED)
    ids, began = made.ids.read_text().split(), time.time() - count * GAP
    for number in range(count):
        channel = channels[number % len(channels)]
        yield Request(CustomerKey("default", draw.choice(ids)), channel), began + number * GAP


async def ask(decider: Decider, questions: Iterator[tuple[Request, float]]) -> None:
    for request, now in questions:
        await decider.decide(request, now)


async def read(url: str, count: int) -> Past:
    store = RedisStore(url, "loadtest-reader", PATIENT)
    await store.open()
    try:
        return await read_past(store, DEFAULT_PARTITIONS, count, ())
    finally:
        await store.close()


def edited(made: Company) -> Path:
    """The company's policy with other rules, beside its files."""
    text = (made.project / "policy.yaml").read_text()
    for old, new in EDITS:
        if old not in text:
            raise SystemExit(f"the pack no longer says {old!r}: edit EDITS")
        text = text.replace(old, new)
    path = made.project / "changed.yaml"
    path.write_text(text)
    return path


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Print the wall's and the processors' seconds of the block, ended children included."""
    wall, cpu = time.perf_counter(), processor_seconds()
    yield
    print(f"{what}: {time.perf_counter() - wall:.1f} s, {processor_seconds() - cpu:.1f} s of processor")


def processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
