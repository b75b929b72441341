"""A scalar as it stands in the file, so that a place within it is a place in the file.

YAML folds line breaks and drops indentation; here lines after the first keep both. What is written in
another language inside YAML (conditions, templates) reads the same, and its mistakes can be pointed at.
"""

from __future__ import annotations

from documents.node import Node, Source
from documents.problem import Place


def verbatim(source: Source, node: Node) -> tuple[str, Place]:
    """The text of a scalar and the place of its first character.

    Where the author used escapes, the value YAML made of them is returned instead: places after the
    first escape are then off by the characters that the escapes took.
    """
    value = str(node.value)
    line = source.lines[node.place.line - 1] if node.place.line <= len(source.lines) else ""
    mark = line[node.place.column - 1 : node.place.column]
    if node.quoted and mark in {"|", ">"}:
        text, place = _block(source, node)
    elif node.quoted and mark in {'"', "'"}:
        text, place = _between(source, node, 1)
    else:
        text, place = _between(source, node, 0)
    return (text if text.split() == value.split() else value), place


def _between(source: Source, node: Node, quote: int) -> tuple[str, Place]:
    start = Place(node.place.file, node.place.line, node.place.column + quote)
    end_line, end_column = node.end
    lines = list(source.lines[start.line - 1 : end_line])
    if not lines:
        return "", start
    lines[-1] = lines[-1][: end_column - 1 - quote]
    lines[0] = lines[0][start.column - 1 :]
    return "\n".join(lines), start


def _block(source: Source, node: Node) -> tuple[str, Place]:
    first = node.place.line
    lines = source.lines[first : node.end[0] - 1 + (node.end[1] > 1)]
    while lines and not lines[0].strip():
        lines, first = lines[1:], first + 1
    if not lines:
        return "", node.place
    indentation = len(lines[0]) - len(lines[0].lstrip(" "))
    text = "\n".join((lines[0][indentation:], *lines[1:])).rstrip()
    return text, Place(node.place.file, first + 1, indentation + 1)
