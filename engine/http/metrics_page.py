"""/metrics at the HTTP port: what the supervisor tells at its own, since a worker knows only its own counts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address

from engine.http.exchange import Asked, Reply
from engine.http.problem import Problem, http_problem

SECONDS = 2.0
MOST_BYTES = 8_388_608
_OFF = http_problem(HTTPStatus.NOT_FOUND, "metrics-off", "metrics are served where --metrics-port is not -1")
_AWAY = http_problem(HTTPStatus.SERVICE_UNAVAILABLE, "metrics-unavailable", "metrics could not be gathered; try again")


@dataclass(frozen=True, slots=True)
class MetricsPage:
    """Fetches from the supervisor at `host`:`port`; a port below 1 = there are no metrics."""

    host: str
    port: int

    async def __call__(self, asked: Asked) -> Reply | Problem:
        """The metrics of all workers."""
        del asked
        if self.port < 1:
            return _OFF
        try:
            async with asyncio.timeout(SECONDS):
                return await self._fetched()
        except (OSError, TimeoutError, ValueError):
            return _AWAY

    async def _fetched(self) -> Reply | Problem:
        reader, writer = await asyncio.open_connection(_reachable(self.host), self.port)
        try:
            writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            body = await reader.read(MOST_BYTES)
            while more := await reader.read(MOST_BYTES):
                body += more
        except asyncio.IncompleteReadError:
            return _AWAY
        finally:
            writer.close()
        kinds = [line.partition(":")[2].strip() for line in head if line.lower().startswith("content-type:")]
        return Reply(200, body, kinds[0] if kinds else "text/plain")


def _reachable(host: str) -> str:
    """Where to reach what listens at an address: itself, where that is every address of this machine."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"
