"""Reads the moments of a suite: the channel, what the customer wants, and how it is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from documents.node import Node
from engine.decision import Value
from engine.declared import check_of
from engine.suites.read_supply import read_free, read_left
from engine.suites.sheet import Sheet
from engine.suites.suite import Meeting

_KEYS = (
    "like", "channel", "intent", "context", "locale", "placements", "max_actions", "exclude", "follows", "store",
    "capacity", "limits",
)  # fmt: skip
_AWAY = "away"
_MOST_ACTIONS = 25
"""As many as the contract lets a request ask for."""


def read_meeting(sheet: Sheet, node: Node, _name: str, like: Meeting | None) -> Meeting | None:
    """A moment as written, on top of the one it is like; a channel of its own makes it forget inherited placements."""
    reader, terms = sheet.reader, sheet.terms
    entries = reader.mapping(node, _KEYS, () if like else ("channel",))
    channel = reader.optional(
        entries, "channel", lambda child: sheet.refer(child, terms.placements, "channel"), like.channel if like else ""
    )
    if not channel:
        return None
    found = like or Meeting(channel)
    if channel != found.channel:
        found = replace(found, channel=channel, placements=())
    return _asked(sheet, entries, _said(sheet, entries, found))


def _said(sheet: Sheet, entries: Mapping[str, Node], meeting: Meeting) -> Meeting:
    reader, policy = sheet.reader, sheet.terms.policy
    context = _read_context(sheet, entries["context"]) if "context" in entries else {}
    free = read_free(sheet, entries["capacity"]) if "capacity" in entries else {}
    left = read_left(sheet, entries["limits"]) if "limits" in entries else {}
    return replace(
        meeting,
        intent=reader.optional(entries, "intent", lambda c: _read_intent(sheet, c, policy.intents), meeting.intent),
        context={**meeting.context, **context},
        free={**meeting.free, **free},
        left={**meeting.left, **left},
        locale=reader.optional(entries, "locale", reader.text, meeting.locale),
        follows=reader.optional(entries, "follows", reader.text, meeting.follows),
        away=meeting.away or reader.optional(entries, "store", lambda c: reader.choice(c, (_AWAY,)), "") == _AWAY,
    )


def _asked(sheet: Sheet, entries: Mapping[str, Node], meeting: Meeting) -> Meeting:
    reader, terms = sheet.reader, sheet.terms
    here = terms.placements[meeting.channel]

    def of(options: Collection[str], what: str, node: Node) -> tuple[str, ...]:
        return sheet.refer_all(node, options, what)

    return replace(
        meeting,
        placements=reader.optional(
            entries, "placements", lambda c: of(here, f"placement of {meeting.channel}", c), meeting.placements
        ),
        exclude=reader.optional(entries, "exclude", lambda c: of(terms.actions, "action", c), meeting.exclude),
        max_actions=reader.optional(
            entries, "max_actions", lambda c: reader.integer(c, 1, _MOST_ACTIONS), meeting.max_actions
        ),
    )


def _read_intent(sheet: Sheet, node: Node, intents: tuple[str, ...]) -> str | None:
    return sheet.refer(node, (*intents, ""), "intent") if intents else sheet.reader.text(node)


def _read_context(sheet: Sheet, node: Node) -> dict[str, Value]:
    declared, found = sheet.terms.policy.context, {}
    for key, child in sheet.reader.entries(node).items():
        if not sheet.refer_key(node, key, declared, "context key"):
            continue
        value = _sent(child)
        mistake = check_of(declared[key])(value)
        if mistake:
            sheet.reader.report(child, "bad-value", f"{key} {mistake}", "as the policy declares it under context")
        elif value is not None:
            found[key] = value
    return found


def _sent(node: Node) -> Value | None:
    """A value as a request sends it: every number a float. None for what no request can send."""
    value = node.value
    if isinstance(value, bool | str):
        return value
    return float(value) if isinstance(value, int | float) else None
