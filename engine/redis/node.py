"""One server and the connections to it.

`hot` connections are for decisions and one `bulk` connection for what is long, so that a page of the log never stands
before a decision. All commands of one slot use the same hot connection and so keep their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import hiredis

from engine.redis.link import Link, LinkLimits
from engine.redis.url import Access, Endpoint
from engine.redis.wire import Command, Replies, WireLimits


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """`hot` connections to each node; times of both kinds. `bulk` commands may take long: they stall later."""

    hot: int = 1
    limits: LinkLimits = field(default_factory=LinkLimits)
    bulk_stall_ms: float = 10_000.0


class Node:
    """One server and its connections."""

    def __init__(self, endpoint: Endpoint, access: Access, plan: LinkPlan) -> None:
        self.endpoint = endpoint
        self.hot = tuple(Link(endpoint, access, plan.limits) for _ in range(plan.hot))
        patient = replace(plan.limits, wire=WireLimits(stall_ms=plan.bulk_stall_ms))
        self.bulk = Link(endpoint, access, patient)
        for link in (*self.hot, self.bulk):
            link.start()

    def link(self, slot: int, bulk: bool) -> Link:
        return self.bulk if bulk else self.hot[slot % len(self.hot)]

    async def ask(self, commands: Sequence[Command], timeout_s: float) -> Replies:
        """The replies of this very node, over its bulk connection. Raises StoreUnavailable."""
        return await self.bulk.ask(b"".join(map(hiredis.pack_command, commands)), len(commands), timeout_s)

    async def wait(self, timeout_s: float) -> None:
        """Return once every connection stands. Raises StoreUnavailable."""
        await asyncio.gather(*(link.wait(timeout_s) for link in (*self.hot, self.bulk)))

    def drop(self) -> None:
        for link in (*self.hot, self.bulk):
            link.drop()

    async def close(self) -> None:
        for link in (*self.hot, self.bulk):
            await link.close()
