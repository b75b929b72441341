"""The events that may be told under one policy and feature schema, and what each adds to a customer's features."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from documents.reader import did_you_mean
from engine.decision import Value
from engine.declared import MAX_TEXT, listed, sendable
from engine.events.change import Amount
from engine.events.sources import aggregate_id, kept_value
from engine.facts.declared import live_types
from models.codec import ValueInvalid, encode_value
from models.features import Aggregate, EventSource, Feature, FeatureSchema, FeatureType
from rules.event_types import ANY, STANDARD, TEXT, About, EventAttribute, EventType
from rules.facts import CATEGORY, FLAG, INTEGER
from rules.policy import Policy

_ATTRIBUTE_TYPES = {FeatureType.FLAG: FLAG, FeatureType.CATEGORY: CATEGORY, FeatureType.INTEGER: INTEGER}
_A = {About.CUSTOMER: "a customer", About.ACTION: "an action", About.QUEUE: "a queue"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")


class Mistake(NamedTuple):
    """Why an event does not hold: the field, and what would be right."""

    field: str
    reason: str


class _Fed(NamedTuple):
    """A feature that events of a type feed, with the id of its aggregate."""

    feature: Feature
    source: EventSource
    id: int


class EventBook:
    """Built once for a policy and a schema. `types` are the kinds of events by name."""

    def __init__(self, policy: Policy, schema: FeatureSchema) -> None:
        self._fed = _fed(schema)
        declared = {**STANDARD, **policy.events}
        implied = {name: _implied(declared.get(name, EventType(name)), fed) for name, fed in self._fed.items()}
        live = live_types(policy)
        both = {**declared, **implied}
        self.types: Mapping[str, EventType] = {
            name: replace(one, attributes=live) if one.about is About.ACTION else one for name, one in both.items()
        }
        self._unlogged = {name: frozenset(_unlogged(one, self._fed.get(name, ()))) for name, one in self.types.items()}

    def mistake(self, type_: str, about: About, attributes: Mapping[str, Value]) -> Mistake | None:
        """The first thing about an event that does not hold."""
        declared = self.types.get(type_)
        if declared is None:
            return Mistake("type", f"is no event that is known; {did_you_mean(type_, self.types)}")
        if declared.about is not about:
            return Mistake("type", f"is told about {_A[declared.about]}, not about {_A[about]}")
        for name, value in attributes.items():
            if name not in declared.attributes:
                hint = did_you_mean(name, declared.attributes) or "it has none"
                return Mistake(_named(name), f"is no attribute of {type_}; {hint}")
            if wrong := wrong_value(declared.attributes[name], value):
                return Mistake(f"attributes.{name}", wrong)
        lacking = (
            one.name for one in declared.attributes.values() if one.required and attributes.get(one.name, "") == ""
        )
        return next((Mistake(f"attributes.{name}", "must be told") for name in lacking), None)

    def amounts(self, type_: str, attributes: Mapping[str, Value]) -> tuple[Amount, ...] | Mistake:
        """What an event of this type adds to features, once for features that are made of the same."""
        found: dict[int, Amount] = {}
        for feature, source, name in self._fed.get(type_, ()):
            if source.of and source.of not in attributes:
                continue
            try:
                found[name] = Amount(name, _amount(feature, source, attributes), source.half_life)
            except ValueInvalid as wrong:
                return Mistake(f"attributes.{source.of}", wrong.why)
        return tuple(found.values())

    def logged(self, type_: str, attributes: Mapping[str, Value]) -> dict[str, Value]:
        """The attributes that may be logged."""
        left_out = self._unlogged[type_]
        return {name: value for name, value in attributes.items() if name not in left_out}


def _named(attribute: str) -> str:
    """The field of an attribute that there is none of; only what looks like a name is repeated."""
    return f"attributes.{attribute}" if _NAME.match(attribute) else "attributes"


def wrong_value(attribute: EventAttribute, value: Value) -> str:
    """Why a value is not one of the attribute, "" where it is."""
    if attribute.type == ANY:
        return sendable(value)
    if attribute.type == FLAG:
        return "" if isinstance(value, bool) else "must be a flag"
    if attribute.type in (CATEGORY, TEXT):
        return _wrong_text(attribute, value)
    if isinstance(value, bool | str):
        return "must be a number"
    whole = attribute.type != INTEGER or value == int(value)
    return sendable(value) or ("" if whole else "must be a whole number")


def _wrong_text(attribute: EventAttribute, value: Value) -> str:
    if not isinstance(value, str):
        return "must be text"
    if attribute.values and value not in attribute.values:
        return f"must be text, one of: {listed(attribute.values)}"
    return "" if len(value) <= MAX_TEXT else f"must have at most {MAX_TEXT} characters"


def _amount(feature: Feature, source: EventSource, attributes: Mapping[str, Value]) -> float:
    """Raises ValueInvalid where the value is not one of the feature."""
    match source.aggregate:
        case Aggregate.DECAYED_SUM:
            return encode_value(feature, attributes[source.of])
        case Aggregate.LAST:
            return kept_value(feature, encode_value(feature, attributes[source.of]))
        case _:
            return 1.0


def _fed(schema: FeatureSchema) -> dict[str, tuple[_Fed, ...]]:
    found: dict[str, list[_Fed]] = {}
    for one in schema.features:
        if one.source is not None and one.source.aggregate not in (Aggregate.OPEN, Aggregate.OVERDUE):
            fed = _Fed(one, one.source, aggregate_id(one.source, one.type))
            found.setdefault(one.source.event, []).append(fed)
    return {name: tuple(fed) for name, fed in found.items()}


def _implied(type_: EventType, fed: Iterable[_Fed]) -> EventType:
    """The type with the attributes that features read, where it does not declare them."""
    implied = {
        source.of: EventAttribute(source.of, _ATTRIBUTE_TYPES.get(feature.type, "number"), values=feature.values)
        for feature, source, _ in fed
        if source.of and source.of not in type_.attributes
    }
    return replace(type_, attributes={**type_.attributes, **implied}) if implied else type_


def _unlogged(type_: EventType, fed: Iterable[_Fed]) -> Iterator[str]:
    """Attributes that are declared so, and those that only features read which are not to be logged."""
    yield from (one.name for one in type_.attributes.values() if not one.logged)
    read: dict[str, bool] = {}
    for feature, source, _ in fed:
        if source.of:
            read[source.of] = read.get(source.of, False) or feature.logged
    yield from (name for name, logged in read.items() if not logged)
