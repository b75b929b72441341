"""Reads which actions a case expects, which not, and in which words they are told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from documents.node import Node
from engine.decision import Audience
from engine.suites.expect_action import Allowed, NotProposed, Proposed, Texts
from engine.suites.sheet import Sheet
from engine.suites.terms import PROPOSED_BECAUSE, REMOVED_BECAUSE, STAGES, names_of
from rules.policy import Content

_AUDIENCES = tuple(audience.value.lower() for audience in Audience)
_CONTENT = Content._fields
_PROPOSED = ("in", "rank", "because", "reason", "content")
_NOT_PROPOSED = ("stage", "rule", "because", "reason")
_MOST_RANKS = 25


def read_proposed(sheet: Sheet, node: Node, asked: Collection[str]) -> Iterator[Proposed]:
    """A list of actions, or a mapping of action to the code of its reason, or to more."""
    codes = names_of(PROPOSED_BECAUSE)
    for action, child in _actions(sheet, node):
        found = Proposed(action, child.place)
        if isinstance(child.value, dict):
            yield _proposed(sheet, child, asked, found)
        elif child.value is None or child.value == action:
            yield found
        else:
            yield replace(found, because=sheet.refer(child, codes, "reason to propose") or "")


def read_not_proposed(sheet: Sheet, node: Node) -> Iterator[NotProposed]:
    """A list of actions, or a mapping of action to the rule, stage or code that stops it, or to more."""
    for action, child in _actions(sheet, node):
        found = NotProposed(action, child.place)
        if isinstance(child.value, dict):
            yield _not_proposed(sheet, child, found)
        elif child.value is None or child.value == action:
            yield found
        else:
            yield replace(found, **_stop(sheet, child))


def read_allowed(sheet: Sheet, node: Node) -> Iterator[Allowed]:
    """A list of actions, or one."""
    items = (node,) if isinstance(node.value, str) else sheet.reader.items(node)
    for item in items:
        action = sheet.refer(item, sheet.terms.actions, "action")
        if action is not None:
            yield Allowed(action, item.place)


def _actions(sheet: Sheet, node: Node) -> Iterator[tuple[str, Node]]:
    """The actions of a list (each with its own node) or of a mapping's keys."""
    if isinstance(node.value, dict):
        for action, child in sheet.reader.entries(node).items():
            if sheet.refer_key(node, action, sheet.terms.actions, "action"):
                yield action, child
        return
    items = (node,) if isinstance(node.value, str) else sheet.reader.items(node)
    for item in items:
        name = sheet.refer(item, sheet.terms.actions, "action")
        if name is not None:
            yield name, item


def _proposed(sheet: Sheet, node: Node, asked: Collection[str], found: Proposed) -> Proposed:
    entries, reader = sheet.reader.mapping(node, _PROPOSED), sheet.reader
    codes = names_of(PROPOSED_BECAUSE)
    return replace(
        found,
        placement=_text(sheet, entries, "in", asked, "placement here"),
        rank=reader.optional(entries, "rank", lambda child: reader.integer(child, 1, _MOST_RANKS), 0),
        because=_text(sheet, entries, "because", codes, "reason to propose"),
        told=_optional(entries, "reason", lambda child: _texts(sheet, child)),
        content=_optional(entries, "content", lambda child: _content(sheet, child)),
    )


def _not_proposed(sheet: Sheet, node: Node, found: NotProposed) -> NotProposed:
    entries = sheet.reader.mapping(node, _NOT_PROPOSED)
    return replace(
        found,
        stage=_text(sheet, entries, "stage", STAGES, "stage"),
        rule=_text(sheet, entries, "rule", sheet.terms.rules, "rule"),
        because=_text(sheet, entries, "because", names_of(REMOVED_BECAUSE), "reason to stop"),
        told=_optional(entries, "reason", lambda child: _texts(sheet, child)),
    )


def _stop(sheet: Sheet, node: Node) -> dict[str, Any]:
    """What a single word says: a rule, else a stage, else a code."""
    codes = names_of(REMOVED_BECAUSE)
    name = sheet.refer(node, (*sorted(sheet.terms.rules), *STAGES, *codes), "rule, stage or code")
    if name is None:
        return {}
    if name in sheet.terms.rules:
        return {"rule": name}
    return {"stage": name} if name in STAGES else {"because": name}


def _texts(sheet: Sheet, node: Node) -> Texts:
    """What reasons contain, by audience; a text alone is the agent's."""
    if isinstance(node.value, str):
        return {Audience.AGENT: node.value}
    entries = sheet.reader.mapping(node, _AUDIENCES)
    read = ((Audience(name.upper()), sheet.reader.text(child)) for name, child in entries.items())
    return {audience: text for audience, text in read if text}


def _content(sheet: Sheet, node: Node) -> Mapping[str, str]:
    read = ((name, sheet.reader.text(child)) for name, child in sheet.reader.mapping(node, _CONTENT).items())
    return {name: text for name, text in read if text}


def _text(sheet: Sheet, entries: Mapping[str, Node], key: str, options: Collection[str], what: str) -> str:
    return sheet.refer(entries[key], options, what) or "" if key in entries else ""


def _optional(entries: Mapping[str, Node], key: str, read: Callable[[Node], Mapping[Any, str]]) -> Mapping[Any, str]:
    return read(entries[key]) if key in entries else {}
