"""Which server holds which slot, and how a command gets there: one server, or a cluster whose moves are followed.

Every node has `hot` connections for decisions and one `bulk` connection for what is long, so that a page of the log
never stands before a decision. All commands of one slot use the same hot connection and so keep their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import hiredis

from engine.keys import SLOTS
from engine.redis_link import Link, LinkLimits
from engine.redis_refusals import Remedy, refusal, unavailable
from engine.redis_url import Access, Endpoint, RedisUrl
from engine.redis_wire import Command, Replies, WireLimits
from engine.store import StoreUnavailable

_HOPS = 4
_REDISCOVER_S = 0.2


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

    async def wait(self, timeout_s: float) -> None:
        """Return once every connection stands. Raises StoreUnavailable."""
        await asyncio.gather(*(link.wait(timeout_s) for link in (*self.hot, self.bulk)))

    def drop(self) -> None:
        for link in (*self.hot, self.bulk):
            link.drop()

    async def close(self) -> None:
        for link in (*self.hot, self.bulk):
            await link.close()


class Topology:
    """Slots and nodes. A lone server is a cluster of one whose slots never move."""

    def __init__(self, url: RedisUrl, plan: LinkPlan) -> None:
        self._url = url
        self._plan = plan
        self._nodes: dict[Endpoint, Node] = {}
        self._slots: list[Node] = []
        self._discovery: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._discovered_at = 0.0
        self.clustered = False

    @property
    def masters(self) -> tuple[Node, ...]:
        """The nodes that hold slots."""
        return tuple(dict.fromkeys(self._slots))

    async def open(self, timeout_s: float) -> None:
        """Connect to the first seed that answers and learn who holds what. Raises StoreUnavailable; may be repeated."""
        refused = StoreUnavailable("disconnected")
        for endpoint in self._url.endpoints:
            seed = self._node(endpoint)
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
        self._slots = []

    async def ask(self, slot: int, commands: Sequence[Command], timeout_s: float, bulk: bool = False) -> Replies:
        """The replies to `commands`, whose keys are all in `slot`; one round trip unless the slot has moved.

        Error replies that are no redirection stay in the list. Raises StoreUnavailable.
        """
        if not self._slots:
            raise StoreUnavailable("not-open")
        packed = b"".join(map(hiredis.pack_command, commands))
        link = self._slots[slot].link(slot, bulk)
        try:
            replies = await link.ask(packed, len(commands), timeout_s)
        except StoreUnavailable:
            self._rediscover()
            raise
        for index, reply in enumerate(replies):
            if isinstance(reply, hiredis.ReplyError):
                replies[index] = await self._follow(slot, commands[index], reply, timeout_s)
        return replies

    async def ask_each(self, commands: Sequence[tuple[int, Command]], timeout_s: float) -> Replies:
        """The replies to commands of any slots, over the bulk connections: one round trip per node."""
        if not self._slots:
            raise StoreUnavailable("not-open")
        of_node: dict[Node, list[int]] = {}
        for index, (slot, _) in enumerate(commands):
            of_node.setdefault(self._slots[slot], []).append(index)
        replies: Replies = [None] * len(commands)

        async def ask_group(node: Node, indexes: list[int]) -> None:
            group = [commands[index][1] for index in indexes]
            for index, reply in zip(indexes, await self.ask_node(node, group, timeout_s), strict=True):
                redirected = isinstance(reply, hiredis.ReplyError)
                replies[index] = await self._follow(*commands[index], reply, timeout_s) if redirected else reply

        await asyncio.gather(*(ask_group(node, indexes) for node, indexes in of_node.items()))
        return replies

    async def ask_node(self, node: Node, commands: Sequence[Command], timeout_s: float) -> Replies:
        """The replies of this very node, over its bulk connection. Raises StoreUnavailable."""
        return await node.bulk.ask(b"".join(map(hiredis.pack_command, commands)), len(commands), timeout_s)

    async def _follow(self, slot: int, command: Command, error: hiredis.ReplyError, timeout_s: float) -> Any:
        """Go where MOVED and ASK point to; the reply found there, or an error reply that is no redirection."""
        reply: Any = error
        for _ in range(_HOPS):
            if not isinstance(reply, hiredis.ReplyError):
                return reply
            word, _, place = str(reply).partition(" ")
            if word not in ("MOVED", "ASK"):
                break
            reply = await self._ask_elsewhere(slot, command, (word, place), timeout_s)
        if isinstance(reply, hiredis.ReplyError):
            self._mend(slot, reply)
        return reply

    async def _ask_elsewhere(self, slot: int, command: Command, redirection: tuple[str, str], timeout_s: float) -> Any:
        word, place = redirection
        host, _, port = place.rpartition(" ")[2].rpartition(":")
        node = self._node(Endpoint(host or self._slots[slot].endpoint.host, int(port)))
        if word == "MOVED":
            self._slots[slot] = node
            self._rediscover()
        link = node.link(slot, bulk=False)
        await link.wait(timeout_s)
        asking = [("ASKING",)] if word == "ASK" else []
        packed = b"".join(map(hiredis.pack_command, (*asking, command)))
        return (await link.ask(packed, len(asking) + 1, timeout_s))[-1]

    def _mend(self, slot: int, error: hiredis.ReplyError) -> None:
        remedy = refusal(error).remedy
        if remedy is Remedy.RECONNECT:
            self._slots[slot].drop()
        if remedy is not Remedy.NONE:
            self._rediscover()

    def _rediscover(self) -> None:
        """Learn the topology anew in the background, not more often than every 0.2 s."""
        loop = asyncio.get_running_loop()
        idle = self._discovery is None or self._discovery.done()
        if self.clustered and idle and loop.time() - self._discovered_at > _REDISCOVER_S:
            self._discovered_at = loop.time()
            self._discovery = loop.create_task(self._discover())

    async def _discover(self) -> None:
        for node in (*self._nodes.values(), *map(self._node, self._url.endpoints)):
            try:
                await self._learn(node, self._plan.limits.connect_ms / 1000)
            except StoreUnavailable:
                continue
            else:
                return

    async def _learn(self, node: Node, timeout_s: float) -> None:
        """Who holds which slot, as `node` sees it."""
        (enabled,) = await self.ask_node(node, [("INFO", "cluster")], timeout_s)
        if isinstance(enabled, hiredis.ReplyError):
            raise unavailable(enabled)
        self.clustered = b"cluster_enabled:1" in enabled
        if not self.clustered:
            self._slots = [node] * SLOTS
            self._retire()
            return
        (ranges,) = await self.ask_node(node, [("CLUSTER", "SLOTS")], timeout_s)
        if isinstance(ranges, hiredis.ReplyError):
            raise unavailable(ranges)
        self._assign(node, ranges)

    def _assign(self, source: Node, ranges: Replies) -> None:
        slots = list(self._slots) or [source] * SLOTS
        for first, last, master, *_ in ranges:
            host = (master[0] or b"").decode() or source.endpoint.host
            slots[first : last + 1] = [self._node(Endpoint(host, master[1]))] * (last - first + 1)
        self._slots = slots
        self._retire()

    def _retire(self) -> None:
        """Close the connections to nodes that hold nothing (any more)."""
        masters = {node.endpoint for node in self.masters}
        for endpoint in self._nodes.keys() - masters:
            closing = asyncio.get_running_loop().create_task(self._nodes.pop(endpoint).close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _node(self, endpoint: Endpoint) -> Node:
        if endpoint not in self._nodes:
            self._nodes[endpoint] = Node(endpoint, self._url.access, self._plan)
        return self._nodes[endpoint]
