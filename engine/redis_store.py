"""The Store in Redis or Valkey: every method one round trip to the customer's partition, writes by the functions.

Nothing here reads a clock: times come in with the values. See engine/store.py for what every method promises.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Sequence
from typing import Any

from engine.claims import pack_claims, pack_pause_claims
from engine.ids import CustomerKey, partition_of
from engine.redis_identity import RedisIdentity
from engine.redis_keyspace import Keyspace, StoreOptions, accepted, subject, unexpected
from engine.redis_log import RedisLog
from engine.redis_settings import RedisSettings
from engine.store import (
    ClaimLost,
    CommitRequest,
    CommitResult,
    Committed,
    CustomerWrite,
    Duplicate,
    LogEntry,
    OutcomeWrite,
    Profile,
    Settings,
    StoredSlate,
    StoreUnavailable,
)
from engine.stored import read_indexes, read_kept, read_request
from rules.ledger import stable_id

PROFILE_FIELDS = ("v", "r", "h", "s", "k", "t", "l")
_DECISION = struct.Struct("<I")
_TOLD = struct.Struct("<IIBBHd")
_MERGES = 4  # how far an outcome follows a visitor who was merged, and that customer, and so on


class RedisStore:
    """`writer` names this process in the log; it must be unique among all that write at the same time."""

    def __init__(self, url: str, writer: str, options: StoreOptions | None = None) -> None:
        self._keyspace = Keyspace(url, writer, options or StoreOptions())
        self._settings = RedisSettings(self._keyspace)
        self._log = RedisLog(self._keyspace)
        self._identity = RedisIdentity(self._keyspace, self._log)

    async def open(self) -> None:
        await self._keyspace.open()

    async def close(self) -> None:
        await self._keyspace.topology.close()

    async def read_profile(self, customer: CustomerKey, request_id: str) -> Profile:
        partition = self._keyspace.of(customer)
        hash_read = ("HMGET", partition.customer(customer), *PROFILE_FIELDS)
        if not request_id:
            (fields,) = await self._keyspace.ask(partition.slot, (hash_read,), self._keyspace.read_s)
            return Profile(*fields)
        request_read = ("GET", partition.request(customer, request_id))
        fields, earlier = await self._keyspace.ask(partition.slot, (hash_read, request_read), self._keyspace.read_s)
        return Profile(*(*fields, read_request(earlier) if earlier else None))

    async def commit(self, request: CommitRequest) -> CommitResult:
        """Raises StoreUnavailable also with "voided" (the id is dead) and "linked" (a visitor just merged): the
        decision is not written."""
        partition, lifetimes = self._keyspace.of(request.customer), self._keyspace.options.lifetimes
        named = [
            partition.customer(request.customer),
            partition.decision(request.decision_id),
            partition.log,
            partition.writers,
        ]
        if request.request_id:
            named.append(partition.request(request.customer, request.request_id))
        answer = await self._keyspace.run(
            partition,
            "commit",
            named,
            request.decision_id,
            self._keyspace.writer,
            subject(request.customer),
            request.digest,
            b"".join(request.contacts),
            pack_claims(request.claims),
            request.slate,
            request.record,
            request.tier or b"",
            int(request.take),
            request.ledger_length,
            lifetimes.slate_s,
            lifetimes.request_s,
        )
        return _commit_result(answer)

    async def void(self, customer: CustomerKey, decision_id: str) -> None:
        for _ in range(_MERGES):
            partition = self._keyspace.of(customer)
            named = [
                partition.customer(customer),
                partition.decision(decision_id),
                partition.log,
                partition.writers,
            ]
            answer = await self._keyspace.run(
                partition,
                "void",
                named,
                decision_id,
                _DECISION.pack(stable_id(decision_id)),
                self._keyspace.writer,
                subject(customer),
                self._keyspace.options.lifetimes.slate_s,
            )
            if answer[0] == 1:
                return
            customer = CustomerKey(customer.tenant, answer[1].decode())

    async def read_slate(self, decision_id: str) -> StoredSlate | None:
        number = partition_of(decision_id)
        if number is None or number >= len(self._keyspace.partitions):
            return None
        partition = self._keyspace.partitions[number]
        command = ("GET", partition.decision(decision_id))
        (kept,) = await self._keyspace.ask(partition.slot, (command,), self._keyspace.read_s)
        return read_kept(kept)[0] if kept else None

    async def record_outcome(self, write: OutcomeWrite) -> bool:
        customer = write.customer
        told = _TOLD.pack(
            write.action, stable_id(write.decision_id), write.outcome, int(write.seen), write.reason, write.at
        )
        claims = pack_pause_claims(write.pauses)
        for _ in range(_MERGES):
            answer = await self._enter_outcome(customer, write, told, claims)
            if answer[0] != 4:
                return bool(answer[0] == 1)
            customer = CustomerKey(customer.tenant, answer[1].decode())
        raise StoreUnavailable("linked", "a chain of merged customers has no end")

    async def _enter_outcome(self, customer: CustomerKey, write: OutcomeWrite, told: bytes, claims: bytes) -> Any:
        partition = self._keyspace.of(customer)
        named = [
            partition.customer(customer),
            partition.outcome(customer.tenant, write.outcome_id),
            partition.log,
            partition.writers,
        ]
        return await self._keyspace.run(
            partition,
            "outcome",
            named,
            write.outcome_id,
            told,
            claims,
            self._keyspace.writer,
            subject(customer),
            write.record,
            self._keyspace.options.lifetimes.outcome_s,
        )

    async def put_customers(self, writes: Sequence[CustomerWrite]) -> None:
        commands = []
        for write in writes:
            partition = self._keyspace.of(write.customer)
            fields = [*(("v", write.vector) if write.vector is not None else ())]
            fields += [*(("k", write.consent) if write.consent is not None else ())]
            if fields:
                commands.append((partition.slot, ("HSET", partition.customer(write.customer), *fields)))
        accepted(await self._keyspace.topology.ask_each(commands, self._keyspace.admin_s))

    async def link(self, visitor: CustomerKey, customer: CustomerKey) -> bool:
        return await self._identity.link(visitor, customer)

    async def erase(self, customer: CustomerKey) -> None:
        await self._identity.erase(customer)

    async def read_record(self, decision_id: str) -> LogEntry | None:
        return await self._log.read_record(decision_id)

    def read_log(self, partition: int, after: str = "0") -> AsyncIterator[LogEntry]:
        return self._log.read(partition, after)

    async def read_settings(self) -> Settings:
        return await self._settings.read()

    async def stop_action(self, action: str, stopped: bool) -> None:
        await self._settings.stop_action(action, stopped)

    async def keep_schema(self, hash_hex: str, schema: bytes) -> None:
        await self._settings.keep_schema(hash_hex, schema)

    async def keep_revision(self, name: str, revision: str) -> None:
        await self._settings.keep_revision(name, revision)


def _commit_result(answer: Any) -> CommitResult:
    match answer:
        case [0, dropped]:
            return Committed(read_indexes(dropped))
        case [1, request, kept]:
            earlier = read_request(request)
            return Duplicate(earlier.digest, earlier.decision_id, read_kept(kept)[0] if kept else None)
        case [2, contacts, pauses]:
            return ClaimLost(contacts, pauses)
        case [3]:
            raise StoreUnavailable("voided", "the decision was voided before it was committed")
        case [4, customer]:
            raise StoreUnavailable("linked", f"the visitor was merged into {customer.decode()}")
        case _:
            raise unexpected(answer)
