"""Limits over all customers in Redis: one hash a meter and one of what queues have free, all in the slot of `{g}`."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import hiredis

from engine.keys import CAPACITIES
from engine.keys import limit as key_of
from engine.limits.store import (
    FORGOTTEN,
    LATE,
    UNPOSTED,
    Lease,
    LeaseCall,
    MeterStanding,
    Posted,
    Unleased,
    WriterStanding,
)
from engine.redis.keyspace import Keyspace, accepted, unexpected
from engine.redis.refusals import function_missing
from engine.redis.wire import Command

_CALL = struct.Struct("<16d")
_WRITER = struct.Struct("<5d")
_POSTED = struct.Struct("<3d")
_REFUSED = {1: UNPOSTED, 2: FORGOTTEN, 3: LATE}
_USED, _BY_WRITER, _PACE = b"u:", b"w:", b"p"


class RedisLimits:
    """Obeys engine/limits/store.py. A lease is asked for over the connections of decisions, with their patience."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace
        self._slot = keyspace.global_slot

    @property
    def writer(self) -> str:
        return self._keyspace.writer

    async def lease(self, calls: Sequence[LeaseCall]) -> Sequence[Lease | Unleased]:
        commands = [self._command(call) for call in calls]
        keyspace = self._keyspace
        replies = await keyspace.topology.ask(self._slot, commands, keyspace.commit_s)
        if any(isinstance(reply, hiredis.ReplyError) and function_missing(reply) for reply in replies):
            await keyspace.functions.load(keyspace.commit_s)
            replies = await keyspace.topology.ask(self._slot, commands, keyspace.commit_s)
        return [_answer(reply) for reply in accepted(replies)]

    async def standings(self, meters: Sequence[str]) -> Sequence[MeterStanding]:
        commands = [("HGETALL", key_of(meter)) for meter in meters]
        found = await self._keyspace.ask(self._slot, commands, self._keyspace.admin_s, bulk=True) if meters else []
        return [_standing(fields) for fields in found]

    async def bury(self, meter: str, writer: str, standing: WriterStanding, spent: Mapping[str, int]) -> bool:
        further = [part for bucket, units in spent.items() for part in (bucket, units)]
        command = self._call("bury", [key_of(meter)], writer, _packed(standing), *further)
        answer = await self._keyspace.functions.run(self._slot, command, self._keyspace.admin_s)
        return bool(answer[0])

    async def post_capacity(self, queue: str, free: int, at: float) -> bool:
        command = self._call("post_capacity", [CAPACITIES], queue, free, repr(at))
        answer = await self._keyspace.functions.run(self._slot, command, self._keyspace.commit_s)
        return bool(answer[0])

    async def capacities(self) -> Mapping[str, Posted]:
        (fields,) = await self._keyspace.ask(self._slot, (("HGETALL", CAPACITIES),), self._keyspace.admin_s, bulk=True)
        return {queue.decode(): _posted(packed) for queue, packed in zip(fields[::2], fields[1::2], strict=True)}

    def _command(self, call: LeaseCall) -> Command:
        named = [key_of(call.meter), CAPACITIES] if call.queue else [key_of(call.meter)]
        span, said, want = call.span, call.said, call.want
        packed = _CALL.pack(
            *(call.turn, call.now, call.most, span.number, span.counted_from, span.forget_before),
            *(said.low, said.spent, said.taken, said.keep, said.known),
            *(want.ask, want.floor_ppm, want.lease, want.least, call.fresh_for),
        )
        return self._call("lease", named, self.writer, span.period, span.name, call.queue, packed, *call.pace)

    def _call(self, function: str, named: list[bytes], *arguments: Any) -> Command:
        return self._keyspace.functions.library.call(function, named, *arguments)


def _answer(reply: Any) -> Lease | Unleased:
    match reply:
        case [0, turn, period, most, granted, reserved, free, used, writers, pace]:
            return Lease(turn, period.decode(), most, granted, bool(reserved), free, used, writers, pace)
        case [int(code)] if code in _REFUSED:
            return Unleased(_REFUSED[code])
        case _:
            raise unexpected(reply)


def _standing(fields: Sequence[bytes]) -> MeterStanding:
    used, writers, pace = {}, {}, b""
    for name, value in zip(fields[::2], fields[1::2], strict=True):
        if name.startswith(_USED):
            used[name[2:].decode()] = int(value)
        elif name.startswith(_BY_WRITER):
            writers[name[2:].decode()] = _writer(value)
        elif name == _PACE:
            pace = value
    return MeterStanding(used, writers, pace)


def _writer(packed: bytes) -> WriterStanding:
    turn, low, spent, granted, at = _WRITER.unpack_from(packed)
    return WriterStanding(int(turn), int(low), int(spent), int(granted), at, packed[_WRITER.size :].decode())


def _packed(one: WriterStanding) -> bytes:
    return _WRITER.pack(one.turn, one.low, one.spent, one.granted, one.at) + one.period.encode()


def _posted(packed: bytes) -> Posted:
    number, free, at = _POSTED.unpack(packed)
    return Posted(int(number), int(free), at)
