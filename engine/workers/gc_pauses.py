"""How long the garbage collector stops this process, noted by generation."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

from engine.counts import Counts

YOUNG = 5_000
"""Objects made, less those freed, before the youngest are collected."""


class GcPauses:
    """A `gc.callbacks` entry. Weak side: pauses of other threads that wait for this one are not seen."""

    def __init__(self, counts: Counts, clock: Callable[[], float] = time.perf_counter) -> None:
        self._observe = [counts.observer("befit_gc_pause_seconds", str(generation)) for generation in range(3)]
        self._clock = clock
        self._began = 0.0

    def __call__(self, phase: str, about: Mapping[str, int]) -> None:
        if phase == "start":
            self._began = self._clock()
        else:
            self._observe[about["generation"]](self._clock() - self._began)


def settle() -> None:
    """Collect, then move all that is loaded out of the collector's sight: full collections stay short. Decisions make
    few cycles, so the young ones are looked through now and then, a millisecond each time, not at each."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)


def watch(counts: Counts) -> None:
    """Note every pause from now on."""
    gc.callbacks.append(GcPauses(counts))
