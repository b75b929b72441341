"""Field `r` of a customer, packed: what events made of them. Read by decisions, written by the store's functions.

    "BR" | version u1 | zero u1 | aggregates u2 | things u2
    aggregate: id u4 | value f8 | as of f8 | half-life f8; half-life 0 = a last value, set when newer
    thing: kind u1 | state u1 | at f8 | due f8 | ended f8 | three lengths u2 | id | text | by

Little-endian, times in seconds, both in the order in which they first came. An aggregate is named by what it is made
of (`engine/events/sources.py`), so one whose definition changed begins anew. A thing is a case, a promise, a step of a
procedure or a complaint: something that is open until it ends. One that ended is kept for a while, so that an event
which comes late opens nothing again.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

_HEAD = struct.Struct("<2sBBHH")
_AGGREGATE = struct.Struct("<Iddd")
_THING = struct.Struct("<BBdddHHH")
_MAGIC, _VERSION = b"BR", 1
ALERTED = 0x80


class ThingKind(IntEnum):
    CASE = 1
    PROMISE = 2
    STEP = 3
    COMPLAINT = 4


class ThingState(IntEnum):
    OPEN = 0
    ENDED = 1
    BROKEN = 2


class Aggregated(NamedTuple):
    """A decaying value, or (half_life 0) the last one, with the time that it is of."""

    value: float
    at: float
    half_life: float


@dataclass(frozen=True, slots=True)
class Thing:
    """`at` when it was opened, `due` when it has to be done (0 = no time), `ended` when it ended or broke, else 0;
    `text` says what it is, `by` who owes it. `alerted`: somebody was told that it is overdue."""

    kind: ThingKind
    id: str
    state: ThingState
    at: float
    due: float = 0.0
    ended: float = 0.0
    text: str = ""
    by: str = ""
    alerted: bool = False

    @property
    def falls_due(self) -> float | None:
        """When somebody has to be told of it; None = never, or told already."""
        if self.alerted or self.state is ThingState.ENDED:
            return None
        return self.ended if self.state is ThingState.BROKEN else self.due or None

    def overdue(self, now: float) -> bool:
        """Whether it was not done in time, or is known to be broken."""
        return self.state is ThingState.BROKEN or (self.state is ThingState.OPEN and 0.0 < self.due < now)


Key = tuple[int, str]


@dataclass(slots=True)
class Realtime:
    """Aggregates by id, things by kind and id."""

    aggregates: dict[int, Aggregated] = field(default_factory=dict)
    things: dict[Key, Thing] = field(default_factory=dict)

    def open(self, kind: ThingKind) -> tuple[Thing, ...]:
        """The things of a kind that have not ended, broken ones too."""
        return tuple(one for one in self.things.values() if one.kind is kind and one.state is not ThingState.ENDED)

    def overdue(self, kind: ThingKind, now: float) -> int:
        """How many things of a kind were not done in time by `now` (s)."""
        return sum(1 for one in self.things.values() if one.kind is kind and one.overdue(now))

    def pack(self) -> bytes:
        """The bytes of field `r`."""
        head = _HEAD.pack(_MAGIC, _VERSION, 0, len(self.aggregates), len(self.things))
        aggregates = b"".join(_AGGREGATE.pack(key, *one) for key, one in self.aggregates.items())
        return head + aggregates + b"".join(map(_pack_thing, self.things.values()))


def read_realtime(packed: bytes | None) -> Realtime | None:
    """The state; an absent one is empty; None where it cannot be read."""
    if not packed:
        return Realtime()
    try:
        magic, version, zero, aggregates, things = _HEAD.unpack_from(packed)
        if (magic, version, zero) != (_MAGIC, _VERSION, 0):
            return None
        end = _HEAD.size + aggregates * _AGGREGATE.size
        found = {key: Aggregated(*rest) for key, *rest in _AGGREGATE.iter_unpack(packed[_HEAD.size : end])}
        if len(found) != aggregates:
            return None
        return _with_things(Realtime(found), packed, end, things)
    except (struct.error, UnicodeDecodeError, ValueError):
        return None


def _with_things(state: Realtime, packed: bytes, at: int, count: int) -> Realtime | None:
    for _ in range(count):
        kind, mark, opened, due, ended, *lengths = _THING.unpack_from(packed, at)
        at += _THING.size
        texts = []
        for length in lengths:
            texts.append(packed[at : at + length].decode())
            at += length
        name, text, by = texts
        alerted = bool(mark & ALERTED)
        thing = Thing(ThingKind(kind), name, ThingState(mark & ~ALERTED), opened, due, ended, text, by, alerted)
        state.things[thing.kind, name] = thing
    return state if at == len(packed) and len(state.things) == count else None


def _pack_thing(thing: Thing) -> bytes:
    texts = [text.encode() for text in (thing.id, thing.text, thing.by)]
    mark = thing.state | (ALERTED if thing.alerted else 0)
    fixed = _THING.pack(thing.kind, mark, thing.at, thing.due, thing.ended, *map(len, texts))
    return fixed + b"".join(texts)


def without_aggregates(packed: bytes, left_out: Collection[int]) -> bytes:
    """The state without some aggregates, as it is logged; what cannot be read is logged as it is."""
    state = read_realtime(packed)
    if state is None or not any(key in left_out for key in state.aggregates):
        return packed
    kept = {key: one for key, one in state.aggregates.items() if key not in left_out}
    return Realtime(kept, state.things).pack()
