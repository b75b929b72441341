"""How commands get to the servers that hold their keys, following what moves in a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import hiredis

from engine.redis.node import LinkPlan, Node
from engine.redis.refusals import Remedy, refusal
from engine.redis.slots import SlotMap
from engine.redis.url import Endpoint, RedisUrl
from engine.redis.wire import Command, Replies
from engine.store import StoreUnavailable

_HOPS = 4


class Topology:
    """Asks; error replies that are no redirection are values here."""

    def __init__(self, url: RedisUrl, plan: LinkPlan) -> None:
        self._map = SlotMap(url, plan)
        self.open = self._map.open
        self.close = self._map.close

    @property
    def masters(self) -> tuple[Node, ...]:
        return self._map.masters

    async def ask(self, slot: int, commands: Sequence[Command], timeout_s: float, bulk: bool = False) -> Replies:
        """The replies to `commands`, whose keys are all in `slot`; one round trip unless the slot has moved.

        Raises StoreUnavailable.
        """
        packed = b"".join(map(hiredis.pack_command, commands))
        try:
            link = self._holder(slot).link(slot, bulk)
            replies = await link.ask(packed, len(commands), timeout_s)
        except StoreUnavailable:
            self._map.rediscover()
            raise
        for index, reply in enumerate(replies):
            if isinstance(reply, hiredis.ReplyError):
                replies[index] = await self._follow(slot, commands[index], reply, timeout_s)
        return replies

    async def ask_each(self, commands: Sequence[tuple[int, Command]], timeout_s: float) -> Replies:
        """The replies to commands of any slots, over the bulk connections: one round trip per node."""
        of_node: dict[Node, list[int]] = {}
        for index, (slot, _) in enumerate(commands):
            of_node.setdefault(self._holder(slot), []).append(index)
        replies: Replies = [None] * len(commands)

        async def ask_group(node: Node, indexes: list[int]) -> None:
            group = [commands[index][1] for index in indexes]
            for index, reply in zip(indexes, await node.ask(group, timeout_s), strict=True):
                redirected = isinstance(reply, hiredis.ReplyError)
                replies[index] = await self._follow(*commands[index], reply, timeout_s) if redirected else reply

        await asyncio.gather(*(ask_group(node, indexes) for node, indexes in of_node.items()))
        return replies

    def _holder(self, slot: int) -> Node:
        if not self._map.holders:
            raise StoreUnavailable("not-open")
        return self._map.holders[slot]

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
        """`redirection` is MOVED or ASK and what followed: the slot, then HOST:PORT, the host empty for the same."""
        word, place = redirection
        host, _, port = place.rpartition(" ")[2].rpartition(":")
        node = self._map.node(Endpoint(host or self._holder(slot).endpoint.host, int(port)))
        if word == "MOVED":
            self._map.holders[slot] = node
            self._map.rediscover()
        link = node.link(slot, bulk=False)
        await link.wait(timeout_s)
        asking = [("ASKING",)] if word == "ASK" else []
        packed = b"".join(map(hiredis.pack_command, (*asking, command)))
        return (await link.ask(packed, len(asking) + 1, timeout_s))[-1]

    def _mend(self, slot: int, error: hiredis.ReplyError) -> None:
        remedy = refusal(error).remedy
        if remedy is Remedy.RECONNECT:
            self._holder(slot).drop()
        if remedy is not Remedy.NONE:
            self._map.rediscover()
