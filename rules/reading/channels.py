"""`channels`: where customers are met, and which places each channel has for actions."""

from __future__ import annotations

from collections.abc import Mapping

from documents.strict_yaml import Node
from rules.policy import CONTACT_KINDS, Channel, Direction, Kind, Placement
from rules.reading.section import Section

ALWAYS_FILLED = frozenset({Kind.SERVICE_LEVEL, Kind.CHANNEL_ROUTE})
_CHANNEL_KEYS = ("direction", "placements")
_PLACEMENT_KEYS = ("kinds", "count", "fallback", "nothing", "compare")
_MOST_ACTIONS = 50


def read_channels(section: Section, node: Node) -> dict[str, Channel]:
    """The channels by name; a policy has at least one."""
    if node.value == {}:
        section.reader.report(node, "empty-section", "there is no channel", "declare at least one")
    return {name: _read_channel(section, name, child) for name, child in section.named(node)}


def _read_channel(section: Section, name: str, node: Node) -> Channel:
    reader = section.reader
    entries = reader.mapping(node, _CHANNEL_KEYS, _CHANNEL_KEYS)
    direction = reader.optional(entries, "direction", lambda child: reader.choice(child, tuple(Direction)), "inbound")
    placements = {}
    if "placements" in entries:
        if entries["placements"].value == {}:
            reader.report(entries["placements"], "empty-section", "the channel has no placement", "declare one")
        placements = {
            placement: _read_placement(section, placement, child)
            for placement, child in section.named(entries["placements"])
        }
    return Channel(name, Direction(direction), placements, node.place)


def _read_placement(section: Section, name: str, node: Node) -> Placement:
    reader, names = section.reader, section.names
    entries = reader.mapping(node, _PLACEMENT_KEYS, ("kinds", "count"))
    kinds = reader.optional(entries, "kinds", lambda child: section.refer_all(child, tuple(Kind), "kind"), ())
    placement = Placement(
        name=name,
        kinds=frozenset(Kind(kind) for kind in kinds),
        count=reader.optional(entries, "count", lambda child: reader.integer(child, 1, _MOST_ACTIONS), 1),
        fallback=reader.optional(
            entries, "fallback", lambda child: section.refer(child, names.actions, "action"), None
        ),
        allow_nothing=reader.optional(entries, "nothing", reader.flag, ALWAYS_FILLED.isdisjoint(kinds)),
        compare_money=reader.optional(entries, "compare", lambda child: reader.choice(child, ("money",)), "") != "",
    )
    _check(section, node, entries, placement)
    return placement


def _check(section: Section, node: Node, entries: Mapping[str, Node], placement: Placement) -> None:
    """Service levels and routes have placements of their own that are always filled; what has no model is
    compared with what has one only in money."""
    report = section.reader.report
    kinds = placement.kinds
    if kinds & ALWAYS_FILLED:
        if len(kinds) > 1:
            message = "a service level or route never competes with other kinds"
            report(entries["kinds"], "kinds-mixed", message, "give it a placement of its own")
        if "fallback" not in entries:
            message = f"the placement {placement.name!r} is always filled, so it needs a fallback"
            report(node, "fallback-missing", message, "add fallback: <an action of its kind>")
        if placement.allow_nothing:
            message = "a placement for service levels or routes is always filled"
            report(entries["nothing"], "nothing-not-allowed", message, "remove nothing: true")
    elif kinds & CONTACT_KINDS and kinds - CONTACT_KINDS and not placement.compare_money:
        message = "kinds without a model share a placement with offers only when compared in money"
        report(entries["kinds"], "kinds-not-comparable", message, "add compare: money")
