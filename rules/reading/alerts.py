"""`alerts`: who is told of what, and where alerts are posted to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from documents.strict_yaml import Node
from rules.alert_kinds import ALERT_KINDS, COMPLAINT, DUE_KINDS, LOW_RATING
from rules.duty import Duty, DutyRule
from rules.reading.section import Section

_OWNER, _WEBHOOK = "owner", "webhook"
ALERT_KEYS = (_OWNER, *ALERT_KINDS, _WEBHOOK)
_RULE_KEYS = ("to", "at_most", "tiers")


def read_alerts(section: Section, node: Node) -> dict[str, str]:
    """By kind of what falls due the person who is told; `owner` is told of the rest."""
    entries = section.reader.mapping(node, ALERT_KEYS)
    named = {"" if key == _OWNER else key: child for key, child in entries.items() if key in (_OWNER, *DUE_KINDS)}
    return {key: text for key, child in named.items() if (text := section.filled(child))}


def read_duty(section: Section, node: Node, tiers: Collection[str]) -> Duty:
    """What customers say that somebody is told of at once. Mistakes in the keys are `read_alerts`' to tell."""
    entries = section.reader.entries(node)
    complaint, low = entries.get(COMPLAINT), entries.get(LOW_RATING)
    return Duty(
        complaint=None if complaint is None else _read_rule(section, complaint, tiers, rating=False),
        low_rating=None if low is None else _read_rule(section, low, tiers, rating=True),
        webhook=section.reader.optional(entries, _WEBHOOK, lambda child: _read_url(section, child), ""),
    )


def _read_rule(section: Section, node: Node, tiers: Collection[str], *, rating: bool) -> DutyRule:
    reader = section.reader
    if isinstance(node.value, str) and not rating:
        return DutyRule(section.filled(node) or "")
    keys = _RULE_KEYS if rating else ("to", "tiers")
    entries: Mapping[str, Node] = reader.mapping(node, keys, ("to", "at_most") if rating else ("to",))
    return DutyRule(
        to=reader.optional(entries, "to", section.filled, ""),
        tiers=frozenset(reader.optional(entries, "tiers", lambda one: section.refer_all(one, tiers, "tier"), ())),
        at_most=reader.optional(entries, "at_most", reader.number, None),
    )


def _read_url(section: Section, node: Node) -> str | None:
    text = section.filled(node)
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        section.reader.report(node, "bad-url", f"{text[:60]!r} is no address", "as in https://duty.example/alerts")
        return None
    return text
