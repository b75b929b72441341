"""The partitions of one store and how to reach them: what every part of the Redis store stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import hiredis

from engine.ids import DEFAULT_PARTITIONS, CustomerKey
from engine.keys import GLOBAL_TAG, PARTITIONS, Partition, slot
from engine.redis.functions import Functions
from engine.redis.node import LinkPlan
from engine.redis.refusals import unavailable
from engine.redis.topology import Topology
from engine.redis.url import parse
from engine.redis.wire import Command, Replies
from engine.store import StoreMismatch, StoreUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTimeouts:
    """The longest waits, ms: for a decision's reads and writes, and for all that no customer waits for."""

    read_ms: float = 5.0
    commit_ms: float = 20.0
    admin_ms: float = 5000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """How long the store remembers, s: slates, request ids, outcome ids; and what was offered, from the end of the
    window in which answers to it count."""

    slate_s: int = 72 * 3600
    request_s: int = 24 * 3600
    outcome_s: int = 72 * 3600
    note_s: int = 72 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """How a store is laid out and reached. `partitions` must agree with what the store was first opened with."""

    partitions: int = DEFAULT_PARTITIONS
    timeouts: StoreTimeouts = field(default_factory=StoreTimeouts)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    links: LinkPlan = field(default_factory=LinkPlan)


class Keyspace:
    """Partitions, the connections to them, the functions that write there. `writer` names who appends to the log."""

    def __init__(self, url: str, writer: str, options: StoreOptions) -> None:
        self.options = options
        self.writer = writer
        self.partitions = tuple(map(Partition, range(options.partitions)))
        self.topology = Topology(parse(url), options.links)
        self.functions = Functions(self.topology)
        self.global_slot = slot(GLOBAL_TAG)
        self.read_s = options.timeouts.read_ms / 1000
        self.commit_s = options.timeouts.commit_ms / 1000
        self.admin_s = options.timeouts.admin_ms / 1000

    def of(self, customer: CustomerKey) -> Partition:
        """Where the customer lives."""
        return self.partitions[customer.partition(len(self.partitions))]

    async def open(self) -> None:
        """Connect, agree on the number of partitions, load the functions; may be repeated until it succeeds.

        Raises StoreMismatch, StoreUnavailable.
        """
        await self.topology.close()
        try:
            await self.topology.open(self.admin_s)
            await self._agree()
            await self.functions.load(self.admin_s)
        except BaseException:
            await self.topology.close()
            raise

    async def _agree(self) -> None:
        command = ("SET", PARTITIONS, len(self.partitions), "NX", "GET")
        (found,) = await self.ask(self.global_slot, (command,), self.admin_s, bulk=True)
        if found is not None and found != b"%d" % len(self.partitions):
            raise StoreMismatch(f"the store was laid out with {found.decode()} partitions, not {len(self.partitions)}")

    async def ask(self, slot: int, commands: Sequence[Command], timeout_s: float, bulk: bool = False) -> Replies:
        """The replies to commands of one slot. Raises StoreUnavailable, also where one of them is refused."""
        return accepted(await self.topology.ask(slot, commands, timeout_s, bulk))

    async def run(self, partition: Partition, function: str, named: list[bytes], *arguments: Any) -> Any:
        """The reply of a function whose keys are `named`. Raises StoreUnavailable."""
        command = self.functions.library.call(function, named, *arguments)
        return await self.functions.run(partition.slot, command, self.commit_s)


def accepted(replies: Replies) -> Replies:
    """The replies, if none is an error. Raises StoreUnavailable."""
    for reply in replies:
        if isinstance(reply, hiredis.ReplyError):
            raise unavailable(reply)
    return replies


def subject(customer: CustomerKey) -> bytes:
    """How an entry of the log names whom it is about."""
    return f"{customer.tenant}\0{customer.customer}".encode()


def unexpected(reply: object) -> StoreUnavailable:
    """A function answered what this version does not know."""
    return StoreUnavailable("error", f"unexpected answer of a function: {reply!r:.80}")
