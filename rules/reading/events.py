"""`events`: kinds of events beside the standard ones, and more attributes of those."""

from __future__ import annotations

from collections.abc import Mapping

from documents.strict_yaml import Node
from rules.event_types import STANDARD, TEXT, About, EventAttribute, EventType
from rules.facts import CATEGORY, FLAG, INTEGER, NUMBER
from rules.reading.section import Section

_KEYS = ("meaning", "about", "attributes")
_ATTRIBUTE_KEYS = ("type", "values", "required", "log", "meaning")
_TYPES = (NUMBER, INTEGER, FLAG, CATEGORY, TEXT)


def read_events(section: Section, node: Node) -> dict[str, EventType]:
    """The declared kinds by name; a standard one keeps its own attributes."""
    return {name: _read_type(section, name, child) for name, child in section.variables(node)}


def _read_type(section: Section, name: str, node: Node) -> EventType:
    reader = section.reader
    entries = reader.mapping(node, _KEYS)
    known = STANDARD.get(name, EventType(name))
    if name in STANDARD and "about" in entries:
        message = f"{name!r} is a standard event, about {_an(known.about)}"
        reader.report(node.key_places["about"], "standard-event", message, "remove about, or choose another name")
    said = reader.optional(entries, "about", lambda child: reader.choice(child, (About.CUSTOMER, About.ACTION)), None)
    about = About(said) if said and name not in STANDARD else known.about
    attributes = _read_attributes(section, entries["attributes"], known) if "attributes" in entries else {}
    if about is About.ACTION and attributes:
        hint = "declare them under attributes with live: true"
        reader.report(entries["attributes"], "action-event", "an event about an action tells its live attributes", hint)
    meaning = reader.optional(entries, "meaning", reader.text, known.meaning)
    return EventType(name, meaning, {**known.attributes, **attributes}, about)


def _an(about: About) -> str:
    return f"{'an' if about is About.ACTION else 'a'} {about}"


def _read_attributes(section: Section, node: Node, known: EventType) -> dict[str, EventAttribute]:
    found = {}
    for name, child in section.variables(node):
        if name in known.attributes:
            message = f"{known.name!r} has the attribute {name!r} already"
            section.reader.report(node.key_places[name], "name-taken", message, "choose another name")
        found[name] = _read_attribute(section, name, child)
    return found


def _read_attribute(section: Section, name: str, node: Node) -> EventAttribute:
    reader = section.reader
    entries = reader.mapping(node, _ATTRIBUTE_KEYS, ("type",))
    type_ = reader.optional(entries, "type", lambda child: reader.choice(child, _TYPES), TEXT)
    _check_values(section, node, entries, type_)
    return EventAttribute(
        name,
        type_,
        reader.optional(entries, "required", reader.flag, False),
        reader.optional(entries, "values", reader.texts, ()),
        reader.optional(entries, "log", lambda child: _yes(section, child), True),
        reader.optional(entries, "meaning", reader.text, ""),
    )


def _check_values(section: Section, node: Node, entries: Mapping[str, Node], type_: str) -> None:
    if type_ == CATEGORY and "values" not in entries and "type" in entries:
        section.reader.report(node, "missing-key", "a category needs its values", "add values: [...]")
    if type_ != CATEGORY and "values" in entries:
        hint = "only a category has values"
        section.reader.report(node.key_places["values"], "unexpected-key", f"a {type_} has no values", hint)


def _yes(section: Section, node: Node) -> bool | None:
    if isinstance(node.value, bool):
        return node.value
    answer = section.reader.choice(node, ("yes", "no"))
    return None if answer is None else answer == "yes"
