"""What is in force, in Redis: all at `{g}`, so that one function may change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from engine.activation.in_force import Beat, FileNotice, InForce, Pending, Shared, Stop, packed, unpacked
from engine.keys import ACTIVATING, BEATS, FILES, HISTORY, IN_FORCE, NEXT, PENDING, STOPS, challenge_key
from engine.redis.keyspace import Keyspace
from engine.redis.wire import Command, Replies

T = TypeVar("T")
_LONGEST_HISTORY = 10_000
_NEXT_SECONDS = 120
_COUNTED_SECONDS = 366 * 86_400


class RedisActivations:
    """Obeys engine/activation/store.py. A plan that nobody made is forgotten after two minutes, what was counted of a
    challenge a year after the last count."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def read(self, beat: Beat | None = None) -> Shared:
        commands: list[Command] = [("GET", IN_FORCE), ("GET", NEXT)]
        if beat is not None:
            commands.append(("HSET", BEATS, beat.writer, packed(beat)))
        in_force, plan, *_ = await self._ask(*commands)
        return Shared(_read(in_force, InForce), _read(plan, InForce))

    async def begin(self, holder: str, seconds: float) -> str:
        took, held = await self._ask(
            ("SET", ACTIVATING, holder, "NX", "PX", round(seconds * 1000)), ("GET", ACTIVATING)
        )
        return "" if took or held is None else str(held.decode())

    async def end(self, holder: str) -> None:
        await self._run("end_activation", [ACTIVATING, NEXT], holder)

    async def prepare(self, plan: InForce) -> None:
        await self._ask(("SET", NEXT, packed(plan), "EX", _NEXT_SECONDS))

    async def put(self, plan: InForce) -> bool:
        named = [IN_FORCE, NEXT, HISTORY]
        return bool(await self._run("activate", named, plan.epoch, packed(plan), _LONGEST_HISTORY))

    async def beats(self) -> tuple[Beat, ...]:
        return tuple(await self._values(BEATS, Beat))

    async def forget(self, writer: str) -> None:
        await self._ask(("HDEL", BEATS, writer))

    async def history(self, newest: int) -> tuple[InForce, ...]:
        (found,) = await self._ask(("LRANGE", HISTORY, -newest, -1))
        return tuple(unpacked(one, InForce) for one in reversed(found))

    async def keep_pending(self, pending: Pending) -> None:
        await self._ask(("HSET", PENDING, pending.key, packed(pending)))

    async def drop_pending(self, key: str) -> None:
        await self._ask(("HDEL", PENDING, key))

    async def pending(self) -> tuple[Pending, ...]:
        return tuple(sorted(await self._values(PENDING, Pending), key=lambda one: (one.at, one.key)))

    async def tell_files(self, notice: FileNotice) -> None:
        await self._ask(("HSET", FILES, notice.folder, packed(notice)))

    async def files(self) -> tuple[FileNotice, ...]:
        return tuple(sorted(await self._values(FILES, FileNotice), key=lambda one: one.folder))

    async def tell_stop(self, stop: Stop, stopped: bool) -> None:
        await self._ask(("HSET", STOPS, stop.action, packed(stop)) if stopped else ("HDEL", STOPS, stop.action))

    async def stops(self) -> tuple[Stop, ...]:
        return tuple(sorted(await self._values(STOPS, Stop), key=lambda one: one.action))

    async def count(self, challenge: str, amounts: Mapping[str, float]) -> None:
        key = challenge_key(challenge)
        added: Iterator[Command] = (("HINCRBYFLOAT", key, name, repr(by)) for name, by in amounts.items())
        await self._ask(*added, ("EXPIRE", key, _COUNTED_SECONDS))

    async def counted(self, challenge: str) -> Mapping[str, float]:
        (found,) = await self._ask(("HGETALL", challenge_key(challenge)))
        return {name.decode(): float(amount) for name, amount in zip(found[::2], found[1::2], strict=True)}

    async def _values(self, key: bytes, kind: type[T]) -> list[T]:
        (found,) = await self._ask(("HVALS", key))
        return [unpacked(one, kind) for one in found]

    async def _ask(self, *commands: Command) -> Replies:
        return await self._keyspace.ask(self._keyspace.global_slot, commands, self._keyspace.admin_s, bulk=True)

    async def _run(self, function: str, named: list[bytes], *arguments: Any) -> Any:
        command = self._keyspace.functions.library.call(function, named, *arguments)
        return await self._keyspace.functions.run(self._keyspace.global_slot, command, self._keyspace.admin_s)


def _read(written: bytes | None, kind: type[T]) -> T | None:
    return None if written is None else unpacked(written, kind)
