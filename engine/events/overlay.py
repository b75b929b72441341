"""Real-time state laid over a customer's batch features: rules and model read the same float32 row."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.events.realtime import Aggregated, Realtime, ThingKind
from engine.events.sources import aggregate_id, answer_id
from models.aggregates import Decaying, age, read_at
from models.features import Aggregate, Feature, FeatureSchema, FeatureType
from rules.event_types import CASE_OPENED, COMPLAINT_RAISED, DELIVERY_PROMISED
from rules.ledger import stable_id

Row = npt.NDArray[np.float32]
OPENED_BY: Mapping[str, ThingKind] = {
    CASE_OPENED: ThingKind.CASE,
    DELIVERY_PROMISED: ThingKind.PROMISE,
    COMPLAINT_RAISED: ThingKind.COMPLAINT,
}
"""What is open, by the event that opens it."""
_LARGEST = float(np.finfo(np.float32).max)


class _Aggregate(NamedTuple):
    """A feature that an aggregate gives: its place in the row, and how it is read at a moment."""

    place: int
    id: int
    read: Callable[[Aggregated, float], float]


class _Count(NamedTuple):
    """A feature that counts what is open, or overdue."""

    place: int
    kind: ThingKind
    overdue: bool


class _Answer(NamedTuple):
    """A feature that an answer fills, unless a later batch gave it a value."""

    place: int
    id: int
    decode: Callable[[float], float]


@dataclass(frozen=True)
class Overlay:
    """How state is laid over rows of one schema. `unlogged` are the aggregates that only features feed on which are
    not to be logged."""

    aggregates: tuple[_Aggregate, ...]
    counts: tuple[_Count, ...]
    answers: tuple[_Answer, ...]
    unlogged: frozenset[int]

    @staticmethod
    def of(schema: FeatureSchema, filled: Collection[str], left_out: Collection[str] = ()) -> Overlay:
        """The real-time features of a schema, and the `filled` ones, that answers fill; without those left out."""
        read = [(place, one) for place, one in enumerate(schema.features) if one.name not in left_out]
        answers = [(place, one) for place, one in read if one.name in filled]
        named = [(one, name) for _, one in read for name in _ids(one, filled)]
        return Overlay(
            aggregates=tuple(_aggregates(read)),
            counts=tuple(_counts(read)),
            answers=tuple(_Answer(place, answer_id(one), _coded(one)) for place, one in answers),
            unlogged=frozenset(name for one, name in named if not one.logged)
            - {name for one, name in named if one.logged},
        )

    def lay(self, row: Row, state: Realtime, now: float, written_at: float) -> None:
        """Lay the state at `now` (s) over a row of a vector written at `written_at` (s), in place. Aggregates decay in
        double before they become float32."""
        held = state.aggregates
        for place, name, read in self.aggregates:
            if (one := held.get(name)) is not None:
                row[place] = read(one, now)
        for place, kind, overdue in self.counts:
            row[place] = state.overdue(kind, now) if overdue else len(state.open(kind))
        for place, name, decode in self.answers:
            one = held.get(name)
            if one is not None and (one.at > written_at or math.isnan(row[place])):
                row[place] = decode(one.value)


def _ids(feature: Feature, filled: Collection[str]) -> Iterator[int]:
    if feature.source is not None:
        yield aggregate_id(feature.source, feature.type)
    if feature.name in filled:
        yield answer_id(feature)


def _aggregates(read: list[tuple[int, Feature]]) -> Iterator[_Aggregate]:
    for place, one in read:
        if one.source is not None and one.source.aggregate not in (Aggregate.OPEN, Aggregate.OVERDUE):
            yield _Aggregate(place, aggregate_id(one.source, one.type), _reader(one, one.source.aggregate))


def _counts(read: list[tuple[int, Feature]]) -> Iterator[_Count]:
    for place, one in read:
        if one.source is not None and one.source.aggregate in (Aggregate.OPEN, Aggregate.OVERDUE):
            kind = OPENED_BY.get(one.source.event)
            if kind is not None:
                yield _Count(place, kind, one.source.aggregate is Aggregate.OVERDUE)


def _reader(feature: Feature, aggregate: Aggregate) -> Callable[[Aggregated, float], float]:
    if aggregate is Aggregate.AGE:
        return lambda one, now: age(one.at, now)
    if aggregate is Aggregate.LAST:
        decode = _coded(feature)
        return lambda one, _: decode(one.value)
    return lambda one, now: _float32(read_at(Decaying(one.value, one.at), now, one.half_life or math.inf))


def _float32(value: float) -> float:
    """The value, within what a row can hold: sums of many amounts may pass it."""
    return max(-_LARGEST, min(_LARGEST, value))


def _coded(feature: Feature) -> Callable[[float], float]:
    """From a kept number to the code under which a row has it; NaN where the feature no longer has the value."""
    if feature.type is not FeatureType.CATEGORY:
        return float
    codes = {float(stable_id(value)): float(code) for code, value in enumerate(feature.values)}
    return lambda value: codes.get(value, math.nan)
