"""Where two records of a decision differ, in the words of the record's fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

import msgspec
import numpy as np

from engine.record import DecisionRecord

_ABSENT = "absent"
_FLOATS = frozenset({"propensity", "gain", "cost", "context_weight", "lever", "priority", "scarcity"})
_INPUTS = frozenset({"customer", "moment", "pair"})
_ACTIONS = frozenset({"actions", "allowed", "stopped"})
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, as in "placements[0].picks[1].action": how it was logged, and how it is now."""

    field: str
    logged: str
    now: str


def differences(logged: DecisionRecord, now: DecisionRecord, names: Mapping[int, str]) -> tuple[Difference, ...]:
    """All fields that differ, in the order of the record; `names` are actions by stable id."""
    return tuple(_between("", logged, now, names))


def _between(path: str, one: object, other: object, names: Mapping[int, str]) -> Iterator[Difference]:
    if isinstance(one, msgspec.Struct) and type(one) is type(other):
        for name in one.__struct_fields__:
            inner = f"{path}.{name}" if path else name
            yield from _between(inner, getattr(one, name), getattr(other, name), names)
    elif isinstance(one, tuple) and isinstance(other, tuple) and _structured(one, other):
        for place, (left, right) in enumerate(zip_longest(one, other)):
            yield from _between(f"{path}[{place}]", left, right, names)
    elif not _same(one, other):
        yield Difference(path, _shown(path, one, names), _shown(path, other, names))


def _structured(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return any(isinstance(each, msgspec.Struct) for each in (*one, *other))


def _same(one: object, other: object) -> bool:
    """NaN is the same as NaN: what is compared is what is written."""
    return msgspec.msgpack.encode(one) == msgspec.msgpack.encode(other)


def _shown(path: str, value: object, names: Mapping[int, str]) -> str:
    field = path.rpartition(".")[2]
    if value is None:
        return _ABSENT
    if isinstance(value, bytes) and field in _ACTIONS and len(value) % 4 == 0:
        told = [names.get(one, f"#{one:08x}") for one in np.frombuffer(value, dtype="<u4").tolist()]
    elif isinstance(value, bytes) and path.startswith("scored.") and field in _FLOATS | _INPUTS:
        told = [f"{one:.9g}" for one in np.frombuffer(value, dtype="<f8" if field in _FLOATS else "<f4").tolist()]
    elif isinstance(value, bytes):
        told = [value.hex()]
    else:
        told = [str(value)]
    text = ", ".join(told)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
