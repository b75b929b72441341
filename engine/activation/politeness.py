"""Work in a thread that lets decisions pass: a policy compiles in a tenth of a second, all of it with the interpreter's
lock.

The thread looks at the clock whenever a Python function is called or left. After a third of a millisecond it lets go of
the lock, and while a decision is underway it rests. After two seconds it goes on like any other thread: what a busy
machine never leaves time for is done all the same.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
RUN_SECONDS = 0.0003
YIELD_SECONDS = 0.00005
REST_SECONDS = 0.001
POLITE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Politeness:
    """Lets decisions pass while `busy` says so. `clock` gives seconds, `rest` waits."""

    busy: Callable[[], bool]
    clock: Callable[[], float] = time.perf_counter
    rest: Callable[[float], None] = time.sleep

    async def run(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """The result of work done in a thread."""
        return await asyncio.to_thread(paced, self.pace(), partial(work, *arguments, **named))

    def pace(self) -> Callable[..., None]:
        """What is to be called again and again while working, from now on."""
        due, over = self.clock() + RUN_SECONDS, self.clock() + POLITE_SECONDS

        def pace(*_: object) -> None:
            nonlocal due
            now = self.clock()
            if now < due or now > over:
                return
            self.rest(YIELD_SECONDS)
            while self.busy() and self.clock() < over:
                self.rest(REST_SECONDS)
            due = self.clock() + RUN_SECONDS

        return pace


def paced(pace: Callable[..., None], work: Callable[[], T]) -> T:
    """The result of the work, with `pace` called at every call and return of a Python function. Meanwhile no garbage is
    collected: it would hold everybody up for the sake of objects that are all in use."""
    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()
    sys.setprofile(pace)
    try:
        return work()
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()


HURRY = Politeness(lambda: False)
"""Where no decision can be disturbed."""
