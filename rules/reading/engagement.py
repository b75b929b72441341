"""`rules`: may we, does it make sense now, is it good for them."""

from __future__ import annotations

from collections.abc import Mapping

from documents.strict_yaml import Node
from rules.policy import EngagementRule, Expression, Reason, Stage
from rules.reading.reason import read_reason
from rules.reading.scope import read_scope
from rules.reading.section import Section

_KEYS = ("id", "stage", "allow_when", "block_when", "scope", "channel_specific", "protected_use", "reason")
_STAGES = (Stage.ELIGIBILITY, Stage.APPLICABILITY, Stage.SUITABILITY)


def read_rules(section: Section, node: Node) -> tuple[EngagementRule, ...]:
    """The rules in the order written; one that cannot be read is left out."""
    rules = (_read_rule(section, child) for child in section.reader.items(node))
    return tuple(rule for rule in rules if rule is not None)


def _read_rule(section: Section, node: Node) -> EngagementRule | None:
    reader = section.reader
    entries = reader.mapping(node, _KEYS, ("id", "stage"))
    rule_id = reader.optional(entries, "id", section.rule_id, None)
    stage = reader.optional(entries, "stage", lambda child: reader.choice(child, _STAGES), None)
    allows, when = _read_condition(section, node, entries)
    scope = read_scope(section, entries)
    reason = read_reason(reader, entries["reason"]) if "reason" in entries else Reason()
    if when is None:
        return None
    return EngagementRule(
        id=rule_id or "",
        stage=Stage(stage or _STAGES[0]),
        allows=allows,
        when=when,
        scope=scope,
        reason=reason,
        place=node.place,
        channel_specific=reader.optional(entries, "channel_specific", section.filled, ""),
        protected_use=reader.optional(entries, "protected_use", section.filled, ""),
    )


def _read_condition(section: Section, node: Node, entries: Mapping[str, Node]) -> tuple[bool, Expression | None]:
    allows = "allow_when" in entries
    if allows == ("block_when" in entries):
        message = "a rule has either allow_when or block_when"
        section.reader.report(node, "allow-or-block", message, "keep one of the two")
    key = "allow_when" if allows else "block_when"
    return allows, section.expression(entries[key]) if key in entries else None
