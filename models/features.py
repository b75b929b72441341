"""What is known of a customer: features, their types and where they come from, as `features.yaml` declares them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

Value = float | str | bool


class FeatureType(StrEnum):
    NUMBER = "number"
    INTEGER = "integer"
    FLAG = "flag"
    CATEGORY = "category"


OPENING_EVENTS = ("case_opened", "delivery_promised", "complaint_raised")
"""The events that open something, which can be open or overdue."""


class Aggregate(StrEnum):
    """How events become a feature: a count or sum whose weight halves every half-life, the field's last value, the
    seconds since the last event; how many of what an event opened are open, or overdue."""

    DECAYED_COUNT = "decayed_count"
    DECAYED_SUM = "decayed_sum"
    LAST = "last"
    AGE = "age"
    OPEN = "open"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class EventSource:
    """The events that a real-time feature is made of. `of` names the event's field for sums and `last`;
    `half_life` is in seconds, 0 for all but counts and sums."""

    event: str
    aggregate: Aggregate
    half_life: float = 0.0
    of: str = ""


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing known of a customer. `default` None = unknown where missing; `source` None = loaded in batch.

    `logged` False and `known_after_outcome` True each keep it out of models: the first because training
    reads what was logged, the second because it would tell the answer. A `protected` feature decides nothing unless it
    is declared why rules (`why_in_rules`) or models (`why_in_models`) may read it, "" = they may not. `tables` says
    whether its values stand in the tables that people query (None = unless it is personal).
    """

    name: str
    type: FeatureType
    values: tuple[str, ...] = ()
    default: Value | None = None
    unit: str = ""
    meaning: str = ""
    personal: bool = True
    purpose: tuple[str, ...] = ()
    logged: bool = True
    known_after_outcome: bool = False
    source: EventSource | None = None
    protected: bool = False
    why_in_rules: str = ""
    why_in_models: str = ""
    tables: bool | None = None

    @property
    def in_tables(self) -> bool:
        """Whether its values may stand in the tables that people query."""
        return self.logged and (not self.personal if self.tables is None else self.tables)

    @property
    def trainable(self) -> bool:
        """Whether a model may read it."""
        return self.logged and not self.known_after_outcome and (not self.protected or bool(self.why_in_models))


@dataclass(frozen=True)
class FeatureSchema:
    """The features in the order of their declaration, which is the order of stored vectors.

    `hash` (8 bytes) covers name, type and values in order: what a stored vector's meaning depends on.
    """

    features: tuple[Feature, ...]
    _index: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {one.name: i for i, one in enumerate(self.features)})

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.features)

    @cached_property
    def hash(self) -> bytes:
        meaning = [[one.name, one.type.value, list(one.values)] for one in self.features]
        text = json.dumps(meaning, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).digest()[:8]

    def __hash__(self) -> int:
        return int.from_bytes(self.hash)

    def __len__(self) -> int:
        return len(self.features)

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def index(self, name: str) -> int:
        """The feature's place in a vector. Raises KeyError where there is no such feature."""
        return self._index[name]

    def feature(self, name: str) -> Feature:
        """The feature of a name. Raises KeyError where there is none."""
        return self.features[self._index[name]]

    def to_json(self) -> bytes:
        """The schema as kept beside stored vectors (by hash) and in bundles."""
        return json.dumps({"version": 1, "features": [_said_of(one) for one in self.features]}, indent=1).encode()

    @classmethod
    def from_json(cls, content: bytes) -> FeatureSchema:
        """Read what `to_json` wrote. Raises ValueError, KeyError or TypeError where it is not that."""
        said = json.loads(content)
        return cls(tuple(_feature_from(one) for one in said["features"]))


def _said_of(one: Feature) -> dict[str, Any]:
    said: dict[str, Any] = {"name": one.name, "type": one.type.value}
    optional = {
        "values": list(one.values),
        "default": one.default,
        "unit": one.unit,
        "meaning": one.meaning,
        "purpose": list(one.purpose),
        "from": _said_of_source(one.source) if one.source else None,
        "protected": one.protected or None,
        "why_in_rules": one.why_in_rules,
        "why_in_models": one.why_in_models,
        "tables": one.tables,
    }
    said |= {key: value for key, value in optional.items() if value not in (None, "", [])}
    return said | {"personal": one.personal, "logged": one.logged, "known_after_outcome": one.known_after_outcome}


def _said_of_source(source: EventSource) -> dict[str, Any]:
    return {
        "event": source.event,
        "aggregate": source.aggregate.value,
        "half_life": source.half_life,
        "of": source.of,
    }


def _feature_from(said: Mapping[str, Any]) -> Feature:
    source = said.get("from")
    return Feature(
        name=str(said["name"]),
        type=FeatureType(said["type"]),
        values=tuple(said.get("values", ())),
        default=said.get("default"),
        unit=said.get("unit", ""),
        meaning=said.get("meaning", ""),
        personal=said["personal"],
        purpose=tuple(said.get("purpose", ())),
        logged=said["logged"],
        known_after_outcome=said["known_after_outcome"],
        source=_source_from(source) if source else None,
        protected=said.get("protected", False),
        why_in_rules=said.get("why_in_rules", ""),
        why_in_models=said.get("why_in_models", ""),
        tables=said.get("tables"),
    )


def _source_from(said: Mapping[str, Any]) -> EventSource:
    return EventSource(said["event"], Aggregate(said["aggregate"]), float(said["half_life"]), said["of"])
