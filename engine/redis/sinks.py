"""What sinks agree on, in Redis, at `{g}`; streams are trimmed where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.keys import SINKS, TRIMMED
from engine.redis.keyspace import Keyspace
from engine.redis.wire import Command


class RedisSinks:
    """Obeys engine/sink/store.py."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def reach(self, folder: str, offsets: Mapping[int, str]) -> None:
        fields = [part for number, at in offsets.items() for part in (f"{folder}/{number}", at)]
        if fields:
            await self._ask("HSET", SINKS, *fields)

    async def reached(self) -> Mapping[str, Mapping[int, str]]:
        found: dict[str, dict[int, str]] = {}
        for name, at in (await self._pairs(SINKS)).items():
            folder, _, number = name.rpartition("/")
            found.setdefault(folder, {})[int(number)] = at
        return found

    async def forget(self, folder: str) -> None:
        gone = [f"{folder}/{number}" for number in (await self.reached()).get(folder, ())]
        if gone:
            await self._ask("HDEL", SINKS, *gone)

    async def trim(self, partition: int, before: str) -> int:
        # The mark comes first: a crash in between says that more was trimmed than was, and never less.
        await self._ask("HSET", TRIMMED, partition, before)
        keys = self._keyspace.partitions[partition]
        command: Command = ("XTRIM", keys.log, "MINID", "=", before)
        (gone,) = await self._keyspace.ask(keys.slot, (command,), self._keyspace.admin_s, bulk=True)
        return int(gone)

    async def trimmed(self) -> Mapping[int, str]:
        return {int(number): at for number, at in (await self._pairs(TRIMMED)).items()}

    async def oldest(self, partition: int) -> str:
        keys = self._keyspace.partitions[partition]
        command: Command = ("XRANGE", keys.log, "-", "+", "COUNT", 1)
        (found,) = await self._keyspace.ask(keys.slot, (command,), self._keyspace.admin_s, bulk=True)
        return found[0][0].decode() if found else ""

    async def sequences(self, partition: int) -> Mapping[str, int]:
        keys = self._keyspace.partitions[partition]
        command: Command = ("HGETALL", keys.writers)
        (flat,) = await self._keyspace.ask(keys.slot, (command,), self._keyspace.admin_s, bulk=True)
        return {name.decode(): int(last) for name, last in zip(flat[::2], flat[1::2], strict=True)}

    async def _pairs(self, key: bytes) -> dict[str, str]:
        flat = await self._ask("HGETALL", key)
        return {name.decode(): value.decode() for name, value in zip(flat[::2], flat[1::2], strict=True)}

    async def _ask(self, *command: Any) -> Any:
        (reply,) = await self._keyspace.ask(self._keyspace.global_slot, (command,), self._keyspace.admin_s, bulk=True)
        return reply
