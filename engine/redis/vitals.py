"""How the servers of a store are: their account of themselves, clocks, round trips, and how long the log is."""

from __future__ import annotations

import statistics
import time
from typing import Any

from engine.doctor.vitals import NodeVitals, StreamVitals, seconds_of
from engine.redis.keyspace import Keyspace, accepted
from engine.redis.node import Node
from engine.redis.wire import Command

_TRIPS = 21


class RedisVitals:
    """Raises StoreUnavailable."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def servers(self) -> tuple[NodeVitals, ...]:
        """Every server that takes writes, one after the other."""
        return tuple([await self._server(node) for node in self._keyspace.topology.masters])

    async def streams(self) -> tuple[StreamVitals, ...]:
        """The log of each partition, in order; one round trip for each server."""
        commands: list[tuple[int, Command]] = []
        for keys in self._keyspace.partitions:
            commands.append((keys.slot, ("XLEN", keys.log)))
            commands.append((keys.slot, ("XRANGE", keys.log, "-", "+", "COUNT", 1)))
            commands.append((keys.slot, ("XREVRANGE", keys.log, "+", "-", "COUNT", 1)))
        replies = accepted(await self._keyspace.topology.ask_each(commands, self._keyspace.admin_s))
        return tuple(_stream(*replies[at : at + 3]) for at in range(0, len(replies), 3))

    async def _server(self, node: Node) -> NodeVitals:
        trips = []
        for _ in range(_TRIPS):
            began = time.perf_counter()
            await self._ask(node, "PING")
            trips.append(time.perf_counter() - began)
        seconds, micros = await self._ask(node, "TIME")
        trip = statistics.median(trips)
        ahead = int(seconds) + int(micros) / 1e6 - (time.time() - trip / 2)
        info = _account(await self._ask(node, "INFO"))
        return NodeVitals(str(node.endpoint), info, ahead, trip)

    async def _ask(self, node: Node, *command: Any) -> Any:
        (reply,) = accepted(await node.ask([command], self._keyspace.admin_s))
        return reply


def _account(told: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in told.decode().splitlines() if not line.startswith("#"))
    return {name: value for name, mark, value in lines if mark}


def _stream(entries: int, first: list[Any], last: list[Any]) -> StreamVitals:
    if not last:
        return StreamVitals(entries, None, None, "")
    newest = last[0][0].decode()
    return StreamVitals(entries, seconds_of(first[0][0].decode()), seconds_of(newest), newest)
