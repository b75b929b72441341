"""Visitors become customers, and customers are forgotten: what crosses slots and so takes several round trips."""

from __future__ import annotations

from typing import Any

import orjson

from engine.ids import CustomerKey
from engine.keys import Partition
from engine.redis.alerts import RedisAlerts
from engine.redis.keyspace import Keyspace, subject
from engine.redis.log import RedisLog
from engine.redis.outbox import RedisOutbox
from engine.store import StoreUnavailable
from engine.stored import read_entry, read_subject

_LONGEST_LEDGER = 4096  # as a policy may declare; the next commit cuts the merged one to what the policy does
_ATTEMPTS = 5  # of folding again what came in while it was folded
_HOPS = 4  # from a customer who was merged to the one who stands for both


class RedisIdentity:
    """Raises StoreUnavailable."""

    def __init__(self, keyspace: Keyspace, log: RedisLog, alerts: RedisAlerts, outbox: RedisOutbox) -> None:
        self._keyspace = keyspace
        self._outbox = outbox
        self._log = log
        self._alerts = alerts

    async def link(self, visitor: CustomerKey, customer: CustomerKey) -> bool:
        """Fold, then mark: a crash in between leaves a visitor to be folded again, which changes nothing.

        What the visitor does in between is folded too, since `mark` refuses when the visitor has changed. False also
        for two tenants and where the customer was merged into the visitor.
        """
        if visitor.tenant != customer.tenant:
            return False
        customer = await self._root(customer)
        if visitor == customer:
            return False
        *said, linked = await self._read(visitor, "h", "s", "k", "r", "l")
        for _ in range(_ATTEMPTS):
            if linked is not None:
                return await self._moved(visitor, customer)
            said = [field or b"" for field in said]
            await self._fold(visitor, customer, said)
            answer = await self._mark(visitor, customer, said)
            if answer[0] == 1:
                return await self._moved(visitor, customer)
            linked, said = (answer[1], said) if answer[0] == 4 else (None, answer[1:])
        raise StoreUnavailable("contended", "the visitor changes faster than it can be merged")

    async def _moved(self, visitor: CustomerKey, customer: CustomerKey) -> bool:
        """Whether the visitor is the customer now; then what is to be sent to either is sent to the customer."""
        if await self._root(visitor) != customer:
            return False
        await self._outbox.move(visitor, customer)
        return True

    async def _root(self, customer: CustomerKey) -> CustomerKey:
        for _ in range(_HOPS):
            (linked,) = await self._read(customer, "l")
            if linked is None:
                return customer
            customer = CustomerKey(customer.tenant, linked.decode())
        raise StoreUnavailable("linked", "a chain of merged customers has no end")

    async def _read(self, customer: CustomerKey, *fields: str) -> list[bytes | None]:
        partition = self._keyspace.of(customer)
        command = ("HMGET", partition.customer(customer), *fields)
        (found,) = await self._keyspace.ask(partition.slot, (command,), self._keyspace.read_s)
        return list(found)

    async def _fold(self, visitor: CustomerKey, customer: CustomerKey, said: list[Any]) -> None:
        partition = self._keyspace.of(customer)
        named = [partition.customer(customer), partition.due]
        whom = (_LONGEST_LEDGER, subject(customer))
        answer = await self._keyspace.run(partition, "fold", named, visitor.customer, *said, *whom)
        if answer[0] != 1:
            raise StoreUnavailable("linked", "the customer was merged into another meanwhile")

    async def _mark(self, visitor: CustomerKey, customer: CustomerKey, said: list[Any]) -> Any:
        partition = self._keyspace.of(visitor)
        named = [partition.customer(visitor), partition.due, partition.log, partition.writers]
        record = {"tenant": visitor.tenant, "visitor": visitor.customer, "customer": customer.customer}
        who = (visitor.customer, customer.customer)
        writer = (self._keyspace.writer, subject(visitor), orjson.dumps(record))
        return await self._keyspace.run(partition, "mark", named, *who, *said, *writer)

    async def erase(self, customer: CustomerKey) -> None:
        """The hash, the slates, the log's entries and the alerts of the customer and of all visitors merged into it.

        Slates whose entries the log no longer has are gone after their lifetime. May be repeated.
        """
        (visitors,) = await self._read(customer, "a")
        for visitor in orjson.loads(visitors or b"[]"):
            await self.erase(CustomerKey(customer.tenant, visitor))
        partition, about = self._keyspace.of(customer), subject(customer)
        async for page in self._log.pages(partition):
            matching = [entry for entry in page if read_subject(entry) == about]
            await self._forget(partition, customer, matching)
        await self._forget(partition, customer, [])
        await self._alerts.forget(customer)

    async def _forget(self, partition: Partition, customer: CustomerKey, matching: list[Any]) -> None:
        entries = [entry for entry in map(read_entry, matching) if entry.kind != "erase"]
        if matching and not entries:
            return
        slates = [partition.decision(entry.id) for entry in entries if entry.kind == "decision"]
        own = [partition.windows_of(customer), partition.windows, partition.messages_of(customer), partition.outbox]
        named = [partition.customer(customer), partition.log, partition.writers, partition.due, *own, *slates]
        removed = [[entry.writer, entry.sequence] for entry in entries]
        record = {"tenant": customer.tenant, "customer": customer.customer, "removed": removed}
        about = (subject(customer), customer.customer, self._keyspace.writer, orjson.dumps(record), partition.notes)
        await self._keyspace.run(partition, "erase", named, *about, *(entry.stream_id for entry in entries))
