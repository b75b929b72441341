"""Customers written to Redis in bulk: fields set as they are, changes of consent merged where the record is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.redis.keyspace import Keyspace, accepted
from engine.redis.wire import Command
from engine.store import CustomerWrite


async def put_customers(keyspace: Keyspace, writes: Sequence[CustomerWrite]) -> None:
    """One round trip per node. Raises StoreUnavailable; what was written before may be written again."""
    commands = [(keyspace.of(write.customer).slot, one) for write in writes for one in _commands(keyspace, write)]
    accepted(await keyspace.functions.run_each(commands, keyspace.admin_s))


def _commands(keyspace: Keyspace, write: CustomerWrite) -> Iterator[Command]:
    key = keyspace.of(write.customer).customer(write.customer)
    fields = (("v", write.vector), ("k", write.consent))
    given = [part for name, value in fields if value is not None for part in (name, value)]
    if given:
        yield ("HSET", key, *given)
    if write.consent_change is not None:
        yield keyspace.functions.library.call("consent", [key], write.consent_change)
