"""Outcomes that wait for their decisions, in memory."""

from __future__ import annotations

from collections.abc import Callable

from engine.outcomes.parked import MOST_KEPT, Parked


class MemoryParked:
    """Obeys engine/outcomes/parked.py; `check` raises what every call of the store raises."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._waiting: dict[str, tuple[float, Parked]] = {}
        self._aside: dict[str, Parked] = {}

    async def park(self, parked: Parked, due: float) -> bool:
        self._check()
        if parked.id in self._waiting or parked.id in self._aside:
            return True
        if len(self._waiting) + len(self._aside) >= MOST_KEPT:
            return False
        self._waiting[parked.id] = (due, parked)
        return True

    async def due(self, now: float, most: int) -> tuple[Parked, ...]:
        self._check()
        found = sorted((due, name) for name, (due, _) in self._waiting.items() if due <= now)
        return tuple(self._waiting[name][1] for _, name in found[:most])

    async def postpone(self, parked: Parked, due: float) -> None:
        self._check()
        self._aside.pop(parked.id, None)
        self._waiting[parked.id] = (due, parked)

    async def put_aside(self, parked: Parked) -> None:
        self._check()
        self._waiting.pop(parked.id, None)
        self._aside[parked.id] = parked

    async def forget(self, outcome_id: str) -> None:
        self._check()
        self._waiting.pop(outcome_id, None)
        self._aside.pop(outcome_id, None)

    async def find(self, outcome_id: str) -> Parked | None:
        self._check()
        waiting = self._waiting.get(outcome_id)
        return waiting[1] if waiting else self._aside.get(outcome_id)

    async def newest(self, *, aside: bool, most: int) -> tuple[Parked, ...]:
        self._check()
        if aside:
            return tuple(sorted(self._aside.values(), key=lambda one: one.aside_at or 0.0, reverse=True)[:most])
        waiting = sorted(self._waiting.values(), key=lambda one: one[0], reverse=True)
        return tuple(parked for _, parked in waiting[:most])
