"""Reads the cases of a suite; a case with a table becomes one for each of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from documents.node import Node
from engine.suites.fixtures import Fixtures
from engine.suites.read_steps import StepReader
from engine.suites.sheet import Sheet
from engine.suites.suite import Case, Customer, Decide, Meeting, Step
from engine.suites.table import Row, filled, placeholders, read_rows, shown

_FOR_EACH = "for each"
_REQUIRED = ("name", "customer")
_KEYS = (*_REQUIRED, _FOR_EACH, "now", "moment", "expect", "steps", "stopped", "explore", "group")


@dataclass(frozen=True, slots=True)
class CaseReader:
    """Reads cases with the suite's fixtures; `now` is the suite's, None where it has none."""

    sheet: Sheet
    customers: Fixtures[Customer]
    moments: Fixtures[Meeting]
    now: float | None

    def read_all(self, node: Node) -> tuple[Case, ...]:
        """All cases in the order of the file; no two of one name."""
        cases = tuple(case for child in self.sheet.reader.items(node) for case in self._read(child))
        lines: dict[str, int] = {}
        for case in cases:
            if case.name in lines:
                message = f"another case is called {case.name!r}, at line {lines[case.name]}"
                self.sheet.reader.report(case.place, "duplicate-name", message, "say what differs, as with <column>")
            lines.setdefault(case.name, case.place.line)
        if node.value == ():
            self.sheet.reader.report(node, "empty-list", "there are no cases", "write at least one")
        return cases

    def _read(self, node: Node) -> Iterator[Case]:
        entries = self.sheet.reader.mapping(node, _KEYS, _REQUIRED)
        if not entries.keys() >= {*_REQUIRED}:
            return
        for body in self._bodies(node, entries):
            case = self._case(body)
            if case is not None:
                yield case

    def _bodies(self, node: Node, entries: Mapping[str, Node]) -> Iterator[Node]:
        """The case as it stands, or filled with each row of its table; a name that names no column gets them all."""
        body = replace(node, value={key: child for key, child in entries.items() if key != _FOR_EACH})
        if _FOR_EACH not in entries:
            yield body
            return
        rows = read_rows(self.sheet.reader, entries[_FOR_EACH])
        if rows:
            self._check_columns(entries[_FOR_EACH], body, rows[0])
            name = entries["name"]
            if not any(placeholders(name)):
                columns = ", ".join(f"<{column}>" for column in rows[0])
                body.value["name"] = replace(name, value=f"{name.value} [{columns}]")
        yield from (filled(body, row) for row in rows)

    def _check_columns(self, table: Node, body: Node, columns: Row) -> None:
        used = set()
        for name, where in placeholders(body):
            used.add(name)
            if name not in columns:
                hint = self.sheet.reader.hint(name, columns)
                self.sheet.reader.report(where, "unknown-column", f"the table has no column {name!r}", hint)
        for name in columns:
            if name not in used:
                self.sheet.reader.report(table, "unused-column", f"the column {name!r} is not used", f"write <{name}>")

    def _case(self, node: Node) -> Case | None:
        sheet, reader, entries = self.sheet, self.sheet.reader, node.value
        name, now = self._name(entries["name"]), self._now(node)
        customer = self.customers.of(sheet, entries["customer"])
        steps = self._steps(node, customer or Customer(""))
        if name is None or customer is None or now is None:
            return None
        return Case(
            name=name,
            place=node.place,
            now=now,
            customer=customer,
            steps=steps,
            stopped=reader.optional(
                entries, "stopped", lambda c: sheet.refer_all(c, sheet.terms.actions, "action"), ()
            ),
            explore=reader.optional(entries, "explore", reader.flag, False),
            group=reader.optional(
                entries, "group", lambda c: sheet.refer(c, sheet.terms.groups, "comparison group"), ""
            ),
        )

    def _name(self, node: Node) -> str | None:
        """The case's name; a cell that is a number names it as well."""
        return shown(node) if isinstance(node.value, int | float) else self.sheet.reader.text(node)

    def _now(self, node: Node) -> float | None:
        if "now" in node.value:
            return self.sheet.instant(node.value["now"])
        if self.now is None:
            hint = "add now: to the suite or to the case"
            self.sheet.reader.report(node, "no-time", "it is not said when this happens", hint)
        return self.now

    def _steps(self, node: Node, customer: Customer) -> tuple[Step, ...]:
        """The steps as written; a case without any has one decision."""
        entries, reader = node.value, self.sheet.reader
        reading = StepReader(self.sheet, self.moments, customer)
        if "steps" in entries:
            for key in ("moment", "expect"):
                if key in entries:
                    reader.report(
                        node.key_places[key], "two-ways", f"a case with steps has no {key}", "move it to a step"
                    )
            found = [reading.read(child) for child in reader.items(entries["steps"])]
        elif "moment" in entries and "expect" in entries:
            found = [reading.decide(entries["moment"], entries["expect"], "", node)]
        else:
            reader.report(
                node, "missing-key", "a case needs moment and expect, or steps", "say how the customer is met"
            )
            return ()
        steps = tuple(step for step in found if step is not None)
        expected = reading.expects or any(isinstance(step, Decide) and step.expectations for step in steps)
        if len(steps) == len(found) and not expected:
            reader.report(node, "nothing-expected", "nothing is expected in any step", "add expect: to a decision")
        return steps
