"""Counts of what contacts came to, out of the files of the log, given to all workers where further windows have
closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine.learning.counts import HALF_LIFE, REMEMBERED, counted
from engine.learning.log_source import contacts_of, newest_in
from engine.learning.store import Learned
from engine.snapshot import Snapshot
from engine.store import Store
from models.learned_counts import LearnedCounts


class Published(NamedTuple):
    """The latest counts, and whether they are `new`: published just now."""

    learned: Learned
    new: bool


def counts_in(log: Path, snapshot: Snapshot, half_life: float = HALF_LIFE) -> LearnedCounts:
    """The counts that a folder gives, a contact counting half after `half_life` (s). Raises LogMissing, LogDamaged,
    LogTooNew."""
    newest = newest_in(log)
    return counted(contacts_of(log, snapshot, newest - REMEMBERED * half_life), snapshot, newest, half_life)


async def publish(store: Store, look: Callable[[], LearnedCounts]) -> Published:
    """Publish what `look` finds, in a thread, unless that is what all workers have. Raises StoreUnavailable, and what
    `look` raises."""
    kept = await store.learned.read(Learned())
    found = await asyncio.to_thread(look)
    known = (kept.counts.windows, kept.counts.half_life, set(kept.counts.cells))
    nothing = not found.cells and not kept.counts.cells
    if nothing or (found.windows, found.half_life, set(found.cells)) == known:
        return Published(kept, new=False)
    return Published(await store.learned.publish(found), new=True)
