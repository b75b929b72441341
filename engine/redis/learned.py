"""What was learnt beside models, in Redis, at `{g}`: a stream of counts whose ids are their numbers."""

from __future__ import annotations

from typing import Any

from engine.keys import DRIFT, LEARNED
from engine.learning.store import MOST_KEPT, Learned
from engine.redis.keyspace import Keyspace
from models.learned_counts import LearnedCounts


class RedisLearned:
    """Obeys engine/learning/store.py."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def publish(self, counts: LearnedCounts) -> Learned:
        number = (await self.read(Learned())).number + 1
        # The id is the number: the store itself refuses one that is taken.
        await self._ask("XADD", LEARNED, "MAXLEN", "~", MOST_KEPT, f"{number}-0", "c", counts.packed())
        return Learned(number, counts)

    async def read(self, before: Learned) -> Learned:
        found = await self._ask("XREVRANGE", LEARNED, "+", f"({before.number}-0", "COUNT", 1)
        # What a later version wrote and this one cannot read leaves everything as it is.
        return (_learned(found[0]) if found else None) or before

    async def at(self, number: int) -> Learned | None:
        if number == 0:
            return Learned()
        found = await self._ask("XRANGE", LEARNED, f"{number}-0", f"{number}-0")
        return _learned(found[0]) if found else None

    async def publish_drift(self, told: bytes) -> None:
        await self._ask("SET", DRIFT, told)

    async def read_drift(self) -> bytes | None:
        found: bytes | None = await self._ask("GET", DRIFT)
        return found

    async def _ask(self, *command: Any) -> Any:
        (reply,) = await self._keyspace.ask(self._keyspace.global_slot, (command,), self._keyspace.admin_s, bulk=True)
        return reply


def _learned(entry: Any) -> Learned | None:
    try:
        return Learned(int(entry[0].split(b"-")[0]), LearnedCounts.unpacked(entry[1][1]))
    except ValueError:
        return None
