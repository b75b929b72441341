"""Windows of answers in Redis: a sorted set of each customer's, and one of each partition by when the next is due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.ids import CustomerKey
from engine.keys import Partition
from engine.outcomes.windows import DueWindow
from engine.redis.keyspace import Keyspace, accepted, subject, unexpected

_AT_ONCE = 32
_MOST_OF_ONE = 100


class RedisWindows:
    """Obeys engine/outcomes/windows.py, over the bulk connections."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def due(self, now: float, most: int) -> tuple[DueWindow, ...]:
        """In parts, so that no decision waits behind all partitions at once."""
        partitions, found = self._keyspace.partitions, list[DueWindow]()
        for start in range(0, len(partitions), _AT_ONCE):
            part = partitions[start : start + _AT_ONCE]
            asked = [(one.slot, ("ZRANGEBYSCORE", one.windows, "-inf", now, "LIMIT", 0, most)) for one in part]
            customers = [
                (partition, _customer(member))
                for partition, reply in zip(part, await self._ask(asked), strict=True)
                for member in reply
            ]
            found += await self._of(customers, now)
        return tuple(found)

    async def _of(self, customers: Sequence[tuple[Partition, CustomerKey]], now: float) -> list[DueWindow]:
        """The due windows of these customers; of one without any it is put right when the next is."""
        span = ("-inf", now, "WITHSCORES", "LIMIT", 0, _MOST_OF_ONE)
        asked = [(where.slot, ("ZRANGEBYSCORE", where.windows_of(who), *span)) for where, who in customers]
        found = list[DueWindow]()
        for (where, who), reply in zip(customers, await self._ask(asked) if asked else (), strict=True):
            if not reply:
                await self._settle(where, who, "")
            for member, closes in zip(reply[::2], reply[1::2], strict=True):
                found.append(DueWindow.of(who, member.decode(), float(closes)))
        return found

    async def settle(self, window: DueWindow) -> None:
        await self._settle(self._keyspace.of(window.customer), window.customer, window.member)

    async def _settle(self, partition: Partition, customer: CustomerKey, member: str) -> None:
        named = [partition.windows_of(customer), partition.windows]
        how = (subject(customer), member, self._keyspace.options.lifetimes.note_s)
        command = self._keyspace.functions.library.call("settle_window", named, *how)
        await self._ask([(partition.slot, command)])

    async def _ask(self, commands: Sequence[tuple[int, Any]]) -> Any:
        return accepted(await self._keyspace.functions.run_each(commands, self._keyspace.admin_s))


def _customer(member: bytes) -> CustomerKey:
    tenant, found, customer = member.decode(errors="replace").partition("\0")
    if not found:
        raise unexpected(member)
    return CustomerKey(tenant, customer)
