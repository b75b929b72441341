"""A decision table's rows put in the place of those that stand in `policy.yaml`; nothing else there changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from documents.node import Node, Source
from documents.problem import BefitError, DocumentInvalid, Problem
from documents.strict_yaml import parse
from rules.facts import FactSchema
from rules.policy_file import compile_source
from rules.table import DecisionTable
from rules.table_csv import WrittenRow, at_cells, says


class TableNotReplaced(BefitError):
    """The rows of a table cannot be replaced in its file; the message says why, and what to do first."""


def replaced_rows(
    text: str, source: Source, table: DecisionTable, rows: Sequence[WrittenRow], facts: FactSchema
) -> str:
    """The text of a policy with the rows of one table replaced; rows that say what they said stay as they are written,
    with the comments above them. Raises DocumentInvalid where the new rows do not hold, with their mistakes at their
    cells, and TableNotReplaced where the table is not written line by line."""
    number, node = _table(source, table.id)
    place = node.key_places["rows"]
    lines = text.split("\n")
    before = lines[place.line - 1][: place.column - 1]
    if before.strip() not in {"", "-"}:
        raise TableNotReplaced(f"the table {table.id!r} stands in braces; write one key per line first")
    end = _end(lines, place.line, place.column - 1)
    blocks = _blocks(lines, node.value["rows"], end)
    head = lines[place.line - 1] if blocks else f"{before}rows:"
    indent = _indent(next(line for line in blocks[0] if _is_row(line))) if blocks else place.column + 1
    kept_rows = zip(says(table), blocks, strict=True) if blocks else ()
    written = _written(list(kept_rows), [row.indented(indent) for row in rows])
    changed = [*lines[: place.line - 1], head]
    origins: dict[int, WrittenRow] = {}
    for row, kept in written:
        origins |= {len(changed) + 1 + i: row for i in range(len(kept))}
        changed += kept
    result = "\n".join([*changed, *lines[end:]])
    _check(source, result, number, origins, facts)
    return result


def _blocks(lines: Sequence[str], rows: Node, end: int) -> list[list[str]]:
    """The lines of each row, with what stands above it since the row before; none where rows share lines."""
    starts = [row.place.line - 1 for row in rows.value]
    if len({*starts}) < len(starts) or not all(_is_row(lines[start]) for start in starts):
        return []
    tops = [_top(lines, start) for start in starts]
    return [list(lines[top:after]) for top, after in zip(tops, [*tops[1:], end], strict=True)]


def _top(lines: Sequence[str], start: int) -> int:
    while not lines[start - 1].strip() or lines[start - 1].lstrip(" ").startswith("#"):
        start -= 1
    return start


def _is_row(line: str) -> bool:
    return line.lstrip(" ").startswith("- ")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _written(
    old: Sequence[tuple[tuple[str, ...], list[str]]], rows: Sequence[WrittenRow]
) -> list[tuple[WrittenRow, list[str]]]:
    """Each new row with its lines: the old ones where it says what one of the old rows says."""
    kept: dict[tuple[str, ...], list[list[str]]] = {}
    for said, block in old:
        kept.setdefault(said, []).append(block)
    found = []
    for row in rows:
        as_before = kept.get(row.says, [])
        whole = replace(row, cells=((1, row.cells[0][1]),))
        found.append((whole, as_before.pop(0)) if as_before else (row, [row.text]))
    return found


def _table(source: Source, table_id: str) -> tuple[int, Node]:
    tables = source.root.value["tables"].value
    return next((i, one) for i, one in enumerate(tables) if one.value["id"].value == table_id)


def _end(lines: Sequence[str], first: int, indent: int) -> int:
    """The number of lines up to the end of what hangs on the key in line `first` (from 1)."""
    end = first
    for number in range(first, len(lines)):
        line = lines[number]
        deep = _indent(line)
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
