"""Which server holds which slot, and who the servers are: learned from any of them, learned anew when they move.

A lone server is a cluster of one whose slots never move.
"""

from __future__ import annotations

import asyncio

import hiredis

from engine.keys import SLOTS
from engine.redis.node import LinkPlan, Node
from engine.redis.refusals import unavailable
from engine.redis.url import Endpoint, RedisUrl
from engine.redis.wire import Replies
from engine.store import StoreUnavailable

_REDISCOVER_S = 0.2


class SlotMap:
    """`holders[slot]` is the node that holds the slot; empty until opened."""

    def __init__(self, url: RedisUrl, plan: LinkPlan) -> None:
        self._url = url
        self._plan = plan
        self._nodes: dict[Endpoint, Node] = {}
        self._discovery: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._discovered_at = 0.0
        self._clustered = False
        self.holders: list[Node] = []

    @property
    def masters(self) -> tuple[Node, ...]:
        """The nodes that hold slots."""
        return tuple(dict.fromkeys(self.holders))

    async def open(self, timeout_s: float) -> None:
        """Connect to the first seed that answers, learn who holds what, connect to them. Raises StoreUnavailable."""
        refused = StoreUnavailable("disconnected")
        for endpoint in self._url.endpoints:
            seed = self.node(endpoint)
            try:
                await seed.wait(timeout_s)
                await self._learn(seed, timeout_s)
                await asyncio.gather(*(node.wait(timeout_s) for node in self.masters))
            except StoreUnavailable as unreachable:
                refused = unreachable
            else:
                return
        raise refused

    async def close(self) -> None:
        if self._discovery is not None:
            self._discovery.cancel()
            await asyncio.gather(self._discovery, return_exceptions=True)
        await asyncio.gather(*self._closing, *(node.close() for node in self._nodes.values()))
        self._nodes.clear()
        self.holders = []

    def node(self, endpoint: Endpoint) -> Node:
        """The node there; one that was not known begins to connect."""
        if endpoint not in self._nodes:
            self._nodes[endpoint] = Node(endpoint, self._url.access, self._plan)
        return self._nodes[endpoint]

    def rediscover(self) -> None:
        """Learn the cluster anew in the background, not more often than every 0.2 s."""
        loop = asyncio.get_running_loop()
        idle = self._discovery is None or self._discovery.done()
        if self._clustered and idle and loop.time() - self._discovered_at > _REDISCOVER_S:
            self._discovered_at = loop.time()
            self._discovery = loop.create_task(self._discover())

    async def _discover(self) -> None:
        for node in (*self._nodes.values(), *map(self.node, self._url.endpoints)):
            try:
                await self._learn(node, self._plan.limits.connect_ms / 1000)
            except StoreUnavailable:
                continue
            else:
                return

    async def _learn(self, node: Node, timeout_s: float) -> None:
        """Who holds which slot, as `node` sees it. Raises StoreUnavailable."""
        enabled, ranges = await node.ask([("INFO", "cluster"), ("CLUSTER", "SLOTS")], timeout_s)
        if isinstance(enabled, hiredis.ReplyError):
            raise unavailable(enabled)
        self._clustered = b"cluster_enabled:1" in enabled
        if not self._clustered:
            self.holders = [node] * SLOTS
        elif isinstance(ranges, hiredis.ReplyError):
            raise unavailable(ranges)
        else:
            self._assign(node, ranges)
        self._retire()

    def _assign(self, source: Node, ranges: Replies) -> None:
        """Slots that nobody holds now stay with whom they were: that node says what is wrong."""
        holders = list(self.holders) or [source] * SLOTS
        for first, last, master, *_ in ranges:
            host = (master[0] or b"").decode() or source.endpoint.host
            holders[first : last + 1] = [self.node(Endpoint(host, master[1]))] * (last - first + 1)
        self.holders = holders

    def _retire(self) -> None:
        """Close the connections to nodes that hold nothing (any more)."""
        masters = {node.endpoint for node in self.masters}
        for endpoint in self._nodes.keys() - masters:
            closing = asyncio.get_running_loop().create_task(self._nodes.pop(endpoint).close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
