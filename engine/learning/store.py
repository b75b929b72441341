"""Where what was learnt beside models is kept, for all workers: numbered snapshots of counts, and the latest drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from models.learned_counts import NOTHING_LEARNED, LearnedCounts

MOST_KEPT = 5_000
"""How many snapshots of counts are kept, for decisions to be made again as they were."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A snapshot of counts under its number; 0 = there is none."""

    number: int = 0
    counts: LearnedCounts = NOTHING_LEARNED


class LearnedStore(Protocol):
    """Implementations: `engine/redis/learned.py`, `engine/memory/learned.py`. Raises StoreUnavailable."""

    async def publish(self, counts: LearnedCounts) -> Learned:
        """Keep counts under the next number. Two round trips; StoreUnavailable too where somebody else published in
        between."""
        ...

    async def read(self, before: Learned) -> Learned:
        """The latest counts, `before` itself where there are no later ones. One round trip."""
        ...

    async def at(self, number: int) -> Learned | None:
        """The counts of a number; None where they are no longer kept."""
        ...

    async def publish_drift(self, told: bytes) -> None:
        """Keep the latest figures of drift, as JSON, in place of earlier ones."""
        ...

    async def read_drift(self) -> bytes | None:
        """The latest figures of drift; None where there are none."""
        ...
