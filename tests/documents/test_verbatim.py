from __future__ import annotations

import pytest

from documents.strict_yaml import parse
from documents.verbatim import verbatim


@pytest.mark.parametrize(
    ("document", "text", "line", "column"),
    [
        ("a: x && y", "x && y", 1, 4),
        ("a: {b: x && y}", "x && y", None, None),
        ('a: "x && y"', "x && y", 1, 5),
        ("a: 'x && y'", "x && y", 1, 5),
        ("a: x &&\n   y # why", "x &&\n   y", 1, 4),
        ('a: "x\n   && y"', "x\n   && y", 1, 5),
        ("a: |\n  x &&\n    y\n", "x &&\n    y", 2, 3),
        ("a: >-\n\n   x &&\n   y\n\nb: 1\n", "x &&\n   y", 3, 4),
        ("a: |\n  x", "x", 2, 3),
        ('a: "x \\"q\\" y"', 'x "q" y', 1, 5),
        ("a: é中 && x", "é中 && x", 1, 4),
        ("a: ''", "", 1, 5),
    ],
)
def test_text_keeps_its_lines_and_its_place(document: str, text: str, line: int | None, column: int | None) -> None:
    source = parse(document, "shop.yaml")
    node = source.root.value["a"]
    if line is None:
        node, line, column = node.value["b"], 1, 8
    found, place = verbatim(source, node)
    assert (found, place.line, place.column) == (text, line, column)


def test_a_place_within_later_lines_is_a_place_in_the_file() -> None:
    document = "rules:\n  - when: |\n      customer.age > 1 &&\n        customer.wrong > 2\n"
    source = parse(document, "shop.yaml")
    text, place = verbatim(source, source.root.value["rules"].value[0].value["when"])
    later = text.split("\n")[1]
    assert place.line + 1 == 4
    assert source.lines[3] == later, "lines after the first stand as in the file"
