"""What must hold of a decision table's rows together: someone is always met, and where it says so by one row only."""

from __future__ import annotations

from collections.abc import Sequence

from documents.strict_yaml import Node
from rules.reading.cells import Input
from rules.reading.section import Section
from rules.situation import Value
from rules.table import DecisionTable, Hit
from rules.table_cover import Box, TooManyRanges, left_out, shared

_MOST_TOLD = 10


def check_rows(section: Section, node: Node, inputs: Sequence[Input], table: DecisionTable) -> None:
    """Report gaps and overlaps, each with an example; and rows that earlier ones leave nothing."""
    boxes = _boxes(table)
    if table.hit is Hit.EXACTLY_ONE:
        _check_overlaps(section, node, inputs, table)
    try:
        if table.hit is Hit.FIRST:
            _check_reached(section, node, inputs, boxes)
        gap = left_out([asked.domain for asked in inputs], boxes)
    except TooManyRanges:
        message = "the table is too large to tell whether a row is missing"
        section.reader.report(node, "table-too-large", message, "split it into several tables")
        return
    if gap is not None:
        message = f"no row of the table is for {_told(inputs, gap)}"
        hint = "add a row for it" if table.hit is Hit.EXACTLY_ONE else "add a last row with - in every cell"
        section.reader.report(node, "table-gap", message, hint)


def _check_overlaps(section: Section, node: Node, inputs: Sequence[Input], table: DecisionTable) -> None:
    boxes = _boxes(table)
    domains = [asked.domain for asked in inputs]
    told = 0
    for later, box in enumerate(boxes):
        for earlier in range(later):
            both = shared(domains, boxes[earlier], box)
            if both is not None and told < _MOST_TOLD:
                message = f"this row and {table.rows[earlier].id!r} are both for {_told(inputs, both)}"
                hint = "narrow one of them, or write hit: first"
                section.reader.report(node.value[later], "table-overlap", message, hint)
                told += 1
                break


def _check_reached(section: Section, node: Node, inputs: Sequence[Input], boxes: Sequence[Box]) -> None:
    for number, box in enumerate(boxes):
        own = [asked.domain if cell is None else cell for asked, cell in zip(inputs, box, strict=True)]
        if number and left_out(own, boxes[:number]) is None:
            message = "the rows above leave this one nothing"
            section.reader.report(node.value[number], "row-unreachable", message, "move it up, or remove it")


def _boxes(table: DecisionTable) -> list[Box]:
    return [[cell.accepts for cell in row.cells] for row in table.rows]


def _told(inputs: Sequence[Input], values: Sequence[Value]) -> str:
    shown = (f"{asked.name} = {_shown(value)}" for asked, value in zip(inputs, values, strict=True))
    return ", ".join(shown)


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value).removesuffix(".0") if isinstance(value, float) else value or '""'
