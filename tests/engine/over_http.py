"""The HTTP side of a server in the test's own loop, and a client that sends exactly what it is told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from engine.config import ListenConfig
from engine.counts import Counts
from engine.http.at_work import front_of
from engine.http.conversation import Patience
from engine.http.server import HttpServer
from engine.service.calls import Calls
from engine.service.ports import Ports
from tests.engine.service_fakes import Served, serving

JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Replied:
    """One reply as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class OverHttp:
    """A running HTTP server, and the gRPC server whose services it shares."""

    port: int
    server: HttpServer
    grpc: Served

    @property
    def counts(self) -> Counts:
        return self.grpc.counts

    async def ask(self, verb: str, path: str, said: Any = None, headers: dict[str, str] | None = None) -> Replied:
        """One request over a connection of its own; `said` is sent as JSON, bytes as they are."""
        body = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
        told = {"host": "localhost", "connection": "close", **(JSON if said is not None else {}), **(headers or {})}
        if body or verb == "POST":
            told["content-length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return replied(await self.sent(f"{verb} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body))

    async def post(self, path: str, said: Any) -> Replied:
        return await self.ask("POST", path, said)

    async def get(self, path: str) -> Replied:
        return await self.ask("GET", path)

    async def sent(self, *pieces: bytes) -> bytes:
        """Everything that comes back for some bytes until the server hangs up."""
        async with line(self.port) as (reader, writer):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            return await reader.read()


@asynccontextmanager
async def line(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(20):
            yield reader, writer
    finally:
        writer.transport.abort()


def replied(raw: bytes) -> Replied:
    """The only reply in some bytes."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    pairs = (text.partition(": ") for text in rest)
    return Replied(int(first.split()[1]), {name.lower(): value for name, _, value in pairs}, body)


async def next_reply(reader: asyncio.StreamReader) -> Replied:
    """The next reply of a connection that stays open."""
    head = await reader.readuntil(b"\r\n\r\n")
    found = replied(head)
    return Replied(found.status, found.headers, await reader.readexactly(int(found.headers["content-length"])))


@asynccontextmanager
async def beside(grpc: Served, patience: Patience | None = None, **listen: Any) -> AsyncIterator[OverHttp]:
    """HTTP beside a gRPC server that runs."""
    config = ListenConfig(http_port=0, metrics_port=-1, **listen)
    front = front_of(grpc.server.unaries, Calls(grpc.counts), config, lambda: ["web", "push"])
    server = HttpServer(front, patience or Patience())
    port = await server.start(config)
    try:
        yield OverHttp(port, server, grpc)
    finally:
        await server.stop(0)


@asynccontextmanager
async def over_http(ports: Ports, patience: Patience | None = None, **listen: Any) -> AsyncIterator[OverHttp]:
    """Both servers over the same ports."""
    async with serving(ports, **listen) as grpc, beside(grpc, patience, **listen) as http:
        yield http
