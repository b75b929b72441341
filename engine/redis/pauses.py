"""Pauses lifted in Redis: where the customer is now, also when a visitor was merged into it."""

from __future__ import annotations

import struct

from engine.ids import CustomerKey
from engine.pauses.store import Lifted, LiftWrite
from engine.redis.keyspace import Keyspace, subject, unexpected
from engine.standing import PAUSE
from engine.store import StoreUnavailable

_ID = struct.Struct("<I")
_MERGES = 4


class RedisPauses:
    """Obeys engine/pauses/store.py."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def lift(self, write: LiftWrite) -> tuple[Lifted, ...]:
        """As PauseStore.lift; one more round trip for each merge."""
        customer = write.customer
        for _ in range(_MERGES):
            partition = self._keyspace.of(customer)
            named = [partition.customer(customer), partition.log, partition.writers]
            about = [b"" if one is None else _ID.pack(one) for one in (write.action, write.cause)]
            how = (repr(write.now), self._keyspace.writer, subject(customer), write.record)
            match await self._keyspace.run(partition, "lift", named, write.lift_id, *about, *how):
                case [1, lifted]:
                    return tuple(PAUSE.iter_unpack(lifted))
                case [4, merged]:
                    customer = CustomerKey(customer.tenant, merged.decode())
                case answer:
                    raise unexpected(answer)
        raise StoreUnavailable("linked", "a chain of merged customers has no end")
