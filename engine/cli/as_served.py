"""Deciding apart from the server as it decides: stopped actions, live facts and learned counts out of the store.

A project without a store, that names none, has nothing of the kind; whatever was taken from a store is told by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from engine.cli.exits import UsageMistaken
from engine.cli.load import store_url
from engine.config import StoreConfig, read
from engine.embedded.store import STORE_FOLDER
from engine.learning.store import Learned
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.simulation.sources import Past, read_past
from engine.snapshot import Snapshot
from engine.store import Store

T = TypeVar("T")
SERVED, NONE = "served", "none"

RedisOption = Annotated[str | None, typer.Option(help="Redis or Valkey; without one, the project's store, if any.")]
CountsOption = Annotated[
    str, typer.Option(help="Learned counts that young actions start from: served, none, or a number as in 7.")
]


def learned_counts(counts: str, project: Path, redis_url: str | None) -> Learned:
    """The counts that were asked for. Raises UsageMistaken where the store keeps no such, and StoreUnavailable."""
    wanted = counts.removeprefix("#")
    if counts not in (SERVED, NONE) and not wanted.isdigit():
        raise UsageMistaken(f"--counts {counts}: write served, none, or a number as in 7")
    if counts == NONE or (counts == SERVED and not _has_store(project, redis_url)):
        return Learned()
    if not _has_store(project, redis_url):
        raise UsageMistaken(f"--counts {counts}: there is no store to read them from; say --redis-url")

    async def learned(store: Store) -> Learned | None:
        return await (store.learned.read(Learned()) if counts == SERVED else store.learned.at(int(wanted)))

    found = _asked(project, redis_url, learned)
    if found is None:
        raise UsageMistaken(f"the store keeps no learned counts {wanted}")
    return found


def as_served(snapshot: Snapshot, project: Path, redis_url: str | None) -> Snapshot:
    """The snapshot with all that the store says to every worker. Raises StoreUnavailable."""
    if not _has_store(project, redis_url):
        return snapshot

    async def shared(store: Store) -> Past:
        return await read_past(store, 0, 0, ())

    found = _asked(project, redis_url, shared)
    return snapshot.with_stopped(found.settings.stopped).with_facts(found.facts).with_learned(found.learned)


def told_counts(number: int) -> str:
    """Which counts young actions start from, in words; "" where there are none."""
    return f"young actions start from learned counts {number}" if number else ""


def counted_too(learned: Learned, first: float) -> list[str]:
    """A note where counts go on to after the `first` (s) of the choices that are judged."""
    if not learned.number or learned.counts.as_of < first:
        return []
    return [
        f"learned counts {learned.number} count contacts of this time too; --counts takes an earlier number, or none"
    ]


def _has_store(project: Path, redis_url: str | None) -> bool:
    return bool(_config(redis_url).redis_url) or (project / STORE_FOLDER).is_dir()


def _config(redis_url: str | None) -> StoreConfig:
    return read(StoreConfig, {"redis_url": redis_url})


def _asked(project: Path, redis_url: str | None, ask: Callable[[Store], Awaitable[T]]) -> T:
    config = _config(redis_url)

    async def asking(url: str) -> T:
        store = RedisStore(url, "reading", StoreOptions(partitions=config.partitions))
        try:
            await store.open()
            return await ask(store)
        finally:
            await store.close()

    with store_url(config, project) as url:
        return asyncio.run(asking(url))
