"""Events in Redis: entered once where the customer is, and what falls due found in every partition."""

from __future__ import annotations

import binascii
from typing import Any

from engine.events.change import EventWrite
from engine.events.realtime import ThingKind
from engine.events.store import Due, Note
from engine.ids import CustomerKey
from engine.keys import SWEEPER
from engine.redis.keyspace import Keyspace, accepted, subject, unexpected
from engine.redis.outbox import pack_starts, pack_withdraws
from engine.store import StoreUnavailable

_MERGES = 4
_AT_ONCE = 32


class RedisEvents:
    """Obeys engine/events/store.py."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def record(self, write: EventWrite) -> bool:
        """One round trip, and one more for each merge since the visitor was met."""
        customer, packed = write.customer, write.changes.packed()
        for _ in range(_MERGES):
            answer = await self._enter(customer, write, packed)
            if answer[0] != 4:
                return bool(answer[0] == 1)
            customer = CustomerKey(customer.tenant, answer[1].decode())
        raise StoreUnavailable("linked", "a chain of merged customers has no end")

    async def _enter(self, customer: CustomerKey, write: EventWrite, packed: tuple[bytes, bytes, bytes]) -> Any:
        partition = self._keyspace.of(customer)
        mark = partition.event(customer.tenant, write.event_id)
        named = [partition.customer(customer), mark, partition.log, partition.writers, partition.due]
        named += [partition.messages_of(customer), partition.outbox]
        what = (write.event_id, write.at, write.now, *packed)
        how = (self._keyspace.writer, subject(customer), write.record, self._keyspace.options.lifetimes.outcome_s)
        triggered = (pack_withdraws(write.withdraws), pack_starts(write.starts))
        return await self._run(partition.slot, "event", named, *what, *how, *triggered)

    async def note(self, note: Note) -> bool:
        partitions = self._keyspace.partitions
        partition = partitions[binascii.crc32(f"{note.tenant}\0\0{note.about}".encode()) % len(partitions)]
        named = [partition.event(note.tenant, note.event_id), partition.log, partition.writers]
        who = (note.event_id, self._keyspace.writer, f"{note.tenant}\0\0{note.about}")
        how = (note.record, self._keyspace.options.lifetimes.outcome_s)
        answer = await self._run(partition.slot, "note", named, *who, *how)
        return bool(answer[0])

    async def due(self, now: float, most: int) -> tuple[Due, ...]:
        """In parts, so that no decision waits behind all partitions at once."""
        partitions, found = self._keyspace.partitions, []
        asked = ("-inf", now, "WITHSCORES", "LIMIT", 0, most)
        for start in range(0, len(partitions), _AT_ONCE):
            part = partitions[start : start + _AT_ONCE]
            commands = [(one.slot, ("ZRANGEBYSCORE", one.due, *asked)) for one in part]
            for reply in accepted(await self._keyspace.functions.run_each(commands, self._keyspace.admin_s)):
                found += [_due(*pair) for pair in zip(reply[::2], reply[1::2], strict=True)]
        return tuple(found)

    async def settle(self, due: Due) -> None:
        partition = self._keyspace.of(due.customer)
        named = [partition.customer(due.customer), partition.due]
        key = bytes([due.kind]) + due.id.encode()
        await self._run(partition.slot, "settle", named, subject(due.customer), key, due.at)

    async def lead(self, milliseconds: int) -> bool:
        slot = self._keyspace.global_slot
        answer = await self._run(slot, "lead", [SWEEPER], self._keyspace.writer, milliseconds)
        return bool(answer[0])

    async def _run(self, slot: int, function: str, named: list[bytes], *arguments: Any) -> Any:
        """Over the bulk connections: a thousand events at once must keep no decision waiting."""
        functions = self._keyspace.functions
        command = functions.library.call(function, named, *arguments)
        return accepted(await functions.run_each([(slot, command)], self._keyspace.admin_s))[0]


def _due(member: bytes, score: bytes) -> Due:
    try:
        tenant, customer, thing = member[1:].decode().split("\0", 2)
        return Due(CustomerKey(tenant, customer), ThingKind(member[0]), thing, float(score))
    except ValueError as error:
        raise unexpected(member) from error
