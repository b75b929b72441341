"""One connection to Redis shared by all that run in one event loop: write, remember who asked, resolve in order.

Requests of one turn of the loop go out in one write. A request that is cancelled or too late keeps its place in the
line until its reply has come, so that no reply ever reaches another request. A connection that stays silent for
`stall_ms`, or says what is no RESP, is dropped with all that wait on it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, cast

import hiredis

from engine.store import StoreUnavailable

Command = tuple[Any, ...]
Reply = Any
Replies = list[Reply]
_NOT_YET = object()
_TICK = 0.001  # seconds between two looks at the line, so that a long line in a stall costs little
_LAG = 0.003  # seconds by which a timer is late when the loop was busy, not the server


@dataclass(frozen=True, slots=True)
class WireLimits:
    """`stall_ms`: the longest silence while something is awaited; `waiting`: the most requests in line."""

    stall_ms: float = 250.0
    waiting: int = 10_000


class _Awaited:
    """One request in line: `replies` gathered of `wanted`, both times in seconds of the monotonic clock."""

    __slots__ = ("deadline", "future", "replies", "sent_at", "wanted")

    def __init__(self, future: asyncio.Future[Replies], wanted: int, sent_at: float, deadline: float) -> None:
        self.future = future
        self.wanted = wanted
        self.sent_at = sent_at
        self.deadline = deadline
        self.replies: Replies = []


class Wire(asyncio.Protocol):
    """The connection itself; `lost` resolves when it is gone. Made by `engine.redis.link`."""

    def __init__(self, limits: WireLimits) -> None:
        self._limits = limits
        self._stall_s = limits.stall_ms / 1000
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(notEnoughData=_NOT_YET)
        self._line: deque[_Awaited] = deque()
        self._unsent: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.Handle | None = None
        self._due = 0.0
        self._heard_at = 0.0
        self.lost: asyncio.Future[None] = self._loop.create_future()

    def ask(self, packed: bytes, wanted: int, timeout_s: float) -> asyncio.Future[Replies]:
        """Send `packed` commands; the future holds their `wanted` replies in order, errors as values.

        Raises StoreUnavailable at once ("disconnected", "overloaded"); so does the future ("timeout", "stalled",
        "desync", "disconnected").
        """
        if self._transport is None or self.lost.done():
            raise StoreUnavailable("disconnected")
        if len(self._line) >= self._limits.waiting:
            raise StoreUnavailable("overloaded")
        now = time.monotonic()
        awaited = _Awaited(self._loop.create_future(), wanted, now, now + timeout_s)
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(packed)
        self._line.append(awaited)
        due = min(awaited.deadline, now + self._stall_s)
        if self._timer is None or due < self._due:
            self._arm(due, now)
        return awaited.future

    def _flush(self) -> None:
        if self._transport is not None and self._unsent:
            self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def _arm(self, due: float, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = self._loop.call_later(due - now, self._expire)

    def _expire(self) -> None:
        """Fail what is too late, drop a connection that has stalled, and look again when the next falls due.

        Where the loop itself was late, the replies may be here already, unread: they get one more turn.
        """
        self._timer = None
        now = time.monotonic()
        if now - self._due > _LAG:
            self._arm(now + _TICK, now)
            return
        if self._line and now - max(self._line[0].sent_at, self._heard_at) >= self._stall_s:
            self.drop("stalled")
            return
        due = now + self._stall_s
        for awaited in self._line:
            if awaited.future.done():
                continue
            if awaited.deadline <= now:
                awaited.future.set_exception(StoreUnavailable("timeout"))
            else:
                due = min(due, awaited.deadline)
        if self._line:
            self._arm(max(due, now + _TICK), now)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's do not derive from it

    def data_received(self, received: bytes) -> None:
        """Hand every complete reply to the request that is first in line."""
        self._heard_at = time.monotonic()
        try:
            self._reader.feed(received)
            while (reply := self._reader.gets()) is not _NOT_YET:
                self._resolve(reply)
        except (hiredis.ProtocolError, IndexError):
            self.drop("desync")

    def _resolve(self, reply: Reply) -> None:
        first = self._line[0]
        first.replies.append(reply)
        if len(first.replies) == first.wanted:
            self._line.popleft()
            if not first.future.done():
                first.future.set_result(first.replies)

    def eof_received(self) -> None:
        self.drop("disconnected")

    def connection_lost(self, _error: Exception | None) -> None:
        self.drop("disconnected")

    def drop(self, code: str) -> None:
        """Close at once; everything in line fails with `code`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()
        waiting, self._line = self._line, deque()
        for awaited in waiting:
            if not awaited.future.done():
                awaited.future.set_exception(StoreUnavailable(code))
        if not self.lost.done():
            self.lost.set_result(None)
