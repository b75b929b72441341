"""What all workers share, in Redis: stopped actions, schemas by hash."""

from __future__ import annotations

from typing import Any

from engine.keys import SCHEMAS, STOPPED
from engine.redis.keyspace import Keyspace
from engine.redis.wire import Command, Replies
from engine.store import Settings


class RedisSettings:
    """The keys at `{g}`; every method one round trip. Raises StoreUnavailable."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def read(self) -> Settings:
        stopped, schemas = await self._ask(("SMEMBERS", STOPPED), ("HGETALL", SCHEMAS))
        return Settings(
            frozenset(action.decode() for action in stopped),
            {name.decode(): schema for name, schema in _pairs(schemas).items()},
        )

    async def stop_action(self, action: str, stopped: bool) -> None:
        await self._ask(("SADD" if stopped else "SREM", STOPPED, action))

    async def keep_schema(self, hash_hex: str, schema: bytes) -> None:
        await self._ask(("HSET", SCHEMAS, hash_hex, schema))

    async def _ask(self, *commands: Command) -> Replies:
        return await self._keyspace.ask(self._keyspace.global_slot, commands, self._keyspace.admin_s, bulk=True)


def _pairs(flat: list[Any]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
