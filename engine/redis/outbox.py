"""Messages to be sent, in Redis: with their customers, and by when something is due in each partition."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from engine.ids import CustomerKey
from engine.keys import Partition
from engine.redis.keyspace import Keyspace, accepted, subject, unexpected
from engine.store import StoreUnavailable
from engine.triggers.message import PENDING, READY, REPLACED, WITHDRAWN, Message, Name, PushRecord, pack_push
from engine.triggers.store import Claimed, Held, Start

_AT_ONCE = 32
_START = struct.Struct("<dHI")
_LENGTH = struct.Struct("<H")


class RedisOutbox:
    """Obeys engine/triggers/store.py, over the bulk connections."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def due_work(self, now: float, most: int) -> tuple[Held, ...]:
        return await self._due(lambda one: one.outbox, now, most)

    async def due_ready(self, channel: str, now: float, most: int) -> tuple[Held, ...]:
        return await self._due(lambda one: one.outbox_of(channel), now, most)

    async def _due(self, key: Callable[[Partition], bytes], now: float, most: int) -> tuple[Held, ...]:
        """In parts, so that no decision waits behind all partitions at once."""
        partitions, found = self._keyspace.partitions, list[Held]()
        for start in range(0, len(partitions), _AT_ONCE):
            part = partitions[start : start + _AT_ONCE]
            asked = [(one.slot, ("ZRANGEBYSCORE", key(one), "-inf", now, "LIMIT", 0, most)) for one in part]
            found += [_held(member) for reply in await self._ask(asked) for member in reply]
        return tuple(found)

    async def claim_work(self, held: Held, now: float, until: float) -> Claimed | None:
        partition = self._keyspace.of(held.customer)
        return await self._claim(held, partition.outbox, (now, until, PENDING + READY + WITHDRAWN + REPLACED))

    async def claim_ready(self, held: Held, now: float, until: float) -> Claimed | None:
        partition = self._keyspace.of(held.customer)
        return await self._claim(held, partition.outbox_of(held.name.channel), (now, until, READY))

    async def _claim(self, held: Held, due: bytes, how: tuple[float, float, str]) -> Claimed | None:
        own = self._keyspace.of(held.customer).messages_of(held.customer)
        found = await self._run(held, "claim", [own, due], _member(held), held.name.text(), *how)
        return Claimed(held, chr(found[0][0]), _message(found[0][1:])) if found else None

    async def of(self, customer: CustomerKey) -> tuple[Claimed, ...]:
        return tuple(
            Claimed(Held(customer, Name.of(name.decode())), chr(value[0]), _message(value[1:]))
            for name, value, *_ in await self._all(customer)
        )

    async def _all(self, customer: CustomerKey) -> Any:
        there = self._keyspace.of(customer)
        named = [there.messages_of(customer), there.outbox]
        return await self._run(Held(customer, Name("", "", "", "")), "messages", named, subject(customer))

    async def keep(self, claimed: Claimed, work_at: float, ready_at: float | None) -> bool:
        held = claimed.held
        states = PENDING if claimed.state == READY and ready_at is not None else ""
        value = claimed.state.encode() + claimed.message.pack()
        times = (work_at, "" if ready_at is None else ready_at)
        how = (_member(held), held.name.text(), states + claimed.state, value, *times)
        return bool((await self._run(held, "keep_message", self._keys(held), *how))[0])

    async def drop(self, held: Held, states: str, record: PushRecord) -> bool:
        partition = self._keyspace.of(held.customer)
        named = [*self._keys(held), partition.log, partition.writers]
        who = (_member(held), held.name.text(), states, self._keyspace.writer, subject(held.customer))
        return bool((await self._run(held, "drop_message", named, *who, record.message_id, pack_push(record)))[0])

    async def move(self, visitor: CustomerKey, customer: CustomerKey) -> None:
        """What is to be sent to a visitor goes to the customer; may be repeated."""
        there = self._keyspace.of(visitor)
        named = [there.messages_of(visitor), there.outbox]
        found = await self._all(visitor)
        for name, value, work_at, ready_at in found:
            held = Held(customer, Name.of(name.decode()))
            await self._run(held, "move_message", self._keys(held), _member(held), name, value, work_at, ready_at)
        if found:
            await self._run(Held(visitor, Name("", "", "", "")), "forget_messages", named, subject(visitor))

    def _keys(self, held: Held) -> list[bytes]:
        partition = self._keyspace.of(held.customer)
        return [partition.messages_of(held.customer), partition.outbox, partition.outbox_of(held.name.channel)]

    async def _run(self, held: Held, function: str, named: list[bytes], *arguments: Any) -> Any:
        command = self._keyspace.functions.library.call(function, named, *arguments)
        return (await self._ask([(self._keyspace.of(held.customer).slot, command)]))[0]

    async def _ask(self, commands: Sequence[tuple[int, Any]]) -> Any:
        return accepted(await self._keyspace.functions.run_each(commands, self._keyspace.admin_s))


def pack_starts(starts: Iterable[Start]) -> bytes:
    """What an event starts, as the store's functions read it."""
    return b"".join(map(_pack_start, starts))


def pack_withdraws(triggers: Iterable[str]) -> bytes:
    """The triggers whose messages an event takes back, as the store's functions read them."""
    return b"".join(_LENGTH.pack(len(name := one.encode())) + name for one in triggers)


def _pack_start(start: Start) -> bytes:
    name, message = start.name.text().encode(), start.message.pack()
    return _START.pack(start.due, len(name), len(message)) + name + message


def _member(held: Held) -> bytes:
    return subject(held.customer) + b"\0" + held.name.text().encode()


def _held(member: bytes) -> Held:
    try:
        tenant, customer, name = member.decode().split("\0", 2)
        return Held(CustomerKey(tenant, customer), Name.of(name))
    except (ValueError, TypeError) as error:
        raise unexpected(member) from error


def _message(packed: bytes) -> Message:
    try:
        return Message.unpack(packed)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise StoreUnavailable("unreadable", f"a message: {error}") from error
