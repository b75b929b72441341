"""Decision tables as CSV, for a spreadsheet: one line per row, one column per input.

Columns: `id`, the inputs by their names, `then`, the row's own actions, groups, issues, tags and kinds, and its
reason for customer, agent and analyst. Several names, or alternatives of a cell, are parted by |. What is empty is
left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from documents.csv_cells import CsvCell
from documents.problem import DocumentInvalid, Place, Problem
from documents.reader import did_you_mean
from documents.yaml_text import write_text
from rules.table import DecisionTable, TableRow

SCOPE = ("actions", "groups", "issues", "tags", "kinds")
_AGENT = "agent"
REASON = ("customer", _AGENT, "analyst")


def table_as_csv(table: DecisionTable) -> str:
    """The table with its header; `csv_rows` of it are the same rows."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("id", *table.inputs, "then", *SCOPE, *REASON))
    for number, row in enumerate(table.rows, start=1):
        writer.writerow(_columns(table, row, number))
    return written.getvalue()


def _columns(table: DecisionTable, row: TableRow, number: int) -> Iterator[str]:
    name = row.id.removeprefix(f"{table.id}/")
    yield "" if name == str(number) else name
    yield from (cell.text for cell in row.cells)
    yield "allow" if row.allows else "block"
    for key in SCOPE:
        yield "" if row.scope == table.scope else " | ".join(getattr(row.scope, key))
    for audience in REASON:
        yield "" if row.reason == table.reason else getattr(row.reason, audience)


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row as one line of YAML, with the cells that its parts came from, by their column (from 1) in `text`. Rows with
    equal `says` say the same."""

    text: str
    cells: tuple[tuple[int, CsvCell], ...]
    says: tuple[str, ...] = ()

    def cell_at(self, column: int) -> CsvCell:
        """The cell that a column of the line came from."""
        return next((cell for start, cell in reversed(self.cells) if start <= column), self.cells[0][1])

    def indented(self, spaces: int) -> WrittenRow:
        cells = tuple((start + spaces, cell) for start, cell in self.cells)
        return replace(self, text=" " * spaces + self.text, cells=cells)


def says(table: DecisionTable) -> Iterator[tuple[str, ...]]:
    """What each row of the table says, to be compared with what rows of a CSV say."""
    names = ("id", *table.inputs, "then", *SCOPE, *REASON)
    for number, row in enumerate(table.rows, start=1):
        yield _says(table, dict(zip(names, _columns(table, row, number), strict=True)))


def _says(table: DecisionTable, told: Mapping[str, str]) -> tuple[str, ...]:
    listed = (told.get(name, "") for name in (*table.inputs, *SCOPE))
    parted = (" | ".join(part.strip() for part in text.split("|")) for text in listed)
    single = (told.get(name, "") for name in ("id", "then", *REASON))
    return (*single, *("" if text == "-" else text for text in parted))


def csv_rows(table: DecisionTable, rows: Sequence[Sequence[CsvCell]], file: str) -> list[WrittenRow]:
    """The rows of a CSV as lines of YAML. Raises DocumentInvalid where the header is not this table's, or a line has
    another number of cells; what the cells say is for the policy's reader to check."""
    if not rows:
        raise DocumentInvalid([Problem("empty-file", Place(file, 1, 1), "the file is empty", "begin with a header")])
    header, *body = rows
    problems = [*_header_problems(table, header), *(one for row in body for one in _length_problems(header, row))]
    if problems:
        raise DocumentInvalid(problems)
    names = [cell.text for cell in header]
    return [_written(table, dict(zip(names, row, strict=True))) for row in body]


def _header_problems(table: DecisionTable, header: Sequence[CsvCell]) -> Iterator[Problem]:
    known = ("id", *table.inputs, "then", *SCOPE, *REASON)
    names = [cell.text for cell in header]
    for number, cell in enumerate(header):
        if cell.text not in known:
            yield _problem(cell, "unknown-column", f"unknown column {cell.text!r}", did_you_mean(cell.text, known))
        elif cell.text in names[:number]:
            yield _problem(cell, "duplicate-column", f"the column {cell.text!r} stands twice", "keep one")
    for name in (*table.inputs, "then"):
        if name not in names:
            yield _problem(header[0], "missing-column", f"the column {name!r} is missing", "add it")


def _length_problems(header: Sequence[CsvCell], row: Sequence[CsvCell]) -> Iterator[Problem]:
    if len(row) != len(header):
        message = f"the line has {len(row)} cells, the header {len(header)}"
        yield _problem(row[0], "cell-count", message, "give it one cell per column")


def _problem(cell: CsvCell, code: str, message: str, hint: str) -> Problem:
    return Problem(code, cell.place, message, hint, cell.line)


def _written(table: DecisionTable, cells: Mapping[str, CsvCell]) -> WrittenRow:
    line = _Line("- {", next(iter(cells.values())))
    if "id" in cells and cells["id"].text:
        line.add("id: ", cells["id"])
    line.open("cells: [")
    for name in table.inputs:
        line.add("", cells[name], cells[name].text or "-")
    line.close("]")
    line.add("then: ", cells["then"])
    for key in SCOPE:
        if key in cells and cells[key].text:
            line.open(f"{key}: [")
            for name in cells[key].text.split("|"):
                line.add("", cells[key], name.strip())
            line.close("]")
    _add_reason(line, {key: cells[key] for key in REASON if key in cells and cells[key].text})
    said = _says(table, {name: cell.text for name, cell in cells.items()})
    return WrittenRow(line.text + "}", tuple(line.cells), said)


def _add_reason(line: _Line, given: Mapping[str, CsvCell]) -> None:
    if list(given) == [_AGENT]:
        line.add("reason: ", given[_AGENT])
    elif given:
        line.open("reason: {")
        for key, cell in given.items():
            line.add(f"{key}: ", cell)
        line.close("}")


class _Line:
    """A line of YAML in the making."""

    def __init__(self, text: str, row: CsvCell) -> None:
        self.text = text
        self.cells: list[tuple[int, CsvCell]] = [(1, row)]
        self._fresh = True

    def open(self, text: str) -> None:
        self.text += ("" if self._fresh else ", ") + text
        self._fresh = True

    def close(self, text: str) -> None:
        self.text += text
        self._fresh = False

    def add(self, key: str, cell: CsvCell, value: str | None = None) -> None:
        self.open("")
        self.cells.append((len(self.text) + 1, cell))
        self.text += key + write_text(cell.text if value is None else value, flow=True)
        self._fresh = False


def at_cells(problem: Problem, rows: Mapping[int, WrittenRow]) -> Problem:
    """A problem in a line that came from CSV (by its number in the policy), told at the cell it came from."""
    row = rows.get(problem.place.line)
    if row is None:
        return problem
    cell = row.cell_at(problem.place.column)
    return replace(problem, place=cell.place, source_line=cell.line)
