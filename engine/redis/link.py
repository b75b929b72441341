"""A connection to one server that is made again, in the background, whenever it is lost.

While there is none, `ask` fails at once with the reason of the last failure: a customer never waits for a connect.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random
from dataclasses import dataclass, field

import hiredis

from engine.redis.refusals import unavailable
from engine.redis.url import Access, Endpoint
from engine.redis.wire import Command, Replies, Wire, WireLimits
from engine.store import StoreUnavailable

CONNECTION_NAME = "befit"
_JITTER = random.SystemRandom()
_HOPELESS = frozenset({"unauthenticated", "not-permitted"})
"""Codes that waiting does not mend."""


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """Times in ms: to connect and be let in; to wait after a failure, doubled each time up to the longest."""

    connect_ms: float = 1000.0
    backoff_ms: float = 20.0
    longest_backoff_ms: float = 1000.0
    wire: WireLimits = field(default_factory=WireLimits)


class Link:
    """Keeps one Wire to `endpoint`."""

    def __init__(self, endpoint: Endpoint, access: Access, limits: LinkLimits) -> None:
        self.endpoint = endpoint
        self._access = access
        self._limits = limits
        self._wire: Wire | None = None
        self._refused = StoreUnavailable("disconnected")
        self._keeper: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    @property
    def connected(self) -> bool:
        return self._wire is not None and not self._wire.lost.done()

    def start(self) -> None:
        """Connect, and keep connected, in the background."""
        if self._keeper is None:
            self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def wait(self, timeout_s: float) -> None:
        """Return once connected. Raises StoreUnavailable with the reason of the last failure."""
        self.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._wire is None and self._refused.code not in _HOPELESS:
                    self._changed.clear()
                    await self._changed.wait()
        if self._wire is None:
            raise self._failure()

    def ask(self, packed: bytes, wanted: int, timeout_s: float) -> asyncio.Future[Replies]:
        """As Wire.ask; raises StoreUnavailable at once while there is no connection."""
        if self._wire is None:
            raise self._failure()
        return self._wire.ask(packed, wanted, timeout_s)

    def drop(self) -> None:
        """Connect anew: what is at the other end is no longer what it was."""
        if self._wire is not None:
            self._wire.drop("disconnected")

    async def close(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        self.drop()
        self._wire = None

    def _failure(self) -> StoreUnavailable:
        return StoreUnavailable(self._refused.code, f"{self.endpoint}: {self._refused}")

    async def _keep(self) -> None:
        pause_ms = self._limits.backoff_ms
        while True:
            try:
                wire = await self._connect()
            except StoreUnavailable as refused:
                self._refused = refused
                self._changed.set()
                await asyncio.sleep(pause_ms / 1000 * _JITTER.uniform(0.5, 1.0))
                pause_ms = min(2 * pause_ms, self._limits.longest_backoff_ms)
                continue
            self._wire = wire
            self._changed.set()
            pause_ms = self._limits.backoff_ms
            await wire.lost
            self._wire = None
            self._refused = StoreUnavailable("disconnected")

    async def _connect(self) -> Wire:
        loop = asyncio.get_running_loop()
        make = functools.partial(Wire, self._limits.wire)
        try:
            async with asyncio.timeout(self._limits.connect_ms / 1000):
                if self.endpoint.path:
                    _, wire = await loop.create_unix_connection(make, self.endpoint.path)
                else:
                    _, wire = await loop.create_connection(
                        make, self.endpoint.host, self.endpoint.port, ssl=self._access.tls
                    )
        except (OSError, ValueError) as error:
            raise StoreUnavailable("disconnected", str(error) or "no answer to connect") from error
        try:
            await self._enter(wire)
        except BaseException:
            wire.drop("disconnected")
            raise
        return wire

    async def _enter(self, wire: Wire) -> None:
        """Authenticate, select the database, and see that the server is ready. Raises StoreUnavailable."""
        commands: list[Command] = []
        if self._access.password:
            commands.append(("AUTH", self._access.username or "default", self._access.password))
        if self._access.database:
            commands.append(("SELECT", str(self._access.database)))
        commands += [("CLIENT", "SETNAME", CONNECTION_NAME), ("PING",)]
        packed = b"".join(map(hiredis.pack_command, commands))
        for reply in await wire.ask(packed, len(commands), self._limits.connect_ms / 1000):
            if isinstance(reply, hiredis.ReplyError):
                raise unavailable(reply)
