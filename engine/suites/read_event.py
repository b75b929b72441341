"""Reads an event of a case, and holds it to the events that the policy and the features know."""

from __future__ import annotations

from collections.abc import Mapping

from documents.node import Node
from engine.decision import Value
from engine.suites.sheet import Sheet
from engine.suites.suite import Happen
from rules.event_types import About

EVENT_KEYS = ("attributes", "action", "queue", "ago", "starts")


def read_event(sheet: Sheet, entries: Mapping[str, Node], node: Node) -> Happen | None:
    """An event about the customer, or about the action or queue that it names, `ago` before the step."""
    reader, terms = sheet.reader, sheet.terms
    type_ = sheet.refer(entries["event"], terms.events.types, "event")
    action = reader.optional(entries, "action", lambda child: sheet.refer(child, terms.actions, "action"), "")
    queue = reader.optional(entries, "queue", reader.text, "")
    attributes = _read_attributes(sheet, entries["attributes"]) if "attributes" in entries else {}
    ago = reader.optional(entries, "ago", reader.duration, 0.0)
    if type_ is None:
        return None
    about = About.ACTION if "action" in entries else About.QUEUE if "queue" in entries else About.CUSTOMER
    mistake = terms.events.mistake(type_, about, attributes)
    if mistake is not None:
        reader.report(entries.get("attributes", entries["event"]), "bad-event", f"{mistake.field}: {mistake.reason}")
    return Happen(type_, attributes, action, queue, ago, node.place, _read_starts(sheet, entries, type_))


def _read_starts(sheet: Sheet, entries: Mapping[str, Node], type_: str) -> tuple[str, ...] | None:
    """The triggers that the event is to start; None where nothing is said of them."""
    if "starts" not in entries:
        return None
    written = entries["starts"]
    possible = [trigger.id for trigger in sheet.terms.policy.triggers if trigger.on == type_]
    return () if written.value == "none" else tuple(sheet.refer_all(written, possible, f"trigger on {type_}"))


def _read_attributes(sheet: Sheet, node: Node) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, child in sheet.reader.entries(node).items():
        value = child.value
        if isinstance(value, bool | str):
            found[name] = value
        elif isinstance(value, int | float):
            found[name] = float(value)
        else:
            sheet.reader.report(child, "bad-value", f"{name} is no number, text or flag", "write one value")
    return found
