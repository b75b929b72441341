"""Reads `features.yaml` into a FeatureSchema, telling every mistake at file:line:column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from documents.problem import Place
from documents.reader import Reader
from documents.strict_yaml import Node, Source, load
from models.features import OPENING_EVENTS, Aggregate, EventSource, Feature, FeatureSchema, FeatureType, Value

_KEYS = (
    "type", "values", "default", "unit", "meaning", "personal", "purpose", "log", "known_after_outcome", "protected",
    "protected_use", "tables", "from",
)  # fmt: skip
_USES = ("rules", "model")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}\Z")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(s|m|h|d|w)\Z")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_BATCH = "batch"
_LARGEST_EXACT = 2**24
_LARGEST_FLOAT32 = 3.4e38


def load_features(path: Path) -> FeatureSchema:
    """The schema that the file declares. Raises DocumentInvalid with all problems."""
    return read_features(load(path))


def read_features(source: Source) -> FeatureSchema:
    """The schema of a parsed document, as `load_features` has it."""
    reader = Reader(source)
    top = reader.mapping(reader.source.root, ("version", "features"), ("version", "features"))
    if "version" in top and top["version"].value != 1:
        reader.report(top["version"], "version", "only version 1 is known", "write version: 1")
    features: list[Feature] = []
    if "features" in top:
        named = reader.entries(top["features"])
        places = top["features"].key_places
        features = [feature for name in named if (feature := _feature(reader, name, named[name], places[name]))]
        if not named:
            reader.report(top["features"], "empty", "no feature is declared", "declare at least one")
    reader.finish()
    return FeatureSchema(tuple(features))


def _feature(reader: Reader, name: str, node: Node, place: Place) -> Feature | None:
    _check_name(reader, name, place)
    entries = reader.mapping(node, _KEYS, ("type",))
    if "type" not in entries or (kind := reader.choice(entries["type"], [one.value for one in FeatureType])) is None:
        return None
    type_ = FeatureType(kind)
    values = _values(reader, type_, node, entries)
    in_rules, in_models = _protected_use(reader, entries)
    return Feature(
        name=name,
        type=type_,
        values=values,
        default=_default(reader, type_, values, entries.get("default")),
        unit=reader.optional(entries, "unit", reader.text, ""),
        meaning=reader.optional(entries, "meaning", reader.text, ""),
        personal=reader.optional(entries, "personal", reader.flag, True),
        purpose=reader.optional(entries, "purpose", reader.texts, ()),
        logged=reader.optional(entries, "log", lambda one: _yes(reader, one), True),
        known_after_outcome=reader.optional(entries, "known_after_outcome", reader.flag, False),
        source=_source(reader, type_, entries["from"]) if "from" in entries else None,
        protected=reader.optional(entries, "protected", reader.flag, False),
        why_in_rules=in_rules,
        why_in_models=in_models,
        tables=reader.optional(entries, "tables", reader.flag, None),
    )


def _check_name(reader: Reader, name: str, place: Place) -> None:
    if not _NAME.match(name):
        hint = "use letters, digits and _, beginning with a letter"
        reader.report(place, "name", f"{name!r} cannot be the name of a feature", hint)


def _protected_use(reader: Reader, entries: Mapping[str, Node]) -> tuple[str, str]:
    """Why rules, and why models, may read a protected feature; a single text speaks for both."""
    if "protected_use" not in entries:
        return "", ""
    node = entries["protected_use"]
    if "protected" not in entries or entries["protected"].value is not True:
        reader.report(node, "not-protected", "only a protected feature needs a protected_use", "add protected: true")
    if isinstance(node.value, str):
        return node.value.strip(), node.value.strip()
    uses = reader.mapping(node, _USES)
    in_rules, in_models = (reader.optional(uses, use, reader.text, "").strip() for use in _USES)
    return in_rules, in_models


def _values(reader: Reader, type_: FeatureType, node: Node, entries: Mapping[str, Node]) -> tuple[str, ...]:
    if type_ != FeatureType.CATEGORY:
        if "values" in entries:
            reader.report(node.key_places["values"], "values", f"a {type_} has no list of values", "remove values")
        return ()
    if "values" not in entries:
        reader.report(node, "missing-key", "a category needs its values", "add values: [one, other]")
        return ()
    values = reader.texts(entries["values"])
    if not values:
        reader.report(entries["values"], "empty", "a category needs at least one value", "write values: [one, other]")
    for twice in sorted({value for value in values if values.count(value) > 1}):
        reader.report(entries["values"], "duplicate-value", f"the value {twice!r} stands twice", "keep one")
    return values


def _default(reader: Reader, type_: FeatureType, values: tuple[str, ...], node: Node | None) -> Value | None:
    if node is None or node.value is None or (node.value == "none" and "none" not in values):
        return None
    match type_:
        case FeatureType.FLAG:
            return reader.flag(node)
        case FeatureType.CATEGORY:
            return reader.choice(node, values)
        case FeatureType.INTEGER:
            whole = reader.integer(node, -_LARGEST_EXACT, _LARGEST_EXACT)
            return None if whole is None else float(whole)
        case FeatureType.NUMBER:
            return reader.number(node, -_LARGEST_FLOAT32, _LARGEST_FLOAT32)


def _source(reader: Reader, type_: FeatureType, node: Node) -> EventSource | None:
    if isinstance(node.value, str):
        reader.choice(node, (_BATCH,))
        return None
    keys = reader.mapping(node, ("event", "aggregate", "half_life", "of"), ("event", "aggregate"))
    event = reader.optional(keys, "event", reader.text, "")
    named = reader.optional(keys, "aggregate", lambda one: reader.choice(one, [a.value for a in Aggregate]), None)
    if named is None:
        return None
    aggregate = Aggregate(named)
    whole = aggregate in (Aggregate.OPEN, Aggregate.OVERDUE) and type_ == FeatureType.INTEGER
    if aggregate != Aggregate.LAST and type_ != FeatureType.NUMBER and not whole:
        reader.report(node, "aggregate-type", f"{aggregate} gives a number, not a {type_}", "write type: number")
    if aggregate in (Aggregate.OPEN, Aggregate.OVERDUE) and event not in OPENING_EVENTS:
        hint = f"only these open something: {', '.join(OPENING_EVENTS)}"
        reader.report(node, "opens-nothing", f"no event {event!r} opens anything", hint)
    decays = aggregate in (Aggregate.DECAYED_COUNT, Aggregate.DECAYED_SUM)
    reads_field = aggregate in (Aggregate.DECAYED_SUM, Aggregate.LAST)
    _expect(reader, node, "half_life", decays, f"{aggregate}")
    _expect(reader, node, "of", reads_field, f"{aggregate}")
    half_life = reader.optional(keys, "half_life", lambda one: _duration(reader, one), 0.0)
    return EventSource(event, aggregate, half_life, reader.optional(keys, "of", reader.text, ""))


def _expect(reader: Reader, node: Node, key: str, expected: bool, aggregate: str) -> None:
    if expected and key not in node.value:
        reader.report(node, "missing-key", f"{aggregate} needs {key!r}", f"add {key}: ...")
    if not expected and key in node.value:
        reader.report(node.key_places[key], "unknown-key", f"{aggregate} takes no {key!r}", f"remove {key}")


def _duration(reader: Reader, node: Node) -> float | None:
    found = _DURATION.match(node.value) if isinstance(node.value, str) else None
    if found and float(found[1]) > 0:
        return float(found[1]) * _SECONDS[found[2]]
    reader.report(node, "duration", "expected a duration longer than nothing", "write it like 12h or 7d")
    return None


def _yes(reader: Reader, node: Node) -> bool | None:
    if isinstance(node.value, bool):
        return node.value
    answer = reader.choice(node, ("yes", "no"))
    return None if answer is None else answer == "yes"
