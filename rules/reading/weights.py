"""`levers`, `context_weights` and `thresholds`: how the company leans on the choice among allowed actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from documents.strict_yaml import Node
from rules.policy import ContextWeight, Direction, Levers, Threshold
from rules.reading.scope import read_scope
from rules.reading.section import Section

_LEVER_KEYS = ("actions", "issues", "groups")
_WEIGHT_KEYS = ("id", "when", "add", "scope")
_THRESHOLD_KEYS = ("min_propensity", "min_priority", "scope", "channels", "direction")
LEAST_PERCENT, MOST_PERCENT = -100.0, 10_000.0


def read_levers(section: Section, node: Node) -> Levers:
    """Boosts in percent, from -100 (never) to 10,000."""
    names = section.names
    entries = section.reader.mapping(node, _LEVER_KEYS)
    options: Mapping[str, Any] = {"actions": names.actions, "issues": names.issues, "groups": names.groups}
    return Levers(**{key: _read_boosts(section, child, options[key], key[:-1]) for key, child in entries.items()})


def _read_boosts(section: Section, node: Node, options: Any, what: str) -> dict[str, float]:
    reader = section.reader
    boosts = {}
    for name, child in reader.entries(node).items():
        if name not in options:
            hint = reader.hint(name, options)
            reader.report(node.key_places[name], f"unknown-{what}", f"there is no {what} {name[:80]!r}", hint)
        elif (percent := reader.number(child, LEAST_PERCENT, MOST_PERCENT)) is not None:
            boosts[name] = percent
    return boosts


def read_context_weights(section: Section, node: Node) -> tuple[ContextWeight, ...]:
    """The context weights; one whose condition cannot be read is left out."""
    found = (_read_context_weight(section, child) for child in section.reader.items(node))
    return tuple(weight for weight in found if weight is not None)


def _read_context_weight(section: Section, node: Node) -> ContextWeight | None:
    reader = section.reader
    entries = reader.mapping(node, _WEIGHT_KEYS, ("id", "when", "add"))
    weight_id = reader.optional(entries, "id", section.rule_id, "")
    add = reader.optional(entries, "add", lambda child: reader.number(child, LEAST_PERCENT, MOST_PERCENT), 0.0)
    when = reader.optional(entries, "when", section.expression, None)
    scope = read_scope(section, entries)
    return None if when is None else ContextWeight(weight_id, when, add, scope, node.place)


def read_thresholds(section: Section, node: Node) -> tuple[Threshold, ...]:
    """The thresholds, in the order written."""
    return tuple(_read_threshold(section, child) for child in section.reader.items(node))


def _read_threshold(section: Section, node: Node) -> Threshold:
    reader = section.reader
    entries = reader.mapping(node, _THRESHOLD_KEYS)
    if isinstance(node.value, dict) and "min_propensity" not in entries and "min_priority" not in entries:
        message = "the threshold sets no minimum"
        reader.report(node, "missing-key", message, "add min_propensity or min_priority")
    threshold = Threshold(
        min_propensity=reader.optional(entries, "min_propensity", lambda child: reader.number(child, 0.0, 1.0), None),
        min_priority=reader.optional(entries, "min_priority", reader.number, None),
        scope=read_scope(section, entries),
        channels=reader.optional(entries, "channels", section.channels, ()),
        directions=reader.optional(entries, "direction", section.directions, frozenset(Direction)),
    )
    section.check_meets(node, threshold.channels, threshold.directions)
    return threshold
