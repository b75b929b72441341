"""Spreads work over processes: each builds the two sides once, results come in the order of what was handed out.

What comes of it does not depend on how many processes there are.
"""

from __future__ import annotations

import gc
import itertools
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TypeVar

from engine.simulation.sides import Plan, Sides, build

T = TypeVar("T")
R = TypeVar("R")
_WAITING = 3
"""Items per process that are handed out before the first is done: enough to keep it busy, little in memory."""

_YOUNG = 50_000
"""Objects made before the collector looks at them."""

_built: list[Sides] = []
"""The sides of this process, when it is one of those that the work is spread over."""


class Spread(AbstractContextManager["Spread"]):
    """Runs work on items. With one process it is this one; `sides` are those of this process.

    Raises DocumentInvalid and BundleRefused when made.
    """

    def __init__(self, plan: Plan, processes: int) -> None:
        self.sides = build(plan)
        self._waiting = _WAITING * processes
        self._pool: ProcessPoolExecutor | None = None
        if processes > 1:
            # Not forked: a copy of a process with threads (of LightGBM, of polars) may wait for them for ever.
            fresh = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(processes, mp_context=fresh, initializer=_begin, initargs=(plan,))

    def each(self, work: Callable[[Sides, T], R], items: Iterable[T]) -> Iterator[R]:
        """What `work(sides, item)` gives for each item, in order; `work` is a function of a module."""
        if self._pool is None:
            yield from (work(self.sides, item) for item in items)
            return
        coming = iter(items)
        out: deque[Future[R]] = deque()
        for item in itertools.islice(coming, self._waiting):
            out.append(self._pool.submit(_on_the_sides, work, item))
        while out:
            found = out.popleft().result()
            for item in itertools.islice(coming, 1):
                out.append(self._pool.submit(_on_the_sides, work, item))
            yield found

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _begin(plan: Plan) -> None:
    """Build the sides, and look for garbage seldom and never among them: decisions leave none in cycles."""
    _built.append(build(plan))
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)


def _on_the_sides(work: Callable[[Sides, T], R], item: T) -> R:
    return work(_built[0], item)
