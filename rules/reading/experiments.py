"""`exploration` and `control_groups`: where chance decides, so that the company can learn."""

from __future__ import annotations

import math

from documents.strict_yaml import Node
from rules.policy import ControlGroup, Exploration
from rules.reading.channels import ALWAYS_FILLED
from rules.reading.section import Section

_EXPLORATION_KEYS = ("share", "placements")
_GROUP_KEYS = ("id", "share", "arm")
ARMS = ("random", "nothing", "propensity_only", "no_levers", "eligibility_only")


def read_exploration(section: Section, node: Node) -> Exploration:
    """The share of first places that are drawn; never in placements for service levels or routes."""
    reader = section.reader
    entries = reader.mapping(node, _EXPLORATION_KEYS, ("share",))
    share = reader.optional(entries, "share", lambda child: reader.number(child, 0.0, 1.0), 0.0)
    items = reader.items(entries["placements"]) if "placements" in entries else ()
    found = (_read_placement(section, item) for item in items)
    return Exploration(share, tuple(name for name in found if name is not None))


def _read_placement(section: Section, node: Node) -> str | None:
    placements = section.names.placements
    name = section.refer(node, placements, "placement")
    if name and ALWAYS_FILLED & placements[name]:
        message = f"{name!r} holds service levels or routes, which chance never decides"
        section.reader.report(node, "exploration-in-service", message, "remove it")
    return name


def read_control_groups(section: Section, node: Node) -> tuple[ControlGroup, ...]:
    """The control groups; together they hold at most all customers."""
    reader = section.reader
    groups = tuple(_read_group(section, child) for child in reader.items(node))
    ids: set[str] = set()
    for group, child in zip(groups, reader.items(node), strict=True):
        if group.id in ids:
            reader.report(child, "duplicate-id", f"the control group {group.id!r} stands twice", "rename one")
        ids.add(group.id)
    total = math.fsum(group.share for group in groups)
    if total > 1.0:
        message = f"the control groups together take {total:g} of all customers"
        reader.report(node, "shares-above-one", message, "lower the shares to 1 or less together")
    return groups


def _read_group(section: Section, node: Node) -> ControlGroup:
    reader = section.reader
    entries = reader.mapping(node, _GROUP_KEYS, _GROUP_KEYS)
    return ControlGroup(
        id=reader.optional(entries, "id", section.label, ""),
        share=reader.optional(entries, "share", lambda child: reader.number(child, 0.0, 1.0), 0.0),
        arm=reader.optional(entries, "arm", lambda child: reader.choice(child, ARMS), ARMS[0]),
    )
