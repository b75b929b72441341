"""The functions that the store runs: one Lua library, put together from engine/redis/lua and loaded on every master.

Library and functions carry a digest of the code in their names: two versions of Befit use one store side by side, and
a changed function is another function.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import hiredis

from engine.redis.node import Node
from engine.redis.refusals import function_missing, unavailable
from engine.redis.topology import Topology
from engine.redis.wire import Command, Replies

PARTS = (
    "contacts",
    "log",
    "slate",
    "windows",
    "commit",
    "void",
    "outcome",
    "consent",
    "lift",
    "realtime",
    "outbox",
    "link",
    "erase",
    "alerts",
    "parked",
    "events",
    "facts",
    "activate",
    "limits",
)


class Library:
    """The code and the names it registers."""

    def __init__(self) -> None:
        folder = files("engine.redis") / "lua"
        body = "\n".join((folder / f"{part}.lua").read_text(encoding="utf-8") for part in PARTS)
        self.digest = hashlib.sha256(body.encode()).hexdigest()[:12]
        self.name = f"befit_{self.digest}"
        register = f"local function register(name, body) redis.register_function('{self.name}_' .. name, body) end\n"
        self.code = f"#!lua name={self.name}\n{register}{body}"

    def call(self, function: str, keys: list[bytes], *arguments: Any) -> Command:
        """The command that runs a function of the library."""
        return ("FCALL", f"{self.name}_{function}", len(keys), *keys, *arguments)


class Functions:
    """Runs the library's functions where their keys are; loads the library where it is missing, once per call."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self.library = Library()

    async def load(self, timeout_s: float) -> None:
        """Load the library on every master. Raises StoreUnavailable."""
        await asyncio.gather(*(self._load_on(node, timeout_s) for node in self._topology.masters))

    async def run(self, slot: int, command: Command, timeout_s: float) -> Any:
        """The reply of one call made by `Library.call`. Raises StoreUnavailable."""
        (reply,) = await self._topology.ask(slot, (command,), timeout_s)
        if isinstance(reply, hiredis.ReplyError) and function_missing(reply):
            await self.load(timeout_s)
            (reply,) = await self._topology.ask(slot, (command,), timeout_s)
        if isinstance(reply, hiredis.ReplyError):
            raise unavailable(reply)
        return reply

    async def run_each(self, commands: Sequence[tuple[int, Command]], timeout_s: float) -> Replies:
        """The replies to commands of any slots, calls among them; all are sent again where the library was missing.

        Raises StoreUnavailable.
        """
        replies = await self._topology.ask_each(commands, timeout_s)
        if any(isinstance(reply, hiredis.ReplyError) and function_missing(reply) for reply in replies):
            await self.load(timeout_s)
            replies = await self._topology.ask_each(commands, timeout_s)
        return replies

    async def _load_on(self, node: Node, timeout_s: float) -> None:
        (reply,) = await node.ask([("FUNCTION", "LOAD", self.library.code)], timeout_s)
        if isinstance(reply, hiredis.ReplyError) and "already exists" not in str(reply):
            raise unavailable(reply)
