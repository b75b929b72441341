"""Scopes: which actions a rule, limit or weight is about."""

from __future__ import annotations

from collections.abc import Mapping

from documents.strict_yaml import Node
from rules.policy import Kind, Scope
from rules.reading.section import Section

_KEYS = ("issues", "groups", "actions", "tags", "kinds")


def read_scope(section: Section, entries: Mapping[str, Node]) -> Scope:
    """The scope under the key `scope`, all actions where there is none. A scope without any action is a mistake."""
    if "scope" not in entries:
        return Scope()
    node = entries["scope"]
    problems = len(section.reader.problems)
    scope = _read(section, section.reader.mapping(node, _KEYS))
    if len(section.reader.problems) == problems and not section.names.in_scope(scope):
        message = "no action is in this scope, so it would never apply"
        section.reader.report(node, "scope-matches-nothing", message, "keys are AND-ed, names within a key OR-ed")
    return scope


def _read(section: Section, entries: Mapping[str, Node]) -> Scope:
    names = section.names
    options = {
        "issues": names.issues,
        "groups": names.groups,
        "actions": names.actions,
        "tags": names.tags,
        "kinds": names.kinds,
    }
    found = {key: section.refer_all(node, options[key], key[:-1]) for key, node in entries.items()}
    return Scope(
        issues=found.get("issues", ()),
        groups=found.get("groups", ()),
        actions=found.get("actions", ()),
        tags=found.get("tags", ()),
        kinds=tuple(Kind(kind) for kind in found.get("kinds", ()) if kind in Kind.__members__),
    )
