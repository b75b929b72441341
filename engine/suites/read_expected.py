"""Reads what a case expects of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from documents.node import Node
from documents.problem import Place
from engine.decision import Degraded
from engine.suites.expect_answer import ConditionsHold, DegradedIs, TierIs
from engine.suites.expect_events import AlertsAre, ProcedureIs
from engine.suites.expectation import Expectation
from engine.suites.read_expected_action import read_allowed, read_not_proposed, read_proposed
from engine.suites.read_expected_placement import read_placement
from engine.suites.sheet import Sheet
from engine.suites.suite import Meeting
from engine.suites.terms import DEGRADED
from rules.alert_kinds import ALERT_KINDS

_WORDS = ("tier", "degraded", "proposed", "not_proposed", "allowed", "placements", "procedure", "alerts")
_NONE = "none"


def asked_placements(sheet: Sheet, meeting: Meeting | None) -> tuple[str, ...]:
    """The placements that an answer at this moment has; those of all channels where the moment is not known."""
    if meeting is None:
        return tuple(dict.fromkeys(name for names in sheet.terms.placements.values() for name in names))
    return meeting.placements or sheet.terms.placements[meeting.channel]


def read_expected(sheet: Sheet, node: Node, meeting: Meeting | None) -> tuple[Expectation, ...]:
    """All expectations in the order of the file; at least one, or it is a mistake. They are read for their mistakes
    also where the moment has some itself and is None."""
    asked = asked_placements(sheet, meeting)
    entries = sheet.reader.mapping(node, (*_WORDS, *asked))
    found: list[Expectation] = []
    for key, child in entries.items():
        found += _read_one(sheet, key, child, asked)
    if node.value == {}:
        sheet.reader.report(node, "nothing-expected", "nothing is expected", "say what: a tier, a placement, an action")
    if not any(isinstance(one, DegradedIs) and Degraded.CONDITION_ERROR in one.codes for one in found):
        found.append(ConditionsHold(node.place))
    return tuple(found)


def _read_one(sheet: Sheet, key: str, node: Node, asked: tuple[str, ...]) -> Iterator[Expectation]:
    match key:
        case "tier":
            tier = sheet.refer(node, sheet.terms.tiers, "tier")
            if tier is not None:
                yield TierIs(tier, node.place)
        case "degraded":
            yield _read_degraded(sheet, node)
        case "proposed":
            yield from read_proposed(sheet, node, asked)
        case "not_proposed":
            yield from read_not_proposed(sheet, node)
        case "allowed":
            yield from read_allowed(sheet, node)
        case "procedure" | "alerts":
            yield from _read_beside(sheet, key, node)
        case "placements":
            yield from _read_placements(sheet, sheet.reader.mapping(node, asked))
        case _:
            yield from read_placement(sheet, key, node)


def _read_beside(sheet: Sheet, key: str, node: Node) -> Iterator[Expectation]:
    """What is expected beside the decision."""
    if key == "procedure":
        name = sheet.refer(node, (*sheet.terms.procedures, _NONE), "procedure")
        if name is not None:
            yield ProcedureIs("" if name == _NONE else name, node.place)
        return
    kinds = () if node.value in (_NONE, ()) else sheet.refer_all(node, ALERT_KINDS, "alert")
    yield AlertsAre(frozenset(kinds), node.place)


def _read_placements(sheet: Sheet, entries: Mapping[str, Node]) -> Iterator[Expectation]:
    for name, child in entries.items():
        yield from read_placement(sheet, name, child)


def _read_degraded(sheet: Sheet, node: Node) -> DegradedIs:
    place: Place = node.place
    if node.value == _NONE:
        return DegradedIs(frozenset(), place)
    codes = sheet.refer_all(node, DEGRADED, "code")
    return DegradedIs(frozenset(Degraded(code) for code in codes), place)
