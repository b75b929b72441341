"""`cool_downs`: for how long after a contact the company keeps quiet, and where."""

from __future__ import annotations

from collections.abc import Mapping

from documents.strict_yaml import Node
from rules.policy import CoolDown, Direction
from rules.reading.scope import read_scope
from rules.reading.section import Section

_KEYS = ("id", "for", "after", "channels", "direction", "scope")
_AFTER_KEYS = ("channels", "direction", "scope")
_OUTBOUND = frozenset({Direction.OUTBOUND})


def read_cool_downs(section: Section, node: Node) -> tuple[CoolDown, ...]:
    """The cool-downs. Without `after`, any contact in any channel begins one; without `direction`, outbound contacts
    wait for its end."""
    return tuple(_read_cool_down(section, child) for child in section.reader.items(node))


def _read_cool_down(section: Section, node: Node) -> CoolDown:
    reader = section.reader
    entries = reader.mapping(node, _KEYS, ("id", "for"))
    after: Mapping[str, Node] = reader.mapping(entries["after"], _AFTER_KEYS) if "after" in entries else {}
    found = CoolDown(
        id=reader.optional(entries, "id", section.rule_id, ""),
        duration=reader.optional(entries, "for", reader.duration, 1.0),
        begun_by=read_scope(section, after),
        begun_over=reader.optional(after, "channels", section.channels, ()),
        begun_in=reader.optional(after, "direction", section.directions, frozenset(Direction)),
        scope=read_scope(section, entries),
        channels=reader.optional(entries, "channels", section.channels, ()),
        directions=reader.optional(entries, "direction", section.directions, _OUTBOUND),
        place=node.place,
    )
    section.check_meets(node, found.channels, found.directions)
    if "after" in entries:
        section.check_meets(entries["after"], found.begun_over, found.begun_in)
    return found
