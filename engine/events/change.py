"""What one event changes of a customer: steps that hold in any order in which events come in.

`apply` and `fold` say in plain Python what `engine/redis/lua/realtime.lua` does in the store.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from engine.events.realtime import Aggregated, Realtime, Thing, ThingKind, ThingState
from engine.ids import CustomerKey
from engine.triggers.store import Start
from models.aggregates import Decaying, added, read_at

MOST_THINGS = 64
KEPT_AFTER_END = 30 * 86400.0
"""s for which a thing that ended is remembered."""

_AMOUNT = struct.Struct("<Idd")
_STEP = struct.Struct("<BBdHHH")
_CONSENT = struct.Struct("<IBH")


@dataclass(frozen=True, slots=True)
class Amount:
    """Adds `value` to a decaying aggregate, or (half_life 0) sets a last value."""

    aggregate: int
    value: float
    half_life: float = 0.0


class Turn(IntEnum):
    """What happens to a thing. OPEN opens it, or says anew when it is due; BEGIN opens it unless it was there before;
    END_ALL ends every open thing whose id begins with the id given."""

    OPEN = 1
    BEGIN = 2
    END = 3
    BREAK = 4
    END_ALL = 5


@dataclass(frozen=True, slots=True)
class ThingChange:
    turn: Turn
    kind: ThingKind
    id: str
    due: float = 0.0
    text: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """Consent `key` ("<channel>:<purpose>") as it is from the event on; `aggregate` remembers when it was said."""

    aggregate: int
    key: str
    given: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """All that one event changes, in order."""

    amounts: tuple[Amount, ...] = ()
    things: tuple[ThingChange, ...] = ()
    consents: tuple[ConsentChange, ...] = ()

    def packed(self) -> tuple[bytes, bytes, bytes]:
        """Amounts, things and consents as the store's functions read them. Raises struct.error where a text is longer
        than 65,535 bytes."""
        amounts = b"".join(_AMOUNT.pack(one.aggregate, one.value, one.half_life) for one in self.amounts)
        consents = (
            _CONSENT.pack(one.aggregate, one.given, len(key := one.key.encode())) + key for one in self.consents
        )
        return amounts, b"".join(map(_pack_change, self.things)), b"".join(consents)


@dataclass(frozen=True, slots=True)
class EventWrite:
    """One event to enter: once by `event_id`, at `at` (s, not after `now`); `record` goes to the log.
    It begins the messages of `starts`, and takes back those of the triggers of `withdraws` before that."""

    customer: CustomerKey
    event_id: str
    at: float
    now: float
    changes: Changes
    record: bytes
    starts: tuple[Start, ...] = ()
    withdraws: tuple[str, ...] = ()


def apply(state: Realtime, changes: Changes, at: float, now: float) -> tuple[ConsentChange, ...]:
    """Enter the changes into the state; the consents that are news, since nothing later was said before."""
    for one in changes.amounts:
        _add(state, one, at)
    news = tuple(one for one in changes.consents if _set(state, one.aggregate, float(one.given), at))
    for change in changes.things:
        for key in _meant(state, change):
            turned = _turned(state.things.get(key), replace(change, id=key[1]), at)
            if turned is not None:
                state.things[key] = turned
    _cut(state, now)
    return news


def _add(state: Realtime, one: Amount, at: float) -> None:
    if not one.half_life:
        _set(state, one.aggregate, one.value, at)
        return
    held = state.aggregates.get(one.aggregate)
    before = Decaying(held.value, held.at) if held else None
    state.aggregates[one.aggregate] = Aggregated(*added(before, one.value, at, one.half_life), one.half_life)


def _set(state: Realtime, aggregate: int, value: float, at: float) -> bool:
    held = state.aggregates.get(aggregate)
    if held is not None and at < held.at:
        return False
    state.aggregates[aggregate] = Aggregated(value, at, 0.0)
    return True


def _meant(state: Realtime, change: ThingChange) -> list[tuple[int, str]]:
    if change.turn is not Turn.END_ALL:
        return [(change.kind, change.id)]
    opened = (one for one in state.things.values() if one.kind is change.kind and one.state is not ThingState.ENDED)
    return [(one.kind, one.id) for one in opened if one.id.startswith(change.id)]


def _turned(held: Thing | None, change: ThingChange, at: float) -> Thing | None:
    """The thing after a change; None = as it was."""
    match change.turn:
        case Turn.OPEN | Turn.BEGIN:
            if held is not None and (change.turn is Turn.BEGIN or max(held.at, held.ended) > at):
                return None
            return Thing(change.kind, change.id, ThingState.OPEN, at, change.due, 0.0, change.text, change.by)
        case Turn.BREAK:
            if held is None:
                return Thing(change.kind, change.id, ThingState.BROKEN, at, at, at, change.text, change.by)
            stands = held.at > at or (held.state is ThingState.ENDED and held.ended >= at)
            return None if stands else replace(held, state=ThingState.BROKEN, ended=at)
        case _:
            if held is None:
                return Thing(change.kind, change.id, ThingState.ENDED, at, ended=at)
            stands = held.at > at or (held.state is ThingState.BROKEN and held.ended > at)
            return None if stands else replace(held, state=ThingState.ENDED, ended=at)


def _cut(state: Realtime, now: float) -> None:
    """Forget what ended long ago; and beyond 64 things, what ended first, then what was opened first."""
    for key, one in list(state.things.items()):
        if one.state is ThingState.ENDED and one.ended < now - KEPT_AFTER_END:
            del state.things[key]
    while len(state.things) > MOST_THINGS:
        del state.things[min(state.things, key=lambda key: _dispensable(state.things[key]))]


def _dispensable(one: Thing) -> tuple[bool, float]:
    ended = one.state is ThingState.ENDED
    return not ended, one.ended if ended else one.at


def fold(own: Realtime, other: Realtime, before: Realtime) -> Realtime:
    """Both states as one. `before` is what of `other` was folded in earlier: it counts once."""
    merged = Realtime(dict(own.aggregates), dict(own.things))
    for key, theirs in other.aggregates.items():
        ours = merged.aggregates.get(key)
        if ours is None or ours.half_life != theirs.half_life:
            merged.aggregates[key] = theirs
        elif theirs.half_life:
            merged.aggregates[key] = _sum(ours, theirs, before.aggregates.get(key))
        elif theirs.at > ours.at:
            merged.aggregates[key] = theirs
    for name, thing in other.things.items():
        held = merged.things.get(name)
        if held is None or max(thing.at, thing.ended) > max(held.at, held.ended):
            merged.things[name] = thing
    return merged


def _sum(ours: Aggregated, theirs: Aggregated, before: Aggregated | None) -> Aggregated:
    at = max(ours.at, theirs.at)
    parts: Sequence[tuple[Aggregated, float]] = [(ours, 1.0), (theirs, 1.0)]
    if before is not None and before.half_life == ours.half_life:
        parts = [*parts, (before, -1.0)]
    value = sum(sign * read_at(Decaying(one.value, one.at), at, one.half_life) for one, sign in parts)
    return Aggregated(value, at, ours.half_life)


def _pack_change(change: ThingChange) -> bytes:
    texts = [text.encode() for text in (change.id, change.text, change.by)]
    return _STEP.pack(change.turn, change.kind, change.due, *map(len, texts)) + b"".join(texts)
