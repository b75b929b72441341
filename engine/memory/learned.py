"""What was learnt beside models, in memory."""

from __future__ import annotations

from collections.abc import Callable

from engine.learning.store import Learned
from models.learned_counts import LearnedCounts


class MemoryLearned:
    """Obeys engine/learning/store.py; `check` raises what every call of the store raises."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._kept: list[LearnedCounts] = []
        self._drift: bytes | None = None

    async def publish(self, counts: LearnedCounts) -> Learned:
        self._check()
        self._kept.append(counts)
        return Learned(len(self._kept), counts)

    async def read(self, before: Learned) -> Learned:
        self._check()
        number = len(self._kept)
        return before if number <= before.number else Learned(number, self._kept[-1])

    async def at(self, number: int) -> Learned | None:
        self._check()
        if number == 0:
            return Learned()
        return Learned(number, self._kept[number - 1]) if 0 < number <= len(self._kept) else None

    async def publish_drift(self, told: bytes) -> None:
        self._check()
        self._drift = told

    async def read_drift(self) -> bytes | None:
        self._check()
        return self._drift
