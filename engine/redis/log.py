"""The log of each partition, read in pages over the bulk connection, so that decisions do not wait behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from engine.ids import decided_ms, partition_of
from engine.keys import Partition
from engine.redis.keyspace import Keyspace
from engine.store import LogEntry
from engine.stored import read_entry, read_kept

_PAGE = 500
_BEFORE_MS, _AFTER_MS = 5_000, 10_000
"""How far the clocks of workers and store may be apart, and how long a commit may take."""


class RedisLog:
    """Raises StoreUnavailable."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def read(self, partition: int, after: str) -> AsyncIterator[LogEntry]:
        """The entries after the stream id `after`, oldest first, until there are no more."""
        async for page in self.pages(self._keyspace.partitions[partition], after):
            for entry in page:
                yield read_entry(entry)

    async def pages(self, partition: Partition, after: str = "0") -> AsyncIterator[list[Any]]:
        """The entries as XRANGE gives them, up to 500 at a time; one round trip for each page."""
        while True:
            command = ("XRANGE", partition.log, f"({after}", "+", "COUNT", _PAGE)
            (page,) = await self._keyspace.ask(partition.slot, (command,), self._keyspace.admin_s, bulk=True)
            if page:
                yield page
            if len(page) < _PAGE:
                return
            after = page[-1][0].decode()

    async def read_newest(self, partition: int, page: int) -> AsyncIterator[LogEntry]:
        """The entries backwards, the newest first; one round trip for each page of up to `page` entries."""
        keys, before = self._keyspace.partitions[partition], "+"
        while True:
            command = ("XREVRANGE", keys.log, before, "-", "COUNT", page)
            (found,) = await self._keyspace.ask(keys.slot, (command,), self._keyspace.admin_s, bulk=True)
            for entry in found:
                yield read_entry(entry)
            if len(found) < page:
                return
            before = f"({found[-1][0].decode()}"

    async def read_record(self, decision_id: str) -> LogEntry | None:
        """The entry of a decision, while the log and the slate remember it."""
        number = partition_of(decision_id)
        if number is None or number >= len(self._keyspace.partitions):
            return None
        partition = self._keyspace.partitions[number]
        (kept,) = await self._ask(partition, "GET", partition.decision(decision_id))
        slate, stream_id = read_kept(kept) if kept else (None, "")
        if not kept:
            return await self._by_time(partition, decision_id)
        if not stream_id:
            return None
        (found,) = await self._ask(partition, "XRANGE", partition.log, stream_id, stream_id)
        return replace(read_entry(found[0]), voided=slate is None) if found else None

    async def _by_time(self, partition: Partition, decision_id: str) -> LogEntry | None:
        """The entry of a decision whose slate is gone, near the moment that its id tells; with whether it was taken
        back soon after."""
        decided = decided_ms(decision_id)
        first, last = max(0, decided - _BEFORE_MS), decided + _AFTER_MS
        (found,) = await self._ask(partition, "XRANGE", partition.log, first, last)
        entries = [one for one in map(read_entry, found) if one.id == decision_id]
        voided = any(one.kind == "void" for one in entries)
        return next((replace(one, voided=voided) for one in entries if one.kind == "decision"), None)

    async def _ask(self, partition: Partition, *command: Any) -> list[Any]:
        return await self._keyspace.ask(partition.slot, (command,), self._keyspace.admin_s, bulk=True)
