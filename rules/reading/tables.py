"""`tables`: decision tables, each checked to have a row for everyone, and only one where it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from documents.reader import did_you_mean
from documents.strict_yaml import Node
from rules.declared_values import company_sets, declared_sets
from rules.facts import declare
from rules.policy import Expression, Policy, Reason, Scope, Stage
from rules.reading.cells import CellMistaken, Input, read_cell
from rules.reading.reason import read_reason
from rules.reading.scope import read_scope
from rules.reading.section import Section
from rules.reading.table_checks import check_rows
from rules.situation import Value
from rules.table import Cell, DecisionTable, Hit, TableRow
from rules.value_set import Members, ValueSet

SCOPE_KEYS = ("actions", "groups", "issues", "tags", "kinds")
ROW_KEYS = ("id", "cells", "then", *SCOPE_KEYS, "reason")
_KEYS = ("id", "stage", "scope", "inputs", "hit", "rows", "channel_specific", "protected_use", "reason")
_STAGES = (Stage.ELIGIBILITY, Stage.APPLICABILITY, Stage.SUITABILITY)
_ALLOW, _BLOCK = "allow", "block"
_MOST_INPUTS, _MOST_ROWS = 12, 300
_ANYTHING = Cell("-", None, "")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The variables that tables may ask, with their types and values."""

    types: Mapping[str, str]
    sets: Mapping[str, ValueSet]

    @staticmethod
    def of(policy: Policy, section: Section) -> Vocabulary:
        variables = declare(section.names.facts, policy.context, {})
        types = {name: one.type for name, one in variables.items() if not name.startswith("action.")}
        return Vocabulary(types, declared_sets(policy, section.names.facts) | company_sets(policy))


def read_tables(section: Section, node: Node, policy: Policy) -> tuple[DecisionTable, ...]:
    """The tables in the order written, given the rest of the policy; one that cannot be read is left out."""
    vocabulary = Vocabulary.of(policy, section)
    tables = (_read_table(section, child, vocabulary) for child in section.reader.items(node))
    return tuple(table for table in tables if table is not None)


def _read_table(section: Section, node: Node, vocabulary: Vocabulary) -> DecisionTable | None:
    reader = section.reader
    problems = len(reader.problems)
    entries = reader.mapping(node, _KEYS, ("id", "stage", "inputs", "rows"))
    stage = reader.optional(entries, "stage", lambda child: reader.choice(child, _STAGES), _STAGES[0])
    hit = reader.optional(entries, "hit", lambda child: reader.choice(child, tuple(Hit)), Hit.EXACTLY_ONE)
    inputs = _read_inputs(section, entries["inputs"], vocabulary) if "inputs" in entries else ()
    table = DecisionTable(
        id=reader.optional(entries, "id", section.rule_id, ""),
        stage=Stage(stage),
        scope=read_scope(section, entries),
        inputs=tuple(one.name for one in inputs),
        hit=Hit(hit),
        rows=(),
        place=node.place,
        reason=read_reason(reader, entries["reason"]) if "reason" in entries else Reason(),
        channel_specific=reader.optional(entries, "channel_specific", section.filled, ""),
        protected_use=reader.optional(entries, "protected_use", section.filled, ""),
    )
    if "rows" not in entries or len(reader.problems) > problems:
        return None
    rows = _RowReader(section, inputs, table).read(entries["rows"])
    if len(reader.problems) == problems:
        check_rows(section, entries["rows"], inputs, replace(table, rows=rows))
    return replace(table, rows=rows) if len(reader.problems) == problems else None


