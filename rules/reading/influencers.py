"""`influencers`: what an earlier outcome adds to the context weight of a scope, and how that fades."""

from __future__ import annotations

from collections.abc import Mapping

from documents.strict_yaml import Node
from rules.policy import Influencer
from rules.reading.scope import read_scope
from rules.reading.section import Section
from rules.reading.weights import LEAST_PERCENT, MOST_PERCENT

_KEYS = ("id", "after", "add", "to", "over", "scope")
_AFTER_KEYS = ("outcomes", "reasons", "scope")


def read_influencers(section: Section, node: Node) -> tuple[Influencer, ...]:
    """The influencers. `to` is 0 where nothing else is said; every influence is over after `over`."""
    return tuple(_read_influencer(section, child) for child in section.reader.items(node))


def _read_influencer(section: Section, node: Node) -> Influencer:
    reader = section.reader
    entries = reader.mapping(node, _KEYS, ("id", "after", "add", "over"))
    after: Mapping[str, Node] = {}
    if "after" in entries:
        after = reader.mapping(entries["after"], _AFTER_KEYS, ("outcomes",))
    found = Influencer(
        id=reader.optional(entries, "id", section.rule_id, ""),
        outcomes=reader.optional(after, "outcomes", section.outcomes, frozenset()),
        reasons=reader.optional(after, "reasons", lambda child: _read_reasons(section, child), frozenset()),
        about=read_scope(section, after),
        start=_percent(section, entries, "add"),
        end=_percent(section, entries, "to"),
        over=reader.optional(entries, "over", reader.duration, 1.0),
        scope=read_scope(section, entries),
        place=node.place,
    )
    if "add" in entries and found.start == found.end == 0.0:
        reader.report(entries["add"], "adds-nothing", "the influencer adds nothing", "write a percentage other than 0")
    return found


def _percent(section: Section, entries: Mapping[str, Node], key: str) -> float:
    return section.reader.optional(
        entries, key, lambda child: section.reader.number(child, LEAST_PERCENT, MOST_PERCENT), 0.0
    )


def _read_reasons(section: Section, node: Node) -> frozenset[str]:
    return frozenset(section.refer_all(node, section.names.reject_reasons, "reject reason"))
