"""Decisions in Redis: the customer's hash and the request id in one read, the commit and the void in one function."""

from __future__ import annotations

import math
import struct
from typing import Any

from engine.claims import pack_claims
from engine.ids import CustomerKey, partition_of
from engine.keys import Partition
from engine.outcomes.write import Window
from engine.redis.keyspace import Keyspace, subject, unexpected
from engine.store import (
    ClaimLost,
    CommitRequest,
    CommitResult,
    Committed,
    Duplicate,
    Profile,
    StoredSlate,
    StoreUnavailable,
)
from engine.stored import read_indexes, read_kept, read_request
from rules.ledger import stable_id

PROFILE_FIELDS = ("v", "r", "h", "s", "k", "t", "l")
_DECISION = struct.Struct("<I")
_WINDOW = struct.Struct("<dH")
_MERGES = 4  # how far a void follows a visitor who was merged, and that customer, and so on


class RedisDecisions:
    """See engine/store.py. Raises StoreUnavailable."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

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
        """Raises StoreUnavailable also as "voided", when the id is dead, and as "linked", when a visitor was merged
        since the profile was read: nothing is written."""
        partition, lifetimes = self._keyspace.of(request.customer), self._keyspace.options.lifetimes
        named = _keys(partition, request.customer, request.decision_id)
        if request.request_id:
            named.append(partition.request(request.customer, request.request_id))
        windows = self._windows(request)
        who = (request.decision_id, self._keyspace.writer, subject(request.customer), request.digest)
        contacts = (b"".join(request.contacts), pack_claims(request.claims))
        how = (int(request.take), request.ledger_length, lifetimes.slate_s, lifetimes.request_s)
        written = (request.slate, request.record, request.tier or b"")
        return _result(await self._keyspace.run(partition, "commit", named, *who, *contacts, *written, *how, *windows))

    def _windows(self, request: CommitRequest) -> tuple[bytes, bytes, int]:
        """The windows of the contacts as bytes, and what is noted for as long as one of them may be open: nothing
        where the slate is kept for so long anyway."""
        if not request.windows:
            return b"", b"", 1
        lifetimes = self._keyspace.options.lifetimes
        longest = max(one.closes for one in request.windows) - request.at
        packed = b"".join(map(_pack_window, request.windows))
        if longest <= lifetimes.slate_s - lifetimes.note_s / 3:
            return packed, b"", 1
        return packed, request.note, math.ceil(longest) + lifetimes.note_s

    async def void(self, customer: CustomerKey, decision_id: str) -> None:
        packed = _DECISION.pack(stable_id(decision_id))
        for _ in range(_MERGES):
            partition = self._keyspace.of(customer)
            named = _keys(partition, customer, decision_id)
            how = (self._keyspace.writer, subject(customer), self._keyspace.options.lifetimes.slate_s)
            answer = await self._keyspace.run(partition, "void", named, decision_id, packed, *how)
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

    async def read_offered(self, decision_id: str) -> StoredSlate | None:
        """As read_slate, and from what is noted beyond its lifetime."""
        number = partition_of(decision_id)
        if number is None or number >= len(self._keyspace.partitions):
            return None
        partition = self._keyspace.partitions[number]
        command = ("MGET", partition.decision(decision_id), partition.note(decision_id))
        (found,) = await self._keyspace.ask(partition.slot, (command,), self._keyspace.read_s)
        kept = next((one for one in found if one), None)
        return read_kept(kept)[0] if kept else None


def _keys(partition: Partition, customer: CustomerKey, decision_id: str) -> list[bytes]:
    windows = (partition.windows_of(customer), partition.windows, partition.note(decision_id))
    return [partition.customer(customer), partition.decision(decision_id), partition.log, partition.writers, *windows]


def _pack_window(window: Window) -> bytes:
    named = window.action.encode()
    return _WINDOW.pack(window.closes, len(named)) + named


def _result(answer: Any) -> CommitResult:
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
