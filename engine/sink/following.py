"""A sink at work: pass after pass, trimming behind itself, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from documents.problem import BefitError
from engine.learning.counts import HALF_LIFE
from engine.learning.publishing import publish
from engine.learning.store import Learned
from engine.sink.kafka import OutputFailed
from engine.sink.layout import slice_name
from engine.sink.packing import pack
from engine.sink.sink import Passed, Sink
from engine.sink.trimming import Trimmed, trim
from engine.store import Store, StoreUnavailable
from models.learned_counts import LearnedCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How a sink works: seconds between passes; how long entries stay in the store (s), None = nothing is trimmed; and
    seconds between two counts of what contacts came to, 0 = it counts nothing."""

    every_s: float = 60.0
    keep_s: float | None = None
    learn_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Round:
    """What one pass did, with how many small files were put together after it, the trimming, and the number of the
    counts that were published (0 = none); or why there was none."""

    passed: Passed = field(default_factory=lambda: Passed(0))
    packed: int = 0
    trimmed: Trimmed = field(default_factory=Trimmed)
    failure: str = ""
    counts: int = 0


class Follower:
    """Runs one sink; `clock` gives seconds; `look` counts what contacts came to, out of the sink's files, given a
    half-life (s). What `told` is told is for people."""

    def __init__(
        self,
        store: Store,
        sink: Sink,
        partitions: int,
        clock: Callable[[], float],
        look: Callable[[float], LearnedCounts] | None = None,
    ) -> None:
        self._store = store
        self._look = look
        self._looked = clock()
        self._learning: asyncio.Task[None] | None = None
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
            self._begin_to_learn(rhythm.learn_s, told)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rhythm.every_s):
                    await stop.wait()
        if self._learning is not None:
            await self._learning

    def _begin_to_learn(self, every_s: float, told: Callable[[Round], None]) -> None:
        """Publish counts when it is time, beside the passes."""
        busy = self._learning is not None and not self._learning.done()
        if self._look is None or not every_s or busy or self._clock() - self._looked < every_s:
            return
        self._looked = self._clock()
        self._learning = asyncio.create_task(self._learn(self._look, told))

    async def _learn(self, look: Callable[[float], LearnedCounts], told: Callable[[Round], None]) -> None:
        """What cannot be counted or published now is tried the next time. Contacts fade as in the counts so far."""
        try:
            half_life = (await self._store.learned.read(Learned())).counts.half_life or HALF_LIFE
            found = await publish(self._store, lambda: look(half_life))
        except BefitError as failure:
            told(Round(failure=str(failure)))
            return
        if found.new:
            told(Round(counts=found.learned.number))
