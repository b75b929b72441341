"""Outcomes that wait for their decisions, in Redis: one hash for all partitions, since there are few."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.keys import ASIDE, PARKED, PARKED_DUE
from engine.outcomes.parked import MOST_KEPT, Parked
from engine.redis.keyspace import Keyspace, accepted
from engine.store import StoreUnavailable


class RedisParked:
    """Obeys engine/outcomes/parked.py, over the bulk connections."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def park(self, parked: Parked, due: float) -> bool:
        answer = await self._run("park", parked.id, parked.pack(), due, MOST_KEPT)
        return bool(answer[0])

    async def due(self, now: float, most: int) -> tuple[Parked, ...]:
        return _read(await self._run("due_parked", now, most))

    async def postpone(self, parked: Parked, due: float) -> None:
        await self._run("keep", parked.id, parked.pack(), due, "")

    async def put_aside(self, parked: Parked) -> None:
        await self._run("keep", parked.id, parked.pack(), "", parked.aside_at or parked.since)

    async def forget(self, outcome_id: str) -> None:
        await self._run("unpark", outcome_id)

    async def find(self, outcome_id: str) -> Parked | None:
        command = ("HGET", PARKED, outcome_id)
        (packed,) = await self._keyspace.ask(self._keyspace.global_slot, (command,), self._keyspace.admin_s, bulk=True)
        return _read([packed])[0] if packed else None

    async def newest(self, *, aside: bool, most: int) -> tuple[Parked, ...]:
        return _read(await self._ask("alerts", [PARKED, ASIDE if aside else PARKED_DUE], most))

    async def _run(self, function: str, *arguments: Any) -> Any:
        return await self._ask(function, [PARKED, PARKED_DUE, ASIDE], *arguments)

    async def _ask(self, function: str, named: list[bytes], *arguments: Any) -> Any:
        functions = self._keyspace.functions
        command = functions.library.call(function, named, *arguments)
        slot = self._keyspace.global_slot
        return accepted(await functions.run_each([(slot, command)], self._keyspace.admin_s))[0]


def _read(found: list[bytes | None]) -> tuple[Parked, ...]:
    try:
        return tuple(Parked.unpack(packed) for packed in found if packed)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise StoreUnavailable("unreadable", f"a parked outcome: {error}") from error
