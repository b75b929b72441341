"""Tables of cases: every row of `for each` makes a case, with `<column>` standing for the row's cell.

A cell keeps its own place, so a mistake in it is told where it stands in the table.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from documents.node import Node
from documents.reader import Reader

MOST_ROWS = 2_000
_PLACEHOLDER = re.compile(r"<([A-Za-z][A-Za-z0-9_ ]*)>")

Row = Mapping[str, Node]


def read_rows(reader: Reader, node: Node) -> tuple[Row, ...]:
    """The rows of a table (a list whose first row names the columns), or every combination of a mapping of lists."""
    rows = _combinations(reader, node) if isinstance(node.value, dict) else _table(reader, node)
    if len(rows) > MOST_ROWS:
        reader.report(node, "too-many-rows", f"the table makes {len(rows):,} cases", f"make at most {MOST_ROWS:,}")
        return ()
    return rows


def _combinations(reader: Reader, node: Node) -> tuple[Row, ...]:
    entries = reader.entries(node)
    columns = {name: reader.items(child) for name, child in entries.items()}
    for name, child in entries.items():
        if child.value == ():
            reader.report(child, "empty-list", f"{name!r} has no values", "name at least one")
    made = itertools.product(*columns.values())
    return tuple(dict(zip(columns, cells, strict=True)) for cells in itertools.islice(made, MOST_ROWS + 1))


def _table(reader: Reader, node: Node) -> tuple[Row, ...]:
    lines = [reader.items(line) for line in reader.items(node)]
    if len(lines) < 2:
        reader.report(node, "empty-table", "the table has no rows", "write a row of column names, then rows of cells")
        return ()
    named = [reader.text(cell) for cell in lines[0]]
    columns = [name for name in named if name is not None]
    if len(set(columns)) < len(named):
        reader.report(reader.items(node)[0], "bad-columns", "every column needs a name of its own", "rename one")
        return ()
    for line, cells in zip(reader.items(node)[1:], lines[1:], strict=True):
        if len(cells) != len(columns) and isinstance(line.value, tuple):
            message = f"{len(cells)} for {len(columns)} columns: {', '.join(columns)}"
            reader.report(line, "uneven-row", f"the row has another number of cells, {message}", "null = not known")
    return tuple(dict(zip(columns, cells, strict=True)) for cells in lines[1:] if len(cells) == len(columns))


def shown(node: Node) -> str:
    """A cell as it reads within a text."""
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown(child)}" for key, child in value.items())
    if isinstance(value, tuple):
        return ", ".join(shown(child) for child in value)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def filled(node: Node, row: Row) -> Node:
    """The node with every `<column>` of the row replaced, in keys too."""
    value = node.value
    if isinstance(value, str):
        return _text(node, value, row)
    if isinstance(value, tuple):
        return replace(node, value=tuple(filled(child, row) for child in value))
    if not isinstance(value, dict):
        return node
    renamed = {key: _key(key, row) for key in value}
    return replace(
        node,
        value={renamed[key]: filled(child, row) for key, child in value.items()},
        key_places={renamed[key]: node.key_places[key] for key in value},
    )


def placeholders(node: Node) -> Iterator[tuple[str, Node]]:
    """Every `<name>` in a node, with the node that it stands in."""
    value = node.value
    if isinstance(value, str):
        yield from ((name, node) for name in _PLACEHOLDER.findall(value))
    elif isinstance(value, tuple):
        for child in value:
            yield from placeholders(child)
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from ((name, Node(key, node.key_places[key])) for name in _PLACEHOLDER.findall(key))
            yield from placeholders(child)


def _text(node: Node, text: str, row: Row) -> Node:
    alone = _PLACEHOLDER.fullmatch(text)
    if alone and alone[1] in row:
        return row[alone[1]]
    put = _key(text, row)
    return node if put == text else replace(node, value=put)


def _key(text: str, row: Row) -> str:
    return _PLACEHOLDER.sub(lambda found: shown(row[found[1]]) if found[1] in row else found[0], text)
