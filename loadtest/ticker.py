"""Calls back at an even pace, exact to some 50 us, without turning the loop in between.

Event loops wake to the millisecond, which would be seen in every latency; a timer of the kernel does not have that
grain. Elsewhere than on Linux the loop's own timer is used, and the report's "sent late" shows what that costs.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import time
from collections.abc import Callable

_MONOTONIC, _NONBLOCK, _ABSOLUTE = 1, 0o4000, 1
_NANOS = 1_000_000_000


class _Timer(ctypes.Structure):
    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class Ticker:
    """Calls `tick` at `start` (time.monotonic seconds) and every `period` seconds after, with how many are due."""

    def __init__(self, start: float, period: float, tick: Callable[[int], None]) -> None:
        self._tick = tick
        self._start, self._period = start, period
        self._loop = asyncio.get_running_loop()
        self._descriptor = -1
        self._done = 0
        if sys.platform == "linux":
            self._descriptor = _armed(start, period)
            self._loop.add_reader(self._descriptor, self._from_kernel)
        else:
            self._loop.call_soon(self._from_loop)

    def stop(self) -> None:
        self._tick = _nothing
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)

    def _from_kernel(self) -> None:
        due = int.from_bytes(os.read(self._descriptor, 8), sys.byteorder)
        self._tick(due)

    def _from_loop(self) -> None:
        due = int((time.monotonic() - self._start) / self._period) + 1 - self._done
        if due > 0:
            self._done += due
            self._tick(due)
        if self._tick is not _nothing:
            self._loop.call_later(self._period, self._from_loop)


def _nothing(due: int) -> None:
    del due


def _armed(start: float, period: float) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.timerfd_create(_MONOTONIC, _NONBLOCK)
    first, every = round(start * _NANOS), max(1, round(period * _NANOS))
    timer = _Timer(every // _NANOS, every % _NANOS, first // _NANOS, first % _NANOS)
    if descriptor < 0 or libc.timerfd_settime(descriptor, _ABSOLUTE, ctypes.byref(timer), None) != 0:
        raise OSError(ctypes.get_errno(), "no timer")
    return int(descriptor)
