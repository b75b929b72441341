from __future__ import annotations

import pytest

from documents.problem import DocumentInvalid, Place, Problem
from documents.reader import Reader, did_you_mean
from documents.strict_yaml import Node, parse


def _reader(text: str) -> tuple[Reader, Node]:
    source = parse(text, "shop.yaml")
    return Reader(source), source.root


def test_all_problems_are_gathered_in_the_order_of_the_file() -> None:
    reader, root = _reader("name: 7\ncolour: red\n")
    entries = reader.mapping(root, ("name", "size"), ("size",))
    reader.text(entries["name"])
    with pytest.raises(DocumentInvalid) as caught:
        reader.finish()
    assert [problem.code for problem in caught.value.problems] == ["missing-key", "wrong-type", "unknown-key"]


def test_a_document_without_problems_finishes_quietly() -> None:
    reader, root = _reader("name: x")
    assert reader.text(reader.mapping(root, ("name",))["name"]) == "x"
    reader.finish()


@pytest.mark.parametrize(
    ("written", "read", "code"),
    [
        ("x", "number", "wrong-type"),
        ("true", "number", "wrong-type"),
        ("1.5", "integer", "wrong-type"),
        ("7", "text", "wrong-type"),
        ("1", "flag", "wrong-type"),
        ("[a]", "entries", "wrong-type"),
        ("a", "items", "wrong-type"),
        ("14", "duration", "bad-duration"),
        ("soon", "duration", "bad-duration"),
        ("{}", "duration", "bad-duration"),
    ],
)
def test_a_value_of_another_type_is_told(written: str, read: str, code: str) -> None:
    reader, root = _reader(f"a: {written}")
    assert not getattr(reader, read)(root.value["a"])
    assert [problem.code for problem in reader.problems] == [code]


@pytest.mark.parametrize(
    ("written", "seconds"), [("90s", 90.0), ("1.5h", 5400.0), ("2 d", 172800.0), ("4w", 2419200.0)]
)
def test_durations_are_read_in_seconds(written: str, seconds: float) -> None:
    reader, root = _reader(f"a: {written}")
    assert reader.duration(root.value["a"]) == seconds


def test_a_number_out_of_bounds_names_the_bounds() -> None:
    reader, root = _reader("a: 2")
    assert reader.number(root.value["a"], 0.0, 1.0) is None
    assert "between 0 and 1" in reader.problems[0].hint


def test_a_close_name_is_suggested_and_far_ones_are_listed() -> None:
    assert did_you_mean("upgrde", ["upgrade", "basic"]) == "did you mean 'upgrade'?"
    assert did_you_mean("zzz", ["upgrade", "basic"]) == "known here: basic, upgrade"


def test_hints_end_where_problems_are_many() -> None:
    reader, root = _reader("\n".join(f"upgrade{i}: 1" for i in range(300)))
    reader.mapping(root, ("upgrade",))
    assert len(reader.problems) == 300
    assert sum(bool(problem.hint) for problem in reader.problems) < 300


def test_the_caret_stands_below_the_character_even_after_wide_ones() -> None:
    problem = Problem("bad", Place("f", 1, 6), "wrong", source_line='名: "x')
    assert problem.render().split("\n")[2] == "  |       ^"


def test_a_long_line_is_shown_around_its_mistake() -> None:
    line = "x" * 5000 + "!" + "x" * 5000
    shown, caret = Problem("bad", Place("f", 1, 5001), "wrong", source_line=line).render().split("\n")[1:]
    assert len(shown) < 200
    assert shown[caret.index("^")] == "!"
