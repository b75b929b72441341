"""Outcomes in Redis: entered once, where the contact is now, also when its visitor was merged into a customer."""

from __future__ import annotations

import struct
from typing import Any

from engine.claims import pack_pause_claims
from engine.ids import CustomerKey
from engine.redis.keyspace import Keyspace, subject
from engine.store import OutcomeWrite, StoreUnavailable
from rules.ledger import stable_id

_TOLD = struct.Struct("<IIBBHd")
_MERGES = 4


class RedisOutcomes:
    """Raises StoreUnavailable."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def record(self, write: OutcomeWrite) -> bool:
        """As Store.record_outcome; one more round trip for each merge since the decision."""
        decision = stable_id(write.decision_id)
        told = _TOLD.pack(write.action, decision, write.outcome, int(write.seen), write.reason, write.at)
        claims = pack_pause_claims(write.pauses)
        customer = write.customer
        for _ in range(_MERGES):
            answer = await self._enter(customer, write, told, claims)
            if answer[0] != 4:
                return bool(answer[0] == 1)
            customer = CustomerKey(customer.tenant, answer[1].decode())
        raise StoreUnavailable("linked", "a chain of merged customers has no end")

    async def _enter(self, customer: CustomerKey, write: OutcomeWrite, told: bytes, claims: bytes) -> Any:
        partition = self._keyspace.of(customer)
        outcome_key = partition.outcome(customer.tenant, write.outcome_id)
        named = [partition.customer(customer), outcome_key, partition.log, partition.writers]
        what = (write.outcome_id, told, claims)
        how = (self._keyspace.writer, subject(customer), write.record, self._keyspace.options.lifetimes.outcome_s)
        return await self._keyspace.run(partition, "outcome", named, *what, *how)