def _read_inputs(section: Section, node: Node, vocabulary: Vocabulary) -> tuple[Input, ...]:
    reader = section.reader
    found: dict[str, Input] = {}
    for item in reader.items(node):
        name = reader.text(item)
        if name is None:
            continue
        if name.startswith("action."):
            hint = "a table asks the customer and the moment; name actions in its scope and rows"
            reader.report(item, "not-known-here", f"{name!r} cannot be an input", hint)
        elif name not in vocabulary.types:
            reader.report(item, "unknown-name", f"{name[:80]!r} is not declared", reader.hint(name, vocabulary.types))
        elif name in found:
            reader.report(item, "duplicate-input", f"the input {name!r} stands twice", "keep one")
        else:
            found[name] = Input(name, vocabulary.types[name], vocabulary.sets[name])
    if {"moment.channel", "moment.direction"} <= found.keys():
        message = "the channel tells the direction, so rows would be asked for that can never hold"
        reader.report(node, "inputs-dependent", message, "keep moment.channel or moment.direction")
    if isinstance(node.value, tuple) and not 0 < len(node.value) <= _MOST_INPUTS:
        reader.report(node, "out-of-range", f"a table has 1 to {_MOST_INPUTS} inputs", "split it into several tables")
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _RowReader:
    """Reads the rows of one table."""

    section: Section
    inputs: tuple[Input, ...]
    table: DecisionTable

    def read(self, node: Node) -> tuple[TableRow, ...]:
        reader = self.section.reader
        items = reader.items(node)
        if isinstance(node.value, tuple) and not 0 < len(items) <= _MOST_ROWS:
            reader.report(node, "out-of-range", f"a table has 1 to {_MOST_ROWS} rows", "split it into several tables")
            return ()
        rows = tuple(self._row(item, number) for number, item in enumerate(items, start=1))
        names: set[str] = set()
        for row, item in zip(rows, items, strict=True):
            if row.id in names:
                reader.report(item, "duplicate-id", f"the row {row.id!r} stands twice", "rename one")
            names.add(row.id)
        return rows

    def _row(self, node: Node, number: int) -> TableRow:
        reader = self.section.reader
        entries = reader.mapping(node, ROW_KEYS, ("cells", "then"))
        name = reader.optional(entries, "id", self.section.label, str(number))
        then = reader.optional(entries, "then", lambda child: reader.choice(child, (_ALLOW, _BLOCK)), _BLOCK)
        cells = self._cells(entries["cells"]) if "cells" in entries else ()
        return TableRow(
            id=f"{self.table.id}/{name}",
            cells=cells,
            allows=then == _ALLOW,
            scope=self._scope(node, entries),
            reason=read_reason(reader, entries["reason"]) if "reason" in entries else self.table.reason,
            when=Expression(" && ".join(cell.cel for cell in cells if cell.cel) or "true", node.place),
            place=node.place,
        )

    def _cells(self, node: Node) -> tuple[Cell, ...]:
        reader = self.section.reader
        items = reader.items(node)
        if isinstance(node.value, tuple) and len(items) != len(self.inputs):
            message = f"the row has {len(items)} cells for {len(self.inputs)} inputs"
            reader.report(node, "cell-count", message, "write one cell per input, - for anything")
            return (_ANYTHING,) * len(self.inputs)
        return tuple(self._cell(asked, item) for asked, item in zip(self.inputs, items, strict=False))

    def _cell(self, asked: Input, node: Node) -> Cell:
        try:
            return read_cell(asked, node)
        except CellMistaken as mistaken:
            self.section.reader.report(node, "bad-cell", str(mistaken), _hint(asked, mistaken))
            return _ANYTHING

    def _scope(self, node: Node, entries: Mapping[str, Node]) -> Scope:
        """The row's own scope; all of the table's where the row names none."""
        keys = {key: child for key, child in entries.items() if key in SCOPE_KEYS}
        if not keys:
            return self.table.scope
        reader, names = self.section.reader, self.section.names
        problems = len(reader.problems)
        scope = read_scope(self.section, {"scope": Node(keys, node.place, node.key_places)})
        if len(reader.problems) == problems and not names.in_scope(scope) & names.in_scope(self.table.scope):
            message = "none of the row's actions is in the table's scope"
            reader.report(node, "scope-matches-nothing", message, "widen the table's scope, or name others")
        return scope


def _hint(asked: Input, mistaken: CellMistaken) -> str:
    if isinstance(asked.domain, Members) and not asked.domain.others:
        return did_you_mean(mistaken.word, [_cell_text(value) for value in asked.domain.values if value != ""])
    return "write a value, a list, >= 5, 3..7, or - for anything"


def _cell_text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
