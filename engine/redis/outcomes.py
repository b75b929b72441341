"""Outcomes in Redis: entered once, where the contact is now, also when its visitor was merged into a customer."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

from engine.claims import pack_pause_claims
from engine.ids import CustomerKey, partition_of
from engine.outcomes.write import LateOutcome, OutcomeWrite
from engine.redis.keyspace import Keyspace, subject
from engine.store import StoreUnavailable
from rules.ledger import stable_id

_TOLD = struct.Struct("<IIBBHHd")
_ABOUT = struct.Struct("<II")
_MERGES = 4


class RedisOutcomes:
    """Raises StoreUnavailable."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def record(self, write: OutcomeWrite) -> bool:
        """As Store.record_outcome; one more round trip for each merge since the decision."""
        decision = stable_id(write.decision_id)
        said = (write.action, decision, write.outcome, int(write.seen), write.reason, write.own, write.at)
        packed = (_TOLD.pack(*said), pack_pause_claims(write.pauses))
        for _ in range(_MERGES):
            answer = await self._enter(write, packed)
            if answer[0] != 4:
                return bool(answer[0] == 1)
            write = _moved(write, *answer[1:])
        raise StoreUnavailable("linked", "a chain of merged customers has no end")

    async def settle_contact(self, customer: CustomerKey, decision_id: str, action: int) -> bool:
        """As Store.settle_contact; one more round trip for each merge since the decision."""
        about = _ABOUT.pack(action, stable_id(decision_id))
        for _ in range(_MERGES):
            partition = self._keyspace.of(customer)
            answer = await self._keyspace.run(partition, "settle_contact", [partition.customer(customer)], about)
            if answer[0] != 4:
                return bool(answer[0] == 1)
            customer = CustomerKey(customer.tenant, answer[1].decode())
        raise StoreUnavailable("linked", "a chain of merged customers has no end")

    async def record_late(self, late: LateOutcome) -> bool:
        """As Store.record_late: in the partition that the decision's id names."""
        number = partition_of(late.decision_id) or 0
        partition = self._keyspace.partitions[number % len(self._keyspace.partitions)]
        named = [partition.outcome(late.customer.tenant, late.outcome_id), partition.log, partition.writers]
        how = (self._keyspace.writer, subject(late.customer), late.record, self._keyspace.options.lifetimes.outcome_s)
        answer = await self._keyspace.run(partition, "late_outcome", named, late.outcome_id, *how)
        return bool(answer[0] == 1)

    async def _enter(self, write: OutcomeWrite, packed: tuple[bytes, bytes]) -> Any:
        customer, lifetimes = write.customer, self._keyspace.options.lifetimes
        partition = self._keyspace.of(customer)
        outcome_key = partition.outcome(customer.tenant, write.outcome_id)
        windows = partition.windows_of(customer)
        named = [partition.customer(customer), outcome_key, partition.log, partition.writers, windows]
        what = (write.outcome_id, *packed)
        how = (self._keyspace.writer, subject(customer), write.record, lifetimes.outcome_s)
        window = (write.window, int(write.ends_window), lifetimes.note_s, write.correcting)
        return await self._keyspace.run(partition, "outcome", named, *what, *how, *window)


def _moved(write: OutcomeWrite, customer: bytes, correcting: int) -> OutcomeWrite:
    """The outcome for the customer that its visitor was merged into; the window stays with the visitor."""
    record = write.correcting if correcting and write.correcting else write.record
    key = CustomerKey(write.customer.tenant, customer.decode())
    return replace(write, customer=key, record=record, window="", ends_window=False, correcting=b"")
