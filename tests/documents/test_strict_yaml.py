from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.problem import DocumentInvalid, Problem
from documents.strict_yaml import MAX_BYTES, load, parse


def _only_problem(text: str) -> Problem:
    with pytest.raises(DocumentInvalid) as caught:
        parse(text, "shop.yaml")
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "empty-file", 1, 1),
        ("# only a comment\n", "empty-file", 1, 1),
        ("null", "empty-file", 1, 1),
        ("cap: 1\nlimit: 2\ncap: 99\n", "duplicate-key", 3, 1),
        ("a: {b: 1, b: 2}", "duplicate-key", 1, 11),
        ("a:\n\tb: 1\n", "tab", 2, 1),
        ("a: [1, 2\n", "yaml-syntax", 2, 1),
        ("a: b: c", "yaml-syntax", 1, 5),
        ('a: "open', "yaml-syntax", 1, 9),
        ("a: &x 1", "alias", 1, 4),
        ("a: *x", "alias", 1, 4),
        ("a: !!python/object/apply:os.system [ls]", "tag", 1, 4),
        ("a: !secret 1", "tag", 1, 4),
        ("a: 1\n---\nb: 2", "many-documents", 3, 1),
        ("? [1, 2]\n: x", "key-type", 1, 3),
        ("a: 1e999", "number", 1, 4),
        ("a: 1\nb: x\x07y", "unprintable", 2, 5),
        ("\x00", "unprintable", 1, 1),
        ("a: \ud800", "unprintable", 1, 4),
        ("[" * 60 + "]" * 60, "too-large", 1, 42),
    ],
)
def test_what_is_not_strict_is_refused_at_its_place(text: str, code: str, line: int, column: int) -> None:
    problem = _only_problem(text)
    assert (problem.code, problem.place.line, problem.place.column) == (code, line, column)


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    assert _only_problem(bomb).code == "alias"


def test_more_values_than_anyone_writes_are_refused() -> None:
    assert _only_problem("a: [" + "1," * 400_001 + "]").code == "too-large"


def test_a_file_above_ten_megabytes_is_refused_unparsed(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"a: " + b"x" * MAX_BYTES)
    with pytest.raises(DocumentInvalid) as caught:
        load(path)
    assert caught.value.problems[0].code == "too-large"


@pytest.mark.parametrize(("content", "code"), [(b"a: \xff", "not-utf8"), (None, "unreadable")])
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "shop.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DocumentInvalid) as caught:
        load(path)
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("~", None),
        ("1_000", 1000),
        ("-4", -4),
        ("0x10", "0x10"),
        ("1.50", 1.5),
        ("2e3", 2000.0),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("21:00", "21:00"),
        ("2026-01-01", "2026-01-01"),
        ('"7"', "7"),
        ("9" * 60, "9" * 60),
    ],
)
def test_only_plain_numbers_and_true_false_null_are_not_text(written: str, value: object) -> None:
    node = parse(f"a: {written}", "shop.yaml").root.value["a"]
    assert node.value == value
    assert type(node.value) is type(value)


def test_every_value_knows_its_place() -> None:
    root = parse("a:\n  - x\n  - {b: 1}\n", "shop.yaml").root
    item = root.value["a"].value[1]
    assert (item.place.line, item.place.column) == (3, 5)
    assert str(item.key_places["b"]) == "shop.yaml:3:6"


def test_a_byte_order_mark_and_windows_line_ends_shift_no_place() -> None:
    problem = _only_problem("\ufeffa: 1\r\na: 2\r\n")
    assert (problem.place.line, problem.place.column) == (2, 1)


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\r\n")
    assert load(path).digest == hashlib.sha256(b"a: 1\r\n").hexdigest()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-[]{}\"'|>&*!#%\n \t\\?,1.eé\x85\u2028\x00", max_size=60))
def test_any_text_is_parsed_or_refused_with_a_place_in_it(text: str) -> None:
    try:
        parse(text, "shop.yaml")
    except DocumentInvalid as invalid:
        (problem,) = invalid.problems
        assert 1 <= problem.place.line <= text.count("\n") + text.count("\x85") + text.count("\u2028") + 2
        assert problem.render()
