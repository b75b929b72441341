"""`contact_policy`: how often customers are met, when they are left alone, and what they agreed to."""

from __future__ import annotations

from collections.abc import Mapping

from documents.strict_yaml import Node
from rules.policy import Cap, ConsentRule, ContactPolicy, CountedTogether, Direction
from rules.reading.cool_downs import read_cool_downs
from rules.reading.pauses import read_pauses
from rules.reading.quiet import read_quiet_hours
from rules.reading.scope import read_scope
from rules.reading.section import Section
from rules.reading.stops import read_stops

_KEYS = ("ledger_length", "caps", "cool_downs", "pauses", "quiet_hours", "consent", "stops")
_CAP_KEYS = (
    "id", "limit", "within", "calendar", "scope", "per", "channels", "direction", "counts", "release_after",
)  # fmt: skip
_CONSENT_KEYS = ("channels", "purpose", "scope")
_CALENDARS = ("day", "week", "month")
_COUNTS = ("DECISION", "IMPRESSION")
_LEDGER_LENGTH = 64
_LONGEST_LEDGER = 4096
_RELEASE_AFTER = 2 * 3600.0
_OUTBOUND = frozenset({Direction.OUTBOUND})


def read_contact_policy(section: Section, node: Node) -> ContactPolicy:
    """The contact policy."""
    reader = section.reader
    entries = reader.mapping(node, _KEYS)
    length = reader.optional(
        entries, "ledger_length", lambda child: reader.integer(child, 1, _LONGEST_LEDGER), _LEDGER_LENGTH
    )
    return ContactPolicy(
        caps=_read_caps(section, entries["caps"], length) if "caps" in entries else (),
        pauses=read_pauses(section, entries["pauses"]) if "pauses" in entries else (),
        quiet_hours=read_quiet_hours(section, entries["quiet_hours"]) if "quiet_hours" in entries else (),
        consent=_read_consent(section, entries["consent"]) if "consent" in entries else (),
        stops=read_stops(section, entries["stops"]) if "stops" in entries else (),
        ledger_length=length,
        cool_downs=read_cool_downs(section, entries["cool_downs"]) if "cool_downs" in entries else (),
    )


def _read_caps(section: Section, node: Node, ledger_length: int) -> tuple[Cap, ...]:
    caps = []
    for child in section.reader.items(node):
        cap = _read_cap(section, child)
        if cap.limit > ledger_length:
            message = f"a limit of {cap.limit} cannot be counted in a ledger of {ledger_length} contacts"
            hint = f"write ledger_length: {cap.limit} or more under contact_policy"
            section.reader.report(child.value["limit"], "ledger-too-short", message, hint)
        caps.append(cap)
    return tuple(caps)


def _read_cap(section: Section, node: Node) -> Cap:
    reader = section.reader
    entries = reader.mapping(node, _CAP_KEYS, ("id", "limit"))
    _check_window(section, node, entries)
    counts = reader.optional(entries, "counts", lambda child: reader.choice(child, _COUNTS), "DECISION")
    _check_release(section, entries, counts)
    cap = Cap(
        id=reader.optional(entries, "id", section.rule_id, ""),
        limit=reader.optional(entries, "limit", lambda child: reader.integer(child, 1, _LONGEST_LEDGER), 1),
        within=reader.optional(entries, "within", reader.duration, 0.0),
        calendar=reader.optional(entries, "calendar", lambda child: reader.choice(child, _CALENDARS), ""),
        scope=read_scope(section, entries),
        per=CountedTogether(
            reader.optional(entries, "per", lambda child: reader.choice(child, tuple(CountedTogether)), "action")
        ),
        channels=reader.optional(entries, "channels", section.channels, ()),
        directions=reader.optional(entries, "direction", section.directions, _OUTBOUND),
        counts=counts,
        release_after=reader.optional(
            entries, "release_after", reader.duration, _RELEASE_AFTER if counts == "IMPRESSION" else 0.0
        ),
        place=node.place,
    )
    section.check_meets(node, cap.channels, cap.directions)
    return cap


def _check_window(section: Section, node: Node, entries: Mapping[str, Node]) -> None:
    if isinstance(node.value, dict) and ("within" in entries) == ("calendar" in entries):
        message = "a cap has either a rolling window or a calendar"
        section.reader.report(node, "within-or-calendar", message, "keep within: 7d or calendar: day|week|month")


def _check_release(section: Section, entries: Mapping[str, Node], counts: str) -> None:
    if "release_after" in entries and counts != "IMPRESSION":
        message = "only a cap on impressions releases claims"
        section.reader.report(
            entries["release_after"], "unexpected-key", message, "add counts: IMPRESSION, or remove it"
        )


def _read_consent(section: Section, node: Node) -> tuple[ConsentRule, ...]:
    return tuple(_read_consent_rule(section, child) for child in section.reader.items(node))


def _read_consent_rule(section: Section, node: Node) -> ConsentRule:
    reader = section.reader
    entries = reader.mapping(node, _CONSENT_KEYS, ("channels", "purpose"))
    return ConsentRule(
        channels=reader.optional(entries, "channels", section.channels, ()),
        purpose=reader.optional(entries, "purpose", section.label, ""),
        scope=read_scope(section, entries),
    )
