"""Reads what a case expects of one placement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from documents.node import Node
from engine.decision import Cause
from engine.suites.expect_placement import (
    AT_ONCE,
    BlockedBy,
    CauseIs,
    Exactly,
    First,
    Includes,
    InOrder,
    SentAt,
)
from engine.suites.expectation import Expectation
from engine.suites.sheet import Sheet
from engine.suites.terms import CAUSES, NO_CAUSE, REMOVED_BECAUSE, names_of

NOTHING = "nothing"
_WHEN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2} )?([01][0-9]|2[0-3]):[0-5][0-9]\Z")


def read_placement(sheet: Sheet, placement: str, node: Node) -> Iterator[Expectation]:
    """An action for the first place, `nothing`, a list that is all of it, or a mapping that says more."""
    if isinstance(node.value, dict):
        for key, child in sheet.reader.mapping(node, _PARTS).items():
            found = _PARTS[key](sheet, placement, child)
            if found is not None:
                yield found
    elif isinstance(node.value, tuple):
        found = _exactly(sheet, placement, node)
        if found is not None:
            yield found
    else:
        found = _first(sheet, placement, node)
        if found is not None:
            yield found


def _first(sheet: Sheet, placement: str, node: Node) -> Expectation | None:
    if node.value == NOTHING:
        return Exactly(placement, node.place, ())
    action = sheet.refer(node, sheet.terms.actions, "action")
    return None if action is None else First(placement, node.place, action)


def _exactly(sheet: Sheet, placement: str, node: Node) -> Expectation | None:
    if node.value == NOTHING:
        return Exactly(placement, node.place, ())
    return _several(sheet, placement, node, Exactly)


def _order(sheet: Sheet, placement: str, node: Node) -> Expectation | None:
    if len(sheet.reader.items(node)) == 1:
        sheet.reader.report(node, "no-order", "one action has no order", "name at least two, or use `includes`")
    return _several(sheet, placement, node, InOrder)


def _includes(sheet: Sheet, placement: str, node: Node) -> Expectation | None:
    return _several(sheet, placement, node, Includes)


def _several(sheet: Sheet, placement: str, node: Node, kind: type[Exactly | InOrder | Includes]) -> Expectation | None:
    actions = sheet.refer_all(node, sheet.terms.actions, "action")
    return kind(placement, node.place, actions) if actions else None


def _cause(sheet: Sheet, placement: str, node: Node) -> Expectation | None:
    cause = sheet.reader.choice(node, CAUSES)
    return None if cause is None else CauseIs(placement, node.place, Cause("" if cause == NO_CAUSE else cause))


def _send_at(sheet: Sheet, placement: str, node: Node) -> Expectation | None:
    when = sheet.reader.text(node)
    if when is None:
        return None
    if when != AT_ONCE and not _WHEN.match(when):
        hint = f'write "08:00", "2026-03-11 08:00" or {AT_ONCE}: the customer\'s clock'
        sheet.reader.report(node, "bad-time", f"{when[:40]!r} is no time of sending", hint)
        return None
    return SentAt(placement, node.place, when)


def _blocked_by(sheet: Sheet, placement: str, node: Node) -> Expectation | None:
    rule = sheet.refer(node, (*sorted(sheet.terms.rules), *names_of(REMOVED_BECAUSE)), "rule")
    return None if rule is None else BlockedBy(placement, node.place, rule)


_PARTS: Mapping[str, Callable[[Sheet, str, Node], Expectation | None]] = {
    "first": _first,
    "exactly": _exactly,
    "order": _order,
    "includes": _includes,
    "cause": _cause,
    "send_at": _send_at,
    "blocked_by": _blocked_by,
}
