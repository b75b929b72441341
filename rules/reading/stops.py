"""`stops`: while something holds, or for a time after something happened, what is not proposed."""

from __future__ import annotations

from documents.strict_yaml import Node
from rules.policy import Reason, StopSelling
from rules.reading.reason import read_reason
from rules.reading.scope import read_scope
from rules.reading.section import Section

_STATES = ("broken_promise", "open_complaint")
_KEYS = ("id", "when", "after", *_STATES, "scope", "reason")
_AFTER_KEYS = ("outcomes", "within")


def read_stops(section: Section, node: Node) -> tuple[StopSelling, ...]:
    """The stops; `when` and `after` may both stand, then either stops."""
    return tuple(_read_stop(section, child) for child in section.reader.items(node))


def _read_stop(section: Section, node: Node) -> StopSelling:
    reader = section.reader
    entries = reader.mapping(node, _KEYS, ("id",))
    after = reader.mapping(entries["after"], _AFTER_KEYS, _AFTER_KEYS) if "after" in entries else {}
    if isinstance(node.value, dict) and not {"when", "after", *_STATES} & entries.keys():
        message = "the stop says neither when nor after what"
        hint = (
            "add when: <condition>, after: {outcomes: [...], within: 3d}, broken_promise: true or open_complaint: true"
        )
        reader.report(node, "missing-key", message, hint)
    return StopSelling(
        id=reader.optional(entries, "id", section.rule_id, ""),
        when=reader.optional(entries, "when", section.expression, None),
        after_outcomes=reader.optional(after, "outcomes", section.outcomes, frozenset()),
        within=reader.optional(after, "within", reader.duration, 0.0),
        scope=read_scope(section, entries),
        reason=read_reason(reader, entries["reason"]) if "reason" in entries else Reason(),
        place=node.place,
        broken_promise=reader.optional(entries, "broken_promise", reader.flag, False),
        open_complaint=reader.optional(entries, "open_complaint", reader.flag, False),
    )
