"""A sink at work: pass after pass, trimming behind itself, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.sink.kafka import OutputFailed
from engine.sink.layout import slice_name
from engine.sink.packing import pack
from engine.sink.sink import Passed, Sink
from engine.sink.trimming import Trimmed, trim
from engine.store import Store, StoreUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How a sink works: seconds between passes; how long entries stay in the store (s), None = nothing is trimmed."""

    every_s: float = 60.0
    keep_s: float | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """What one pass did, with how many small files were put together after it, and the trimming; or why there was
    none."""

    passed: Passed = field(default_factory=lambda: Passed(0))
    packed: int = 0
    trimmed: Trimmed = field(default_factory=Trimmed)
    failure: str = ""


class Follower:
    """Runs one sink; `clock` gives seconds. What `told` is told is for people."""

    def __init__(self, store: Store, sink: Sink, partitions: int, clock: Callable[[], float]) -> None:
        self._store = store
        self._sink = sink
        self._partitions = partitions
        self._clock = clock

    async def once(self, rhythm: Rhythm, first: int = 0) -> Round:
        """One pass. Raises what `Sink.write` raises."""
        passed = await self._sink.write(first)
        place = self._sink.place
        packed = sum(pack(place.out, slice_name(number), self._clock()) for number in place.slices)
        if rhythm.keep_s is None:
            return Round(passed, packed)
        return Round(passed, packed, await trim(self._store, self._partitions, self._clock(), rhythm.keep_s))

    async def follow(self, rhythm: Rhythm, stop: asyncio.Event, told: Callable[[Round], None], first: int = 0) -> None:
        """Passes until `stop`. A store or an output that is away is waited for; a folder that cannot be written to is
        an error. Raises OSError, NotesDamaged."""
        while not stop.is_set():
            try:
                told(await self.once(rhythm, first))
            except (StoreUnavailable, OutputFailed) as failure:
                told(Round(failure=str(failure)))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rhythm.every_s):
                    await stop.wait()
