"""`befit learn`: what contacts came to, by action, tier and channel, for all workers to start young actions from."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from documents.duration import parse_duration
from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.cli.load import store_url
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.config import StoreConfig, read
from engine.learning.publishing import counts_in, publish
from engine.learning.store import Learned
from engine.project import load_snapshot
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.store import Store, StoreUnavailable
from models.learned_counts import LearnedCounts

_MOST_SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnFlags:
    """What `befit learn` is told."""

    log: Annotated[Path, typer.Option(help="Folder that `befit sink` wrote the log to.")]
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml, and the store.")] = Path()
    redis_url: Annotated[str | None, typer.Option(help="Redis or Valkey; without one, the project's own store.")] = None
    half_life: Annotated[str, typer.Option(help="After how long a contact counts half, as in 90d.")] = "90d"
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell the counts.")] = False
    follow: Annotated[bool, typer.Option("--follow", help="Go on until stopped with Ctrl-C or SIGTERM.")] = False
    every: Annotated[float, typer.Option(help="With --follow: seconds between looks.", min=1.0)] = 900.0
    output: OutputOption = Output.TABLE


@flags
def learn(told: LearnFlags) -> None:
    """Count what contacts came to whose window has closed, and give the counts to all workers under the next number.

    Young actions then start from what their group came to, for the tier and in the channel. Nothing is published where
    no further window has closed.
    """
    half_life = parse_duration(told.half_life)
    if not half_life:
        raise UsageMistaken(f"--half-life {told.half_life}: write a duration as 90d")
    snapshot = load_snapshot(told.project, None)

    def look() -> LearnedCounts:
        return counts_in(told.log, snapshot, half_life)

    if told.dry_run:
        _show(Learned(0, look()), told.output, published=False)
        return
    config = read(StoreConfig, {"redis_url": told.redis_url})
    with store_url(config, told.project) as url:
        store = RedisStore(url, "learn", StoreOptions(partitions=config.partitions))
        asyncio.run(_run(store, told, look))


async def _run(store: RedisStore, told: LearnFlags, look: Callable[[], LearnedCounts]) -> None:
    try:
        await store.open()
        await _look(store, told, look)
        if told.follow:
            await _follow(store, told, look)
    finally:
        await store.close()


async def _follow(store: Store, told: LearnFlags, look: Callable[[], LearnedCounts]) -> None:
    """Look again and again until told to stop; a store that is away is waited for."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for signalled in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signalled, stop.set)
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(told.every):
                await stop.wait()
        if not stop.is_set():
            with contextlib.suppress(StoreUnavailable):
                await _look(store, told, look)


async def _look(store: Store, told: LearnFlags, look: Callable[[], LearnedCounts]) -> None:
    found = await publish(store, look)
    _show(found.learned, told.output, published=found.new)


def _show(learned: Learned, output: Output, *, published: bool) -> None:
    counts = learned.counts
    if output is Output.JSON:
        print_json(plain(learned) | {"published": published})
        return
    console = screen()
    name = f"counts {learned.number}" if learned.number else "counts"
    console.print(f"{name}: {counts.windows:,} closed windows{'' if published else ', nothing new to publish'}")
    if not counts.cells:
        return
    cells = sorted(counts.cells.items(), key=lambda one: -one[1].closed)
    rows = [(*cell, f"{one.closed:,.1f}", f"{one.successes:,.1f}", _rate(*one)) for cell, one in cells[:_MOST_SHOWN]]
    console.print(table("", ("action", "tier", "channel", "windows ", "successes ", "rate "), rows))
    if len(cells) > _MOST_SHOWN:
        console.print(f"and {len(cells) - _MOST_SHOWN} more: -o json has them all")


def plain(learned: Learned) -> dict[str, Any]:
    """A snapshot of counts as plain values."""
    counts = learned.counts
    cells = [{**cell._asdict(), **one._asdict()} for cell, one in sorted(counts.cells.items())]
    return {
        "number": learned.number,
        "as_of": counts.as_of,
        "half_life": counts.half_life,
        "windows": counts.windows,
        "cells": cells,
    }


def _rate(successes: float, closed: float) -> str:
    return f"{successes / closed:.2%}" if closed else "-"
