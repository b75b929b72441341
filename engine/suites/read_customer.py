"""Reads the customers of a suite: features, consent, time zone, and what happened before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import available_timezones

from documents.node import Node
from engine.decision import Value
from engine.ids import valid_id
from engine.suites.sheet import Sheet
from engine.suites.suite import Customer, PastContact
from models.codec import ValueInvalid, encode_value

_KNOWN = ("features", "consent", "time_zone", "personalisation")
_KEYS = ("like", "id", *_KNOWN, "history")
_PAST = ("ago", "channel", "action", "outcome", "reason", "outcome_ago")
_ALL, _NONE = "all", "none"


def read_customer(sheet: Sheet, node: Node, name: str, like: Customer | None) -> Customer | None:
    """A customer as written, on top of the one it is like. Without an id it is called by its name."""
    reader = sheet.reader
    entries = reader.mapping(node, _KEYS)
    found = _known(sheet, entries, like or Customer(name or "customer"))
    found = replace(found, id=reader.optional(entries, "id", lambda child: _read_id(sheet, child), name or found.id))
    if "history" in entries:
        found = replace(found, history=_read_history(sheet, entries["history"]))
    return found


def read_change(sheet: Sheet, node: Node, customer: Customer) -> Customer:
    """What is known of a customer after a change in the course of a case."""
    return _known(sheet, sheet.reader.mapping(node, _KNOWN), customer)


def _known(sheet: Sheet, entries: Mapping[str, Node], customer: Customer) -> Customer:
    features, consent = customer.features, customer.consent
    if "features" in entries:
        features = {**(features or {}), **_read_features(sheet, entries["features"])}
    if "consent" in entries:
        consent = {**(consent or {}), **_read_consent(sheet, entries["consent"])}
    zone = customer.time_zone
    if "time_zone" in entries:
        zone = sheet.refer(entries["time_zone"], available_timezones(), "time zone") or zone
    opted = sheet.reader.optional(entries, "personalisation", sheet.reader.flag, customer.personalised)
    return replace(customer, features=features, consent=consent, time_zone=zone, personalised=opted)


def _read_id(sheet: Sheet, node: Node) -> str | None:
    name = sheet.reader.text(node)
    if name is None or valid_id(name):
        return name
    sheet.reader.report(node, "bad-id", f"{name[:80]!r} cannot be an id", "use 1 to 128 characters without braces")
    return None


def _read_features(sheet: Sheet, node: Node) -> dict[str, Value | None]:
    schema = sheet.terms.schema
    found: dict[str, Value | None] = {}
    for name, child in sheet.reader.entries(node).items():
        if not sheet.refer_key(node, name, schema.names, "feature"):
            continue
        try:
            encode_value(schema.feature(name), child.value)
            found[name] = child.value
        except ValueInvalid as refused:
            values = schema.feature(name).values
            hint = f"one of {', '.join(values)}" if values else f"write a {schema.feature(name).type.value}"
            sheet.reader.report(child, "bad-value", f"{name}: {refused.why}", f"{hint}; null = not known")
    return found


def _read_consent(sheet: Sheet, node: Node) -> dict[str, bool]:
    """Consent by "<channel>:<purpose>"; a channel that is named gives exactly the purposes that stand there."""
    asked = sheet.terms.consents
    found: dict[str, bool] = {}
    if isinstance(node.value, str):
        chosen = sheet.reader.choice(node, (_ALL, _NONE))
        return {f"{channel}:{one}": chosen == _ALL for channel, purposes in asked.items() for one in purposes}
    for channel, child in sheet.reader.entries(node).items():
        if not sheet.refer_key(node, channel, asked, "channel"):
            continue
        nothing = child.value in ((), _NONE)
        given = () if nothing else sheet.refer_all(child, asked[channel], "purpose of consent here")
        found |= {f"{channel}:{purpose}": purpose in given for purpose in asked[channel]}
    return found


def _read_history(sheet: Sheet, node: Node) -> tuple[PastContact, ...]:
    found = (_read_contact(sheet, child) for child in sheet.reader.items(node))
    return tuple(one for one in found if one is not None)


def _read_contact(sheet: Sheet, node: Node) -> PastContact | None:
    reader = sheet.reader
    entries = reader.mapping(node, _PAST, ("ago", "channel", "action"))
    ago = reader.optional(entries, "ago", reader.duration, 0.0)
    contact = PastContact(
        ago=ago,
        channel=reader.optional(entries, "channel", lambda c: sheet.refer(c, sheet.terms.placements, "channel"), ""),
        action=reader.optional(entries, "action", lambda c: sheet.refer(c, sheet.terms.actions, "action"), ""),
        outcome=reader.optional(entries, "outcome", lambda c: sheet.refer(c, sheet.terms.outcomes, "outcome"), ""),
        reason="",
        outcome_ago=reader.optional(entries, "outcome_ago", reader.duration, ago),
        place=node.place,
    )
    if contact.outcome_ago > ago:
        hint = "an outcome is as old as its contact, or younger"
        reader.report(entries["outcome_ago"], "outcome-too-early", "the outcome comes before its contact", hint)
    _check_outcome_keys(sheet, entries)
    if not contact.channel or not contact.action:
        return None
    return replace(contact, reason=read_reason(sheet, entries, contact.action, contact.outcome))


def _check_outcome_keys(sheet: Sheet, entries: Mapping[str, Node]) -> None:
    for key in ("reason", "outcome_ago"):
        if key in entries and "outcome" not in entries:
            sheet.reader.report(entries[key], "no-outcome", f"{key} needs an outcome", "add outcome: ...")


def read_reason(sheet: Sheet, entries: Mapping[str, Node], action: str, outcome: str) -> str:
    """The reason code of an outcome; a rejection's is one of those that its action declares."""
    reader = sheet.reader
    declared = sheet.terms.reject_reasons.get(action, ())
    if outcome == "REJECTED" and declared:
        return reader.optional(entries, "reason", lambda c: sheet.refer(c, declared, f"reason to reject {action}"), "")
    return reader.optional(entries, "reason", reader.text, "")
