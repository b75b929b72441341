"""Typed fields that the policy declares: keys of the request's context, and attributes of actions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from documents.strict_yaml import Node
from rules.facts import ACTION_TYPES, CATEGORY, FLAG, INTEGER, NUMBER
from rules.policy import ContextField
from rules.reading.section import Section

Value = float | str | bool
_KEYS = ("type", "values", "default")
_ATTRIBUTE_KEYS = (*_KEYS, "live", "stale_after")
_TYPES = (NUMBER, INTEGER, FLAG, CATEGORY)
_TAKEN = (*ACTION_TYPES, "action", "scope")


def read_context(section: Section, node: Node) -> dict[str, ContextField]:
    """`context`: what a request may say of the moment."""
    return {name: _read_field(section, name, child, _KEYS) for name, child in section.variables(node)}


def read_attributes(section: Section, node: Node) -> dict[str, ContextField]:
    """`attributes`: the columns of actions that conditions, models and texts may read."""
    fields = {}
    for name, child in section.variables(node):
        if name in _TAKEN:
            message = f"every action already has {name!r}"
            section.reader.report(node.key_places[name], "name-taken", message, "choose another name")
        fields[name] = _read_live(section, child, _read_field(section, name, child, _ATTRIBUTE_KEYS))
    return fields


def _read_live(section: Section, node: Node, field: ContextField) -> ContextField:
    """The field with what makes it live: a number or a flag that events tell."""
    reader, entries = section.reader, section.reader.entries(node)
    live = reader.optional(entries, "live", reader.flag, False)
    if live and field.type == CATEGORY:
        reader.report(node.key_places["live"], "live-category", "a live fact is a number or a flag", "use a number")
    if "stale_after" in entries and not live:
        message = "only a live fact grows stale"
        reader.report(node.key_places["stale_after"], "unexpected-key", message, "add live: true, or remove it")
    return replace(field, live=live, stale_after=reader.optional(entries, "stale_after", reader.duration, 0.0))


def read_value(section: Section, node: Node, field: ContextField) -> Value | None:
    """A value of the field's type."""
    reader = section.reader
    if field.type == CATEGORY:
        return section.refer(node, field.values, "value")
    if field.type == FLAG:
        return reader.flag(node)
    number = reader.integer(node) if field.type == INTEGER else reader.number(node)
    return None if number is None else float(number)


def _read_field(section: Section, name: str, node: Node, keys: Collection[str]) -> ContextField:
    reader = section.reader
    entries = reader.mapping(node, keys, ("type",))
    type_ = reader.optional(entries, "type", lambda child: reader.choice(child, _TYPES), NUMBER)
    field = ContextField(name, type_, _read_values(section, node, entries, type_))
    if "default" not in entries or _is_none(entries["default"], field.values):
        return field
    return ContextField(name, type_, field.values, read_value(section, entries["default"], field))


def _read_values(section: Section, node: Node, entries: Mapping[str, Node], type_: str) -> tuple[str, ...]:
    reader = section.reader
    if type_ != CATEGORY:
        if "values" in entries:
            hint = "only a category has values"
            reader.report(node.key_places["values"], "unexpected-key", f"a {type_} has no values", hint)
        return ()
    if "values" not in entries:
        reader.report(node, "missing-key", "a category needs its values", "add values: [...]")
        return ()
    values = reader.texts(entries["values"])
    if len(set(values)) < len(values):
        reader.report(entries["values"], "duplicate-value", "a value stands twice", "keep one")
    if entries["values"].value == ():
        reader.report(entries["values"], "empty-list", "the list names no value", "name at least one")
    return values


def _is_none(node: Node, values: Collection[str]) -> bool:
    return node.value is None or (node.value == "none" and "none" not in values)
