"""The layout of a document, settled: what it says stays, every comment stays, and once is enough."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.layout.settle import LayoutNotSettled, settled
from documents.node import Node
from documents.problem import DocumentInvalid
from documents.strict_yaml import parse

SHOP = (Path(__file__).parents[1] / "rules" / "policies" / "corner_shop.yaml").read_text(encoding="utf-8")


def order(path):
    return {(): ("id", "when", "scope"), ("scope",): ("kinds", "tags")}.get(path, ())


def said(text: str):
    def values(node: Node):
        if isinstance(node.value, dict):
            return {key: values(child) for key, child in node.value.items()}
        return [values(child) for child in node.value] if isinstance(node.value, tuple) else node.value

    return values(parse(text, "f").root)


def check(text: str, by=lambda _: ()) -> str:
    once = settled(text, "f", by)
    assert said(once) == said(text)
    assert settled(once, "f", by) == once
    assert once.count("#c") == text.count("#c")
    return once


CASES = [
    ("keys come in their order, others after", "scope: {tags: [x], kinds: [y]}\nother: 1\nwhen: a\nid: b\n",
     "id: b\nwhen: a\nscope: {kinds: [y], tags: [x]}\nother: 1\n"),
    ("two blanks per level", "a:\n     b:\n      - c\n      -   d: 1\n          e: 2\nf:\n- g\n",
     "a:\n  b:\n    - c\n    - d: 1\n      e: 2\nf:\n  - g\n"),
    ("quotes only where needed", "a: \"b\"\nc: 'd e'\ne: '5'\nf: \"no\"\ng: 'x: y'\nh: [\"a, b\", 'c']\ni: no\n",
     'a: b\nc: d e\ne: "5"\nf: "no"\ng: "x: y"\nh: ["a, b", c]\ni: no\n'),
    ("texts with quotes", "a: \"b == \\\"c\\\"\"\nd: {e: \"f in [\\\"g\\\"]\"}\nh: \"it's\"\n",
     'a: b == "c"\nd: {e: \'f in ["g"]\'}\nh: it\'s\n'),
    ("braces that are too long", f"a:\n  - {{id: {'x' * 60}, when: {'y' * 60}, scope: {{b: [c]}}}}\n",
     f"a:\n  - id: {'x' * 60}\n    when: {'y' * 60}\n    scope: {{b: [c]}}\n"),
    ("braces over several lines", "a: {b: 1,\n    c: [2,\n  3]}\n", "a: {b: 1, c: [2, 3]}\n"),
    ("comments move along", "when: a #c1\n#c2\nid: b\n", "#c2\nid: b\nwhen: a  #c1\n"),
    ("what stands on top stays on top", "#c1\n\n#c2\nwhen: a\nid: b\n", "#c1\n\n#c2\nid: b\nwhen: a\n"),
    ("comments in braces open them", "a: {b: 1, #c1\n  #c2\n  c: 2}  #c3\n",
     "a:\n  b: 1  #c1\n  #c2\n  c: 2  #c3\n"),
    ("closing comments stay inside", "a:\n  - b\n  #c1\n\n#c2\nc: d\n#c3\n", "a:\n  - b\n  #c1\n\n#c2\nc: d\n#c3\n"),
    ("comments between dash and key", "- #c1\n  #c2\n  a: 1\n", "#c1\n#c2\n- a: 1\n"),
    ("one empty line at most", "a: 1\n\n\n\nb:\n\n  c: 2\n\n\n", "a: 1\n\nb:\n  c: 2\n"),
    ("block scalars move along",
     "a:\n    b: >-  #c1\n         one\n           two\n\n\n    c: |+\n      x\n\n    d: |2\n        y\n",
     "a:\n  b: >-  #c1\n    one\n      two\n\n  c: |+\n    x\n\n  d: |2\n      y\n"),
    ("long texts keep their lines",
     "a: \"b\n      c\n\n      d\" #c1\ne: f\n     g\n",
     "a: \"b\n  c\n\n  d\"  #c1\ne: f\n  g\n"),
    ("nothing", "a: {}\nb: []\nc:\nd: {e: , f: null}\n", "a: {}\nb: []\nc:\nd: {e: null, f: null}\n"),
    ("lists of lists", "- - 1\n  #c1\n  - 2\n- [3]\n", "- - 1\n  #c1\n  - 2\n- [3]\n"),
    ("one value", "just a text #c1\n", "just a text\n#c1\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_layout_is_settled(text: str, wanted: str) -> None:
    assert check(text, order) == wanted


def test_windows_line_ends_become_plain_ones() -> None:
    assert check("a: 1\r\nb: 2\r\n") == "a: 1\nb: 2\n"


def test_what_cannot_be_settled_safely_is_refused() -> None:
    with pytest.raises(LayoutNotSettled, match="line breaks"):
        settled('a: "x\u2028y"\n', "f", order)
    with pytest.raises(DocumentInvalid):
        settled("a: &b 1\n", "f", order)


texts = st.text("ab :#-,{}[]\"'\\!?é\n", max_size=12) | st.sampled_from(["no", "12", "x" * 90, "a #b", "on", "1e5", ""])
documents = st.recursive(
    texts | st.integers(-5, 5) | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "b c", "5", "- x", "k" * 50]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(
    root=documents,
    flow=st.sampled_from([True, False, None]),
    indent=st.integers(2, 6),
    width=st.sampled_from([20, 200]),
)
def test_whatever_is_written_it_says_the_same(root, flow, indent, width):
    style = {"default_flow_style": flow, "indent": indent, "width": width}
    check(yaml.safe_dump({"root": root}, allow_unicode=True, **style), order)


@settings(max_examples=40, deadline=None)
@given(
    inserts=st.lists(
        st.tuples(st.integers(0, 213), st.integers(0, 9), st.sampled_from(["", "#c", "#c x: {"])), max_size=12
    )
)
def test_comments_and_empty_lines_may_stand_anywhere(inserts):
    lines = SHOP.splitlines()
    for number, indent, text in sorted(inserts, reverse=True):
        lines.insert(number, " " * indent + text)
    check("\n".join(lines))


@settings(max_examples=40, deadline=None)
@given(behind=st.sets(st.integers(0, 212), max_size=12))
def test_comments_may_stand_behind_anything(behind):
    lines = [f"{line}  #c" if number in behind else line for number, line in enumerate(SHOP.splitlines())]
    check("\n".join(lines))
