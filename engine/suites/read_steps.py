"""Reads what happens in a case: decisions, outcomes, events, waiting, and changes of what is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from documents.node import Node
from engine.suites.fixtures import Fixtures
from engine.suites.read_customer import read_change, read_reason
from engine.suites.read_event import EVENT_KEYS, read_event
from engine.suites.read_expected import read_expected
from engine.suites.sheet import Sheet
from engine.suites.suite import PREVIOUS, Change, Customer, Decide, Meeting, Push, Resolve, Step, Tell, Wait
from rules.alert_kinds import ALERT_KINDS
from rules.policy import Direction

_KINDS: Mapping[str, tuple[str, ...]] = {
    "decide": ("as", "expect"),
    "outcome": ("action", "reason", "of", "rating"),
    "wait": (),
    "change": (),
    "event": EVENT_KEYS,
    "resolve": (),
    "push": ("sends",),
}


@dataclass(slots=True)
class StepReader:
    """Reads the steps of one case in order. `customer` is who it is by now, `decisions` the names given so far."""

    sheet: Sheet
    moments: Fixtures[Meeting]
    customer: Customer
    decisions: list[str] = field(default_factory=list)
    asked: bool = False
    expects: bool = False

    def read(self, node: Node) -> Step | None:
        """A step: a mapping with exactly one of `decide`, `outcome`, `wait`, `change`, `event`,
        `resolve` and `push`."""
        kinds = [key for key in _KINDS if key in self.sheet.reader.entries(node)]
        if len(kinds) != 1:
            if isinstance(node.value, dict):
                message = f"a step has one of {', '.join(_KINDS)}" + (f", not {' and '.join(kinds)}" if kinds else "")
                self.sheet.reader.report(node, "bad-step", message, "as in {wait: 3d}")
            return None
        entries = self.sheet.reader.mapping(node, (kinds[0], *_KINDS[kinds[0]]))
        reading: Mapping[str, Callable[[Mapping[str, Node], Node], Step | None]] = {
            "decide": self._decide,
            "outcome": self._tell,
            "wait": self._wait,
            "change": self._change,
            "event": self._happen,
            "resolve": self._resolve,
            "push": self._push,
        }
        return reading[kinds[0]](entries, node)

    def decide(self, moment: Node, expect: Node | None, name: str, node: Node) -> Decide | None:
        """A decision at a moment that is written or named."""
        meeting = self.moments.of(self.sheet, moment)
        expectations = read_expected(self.sheet, expect, meeting) if expect else ()
        if meeting is None:
            return None
        self._check_decision(moment, meeting.follows)
        self.asked = True
        if name:
            self.decisions.append(name)
        return Decide(meeting, expectations, name, node.place)

    def _decide(self, entries: Mapping[str, Node], node: Node) -> Step | None:
        name = self.sheet.reader.optional(entries, "as", self.sheet.reader.text, "")
        if name == PREVIOUS or name in self.decisions:
            self.sheet.reader.report(entries["as"], "name-taken", f"{name!r} is taken", "choose another name")
        return self.decide(entries["decide"], entries.get("expect"), name, node)

    def _tell(self, entries: Mapping[str, Node], node: Node) -> Step | None:
        sheet, reader = self.sheet, self.sheet.reader
        outcome = sheet.refer(entries["outcome"], sheet.terms.outcomes, "outcome")
        action = reader.optional(entries, "action", lambda child: sheet.refer(child, sheet.terms.actions, "action"), "")
        of = reader.optional(entries, "of", reader.text, PREVIOUS) or PREVIOUS
        self._check_decision(entries.get("of", node), of)
        reason = read_reason(sheet, entries, action, outcome or "")
        rating = reader.optional(entries, "rating", reader.number, None)
        return None if outcome is None else Tell(outcome, action, reason, of, node.place, rating)

    def _push(self, entries: Mapping[str, Node], node: Node) -> Step | None:
        sheet = self.sheet
        declared = sheet.terms.policy.channels.values()
        outbound = [one.name for one in declared if one.direction is Direction.OUTBOUND]
        channel = sheet.refer(entries["push"], outbound, "outbound channel")
        if "sends" not in entries:
            return None if channel is None else Push(channel, None, node.place)
        self.expects = True
        written = entries["sends"]
        sends = () if written.value == "none" else sheet.refer_all(written, sheet.terms.actions, "action")
        return None if channel is None else Push(channel, tuple(sends), node.place)

    def _happen(self, entries: Mapping[str, Node], node: Node) -> Step | None:
        self.expects = self.expects or "starts" in entries
        return read_event(self.sheet, entries, node)

    def _resolve(self, entries: Mapping[str, Node], node: Node) -> Step | None:
        kind = self.sheet.refer(entries["resolve"], ALERT_KINDS, "kind of alert")
        return None if kind is None else Resolve(kind, node.place)

    def _wait(self, entries: Mapping[str, Node], node: Node) -> Step | None:
        seconds = self.sheet.reader.duration(entries["wait"])
        return None if seconds is None else Wait(seconds, node.place)

    def _change(self, entries: Mapping[str, Node], node: Node) -> Step:
        self.customer = read_change(self.sheet, entries["change"], self.customer)
        return Change(self.customer, node.place)

    def _check_decision(self, node: Node, name: str) -> None:
        if name == PREVIOUS and not self.asked:
            self.sheet.reader.report(node, "no-decision-yet", "nothing was decided before this", "decide first")
        elif name not in {"", PREVIOUS, *self.decisions}:
            hint = self.sheet.reader.hint(name, [PREVIOUS, *self.decisions])
            self.sheet.reader.report(node, "unknown-decision", f"no decision before this is called {name!r}", hint)
