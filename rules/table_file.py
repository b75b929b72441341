"""A decision table's rows put in the place of those that stand in `policy.yaml`; nothing else there changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from documents.node import Node, Source
from documents.problem import BefitError, DocumentInvalid, Problem
from documents.strict_yaml import parse
from rules.facts import FactSchema
from rules.policy_file import compile_source
from rules.table_csv import WrittenRow, at_cells


class TableNotReplaced(BefitError):
    """The rows of a table cannot be replaced in its file; the message says why, and what to do first."""


def replaced_rows(text: str, source: Source, table_id: str, rows: Sequence[WrittenRow], facts: FactSchema) -> str:
    """The text of a policy with the rows of one table replaced. Raises DocumentInvalid where the new rows do not hold,
    with their mistakes at their cells, and TableNotReplaced where the table is not written line by line."""
    number, table = _table(source, table_id)
    place = table.key_places["rows"]
    lines = text.split("\n")
    before = lines[place.line - 1][: place.column - 1]
    if before.strip() not in {"", "-"}:
        raise TableNotReplaced(f"the table {table_id!r} stands in braces; write one key per line first")
    end = _end(lines, place.line, place.column - 1)
    written = [row.indented(place.column + 1) for row in rows]
    changed = "\n".join((*lines[: place.line - 1], f"{before}rows:", *(row.text for row in written), *lines[end:]))
    _check(source, changed, number, {place.line + 1 + i: row for i, row in enumerate(written)}, facts)
    return changed


def _table(source: Source, table_id: str) -> tuple[int, Node]:
    tables = source.root.value["tables"].value
    return next((i, one) for i, one in enumerate(tables) if one.value["id"].value == table_id)


def _end(lines: Sequence[str], first: int, indent: int) -> int:
    """The number of lines up to the end of what hangs on the key in line `first` (from 1)."""
    end = first
    for number in range(first, len(lines)):
        line = lines[number]
        deep = len(line) - len(line.lstrip(" "))
        if line.strip() and deep <= indent and not (deep == indent and line.lstrip().startswith(("- ", "]"))):
            break
        if line.strip():
            end = number + 1
    return end


def _check(source: Source, text: str, number: int, rows: Mapping[int, WrittenRow], facts: FactSchema) -> None:
    try:
        changed = parse(text, source.file)
        compile_source(changed, facts)
    except DocumentInvalid as invalid:
        raise DocumentInvalid([_told(problem, rows) for problem in invalid.problems]) from None
    if _but_rows(changed.root, number) != _but_rows(source.root, number):
        raise TableNotReplaced("the rows cannot be told from what follows them; settle the file's layout first")


def _told(problem: Problem, rows: Mapping[int, WrittenRow]) -> Problem:
    return at_cells(problem, rows)


def _but_rows(root: Node, number: int) -> Any:
    found = plain(root)
    found["tables"][number].pop("rows")
    return found


def plain(node: Node) -> Any:
    """The values of a node without their places."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    return [plain(child) for child in node.value] if isinstance(node.value, tuple) else node.value
