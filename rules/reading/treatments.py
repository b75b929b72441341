"""The treatments of an action: what is shown or said in each channel, with placeholders that really exist."""

from __future__ import annotations

import re
from collections.abc import Mapping

from documents.problem import Place
from documents.strict_yaml import Node
from documents.verbatim import verbatim
from rules.facts import ACTION_TYPES
from rules.policy import Content, Treatment
from rules.reading.section import Section
from rules.template import Placeholder, read_template

_TEXTS = Content._fields
_SCRIPTS = r"(?!(?:javascript|data|vbscript|file|blob):)"
_LINK = re.compile(
    rf"(?:https?://[^\s{{}}/]+(?:[/?#]\S*)?|/(?![/\\])\S*|{_SCRIPTS}(?!https?:)[a-z][a-z0-9+.-]*:[^\s{{}}]\S*)\Z",
    re.IGNORECASE,
)
_FILLED = re.compile(r"\{[^{}]*\}")


def read_treatments(section: Section, node: Node, action: str) -> dict[str, Treatment]:
    """The treatments by channel. A treatment's id is `<action>/<channel>` unless the policy says otherwise."""
    found = {}
    for channel, child in section.reader.entries(node).items():
        if channel in section.names.channels:
            found[channel] = _read_treatment(section, child, action, channel)
        else:
            hint = section.reader.hint(channel, section.names.channels)
            message = f"there is no channel {channel[:80]!r}"
            section.reader.report(node.key_places[channel], "unknown-channel", message, hint)
    return found


def _read_treatment(section: Section, node: Node, action: str, channel: str) -> Treatment:
    reader = section.reader
    entries = reader.mapping(node, ("id", *_TEXTS))
    if node.value == {}:
        reader.report(node, "empty-treatment", "the treatment says nothing", "give it at least a title")
    texts = {key: _read_text(section, entries[key]) for key in _TEXTS if key in entries}
    if "link" in entries and texts["link"]:
        _check_link(section, entries["link"], texts["link"])
    return Treatment(
        id=reader.optional(entries, "id", reader.text, f"{action}/{channel}"),
        channel=channel,
        content=Content(**texts),
    )


def _read_text(section: Section, node: Node) -> str:
    text = section.reader.text(node)
    if text is None or ("{" not in text and "}" not in text):
        return text or ""
    written, place = verbatim(section.reader.source, node)
    template = read_template(written)
    for offset, message in template.mistakes:
        hint = (
            "write {customer.x}, {context.x} or {action.x}; {customer.x|text} where it may be missing; {{ for a brace"
        )
        section.reader.report(_at(place, written, offset), "bad-placeholder", message, hint)
    for placeholder in template.placeholders:
        _check_placeholder(section, _at(place, written, placeholder.offset), placeholder)
    return text if not template.mistakes else ""


def _check_placeholder(section: Section, place: Place, placeholder: Placeholder) -> None:
    names = section.names
    known: Mapping[str, frozenset[str]] = {
        "customer": frozenset(names.facts.names),
        "context": names.context,
        "action": names.attributes | frozenset(ACTION_TYPES),
    }
    options = known[placeholder.room]
    if placeholder.name not in options:
        message = f"there is no {placeholder.room}.{placeholder.name}"
        section.reader.report(place, "unknown-placeholder", message, section.reader.hint(placeholder.name, options))
    elif placeholder.room == "action" and placeholder.name in names.live:
        message = f"action.{placeholder.name} changes by the second: a text cannot promise it"
        section.reader.report(place, "live-placeholder", message, "leave it out, or let a rule read it")


def _at(place: Place, text: str, offset: int) -> Place:
    before = text[:offset].split("\n")
    column = len(before[-1]) + (place.column if len(before) == 1 else 1)
    return Place(place.file, place.line + len(before) - 1, column)


def _check_link(section: Section, node: Node, link: str) -> None:
    if not _LINK.match(_FILLED.sub("{}", link)):
        hint = "write https://..., a path that begins with one '/', or an app's own scheme; no placeholder in the host"
        section.reader.report(node, "bad-link", f"{link[:80]!r} is not a safe link", hint)
