"""`pauses`: what rests for a while after what the customer said or did."""

from __future__ import annotations

from collections.abc import Mapping

from documents.strict_yaml import Node
from rules.policy import CountedTogether, PauseRule
from rules.reading.scope import read_scope
from rules.reading.section import Section

_KEYS = ("id", "after", "pause", "for", "scope")
_AFTER_KEYS = ("outcome", "outcomes", "reasons", "times", "within")
_MOST_TIMES = 1000
_WINDOW = 30 * 86400.0


def read_pauses(section: Section, node: Node) -> tuple[PauseRule, ...]:
    """The pause rules. Without `within`, outcomes of the last 30 days count."""
    return tuple(_read_pause(section, child) for child in section.reader.items(node))


def _read_pause(section: Section, node: Node) -> PauseRule:
    reader = section.reader
    entries = reader.mapping(node, _KEYS, ("id", "after", "for"))
    after = reader.mapping(entries["after"], _AFTER_KEYS) if "after" in entries else {}
    return PauseRule(
        id=reader.optional(entries, "id", section.rule_id, ""),
        outcomes=_read_outcomes(section, entries, after),
        reason_codes=frozenset(reader.optional(after, "reasons", lambda child: _read_reasons(section, child), ())),
        times=reader.optional(after, "times", lambda child: reader.integer(child, 1, _MOST_TIMES), 1),
        window=reader.optional(after, "within", reader.duration, _WINDOW),
        paused=reader.optional(entries, "pause", lambda child: _read_paused(section, child), "action"),
        duration=reader.optional(entries, "for", reader.duration, 1.0),
        scope=read_scope(section, entries),
        place=node.place,
    )


def _read_outcomes(section: Section, entries: Mapping[str, Node], after: Mapping[str, Node]) -> frozenset[str]:
    given = [key for key in ("outcome", "outcomes") if key in after]
    if "after" in entries and isinstance(entries["after"].value, dict) and len(given) != 1:
        message = "a pause follows one outcome, or a list of outcomes"
        section.reader.report(entries["after"], "missing-key", message, "add outcome: REJECTED or outcomes: [...]")
    return section.reader.optional(after, given[0], section.outcomes, frozenset()) if given else frozenset()


def _read_reasons(section: Section, node: Node) -> tuple[str, ...]:
    return section.refer_all(node, section.names.reject_reasons, "reject reason")


def _read_paused(section: Section, node: Node) -> str | None:
    options = (*CountedTogether, *(section.names.attributes - section.names.live))
    name = section.reader.text(node)
    if name is None or name in options:
        return name
    hint = section.reader.hint(name, options)
    message = f"{name[:80]!r} is neither action, group, issue, scope nor an attribute"
    section.reader.report(node, "unknown-attribute", message, hint)
    return None
