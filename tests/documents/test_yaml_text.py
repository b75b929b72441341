"""Texts written as YAML are read back as the same texts."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from documents.strict_yaml import parse
from documents.yaml_text import write_text

TRICKY = st.text("aN0: #,[]{}\"'\\-?&*!|>%@`~.=<xé中", max_size=8) | st.sampled_from(
    [
        "no",
        "True",
        "null",
        "~",
        "12",
        "1e3",
        "3..7",
        "21:00",
        "2026-01-01",
        ">= 5",
        "-",
        "",
        " a",
        "a:",
        "0x1f",
        "a\nb",
        "=",
        "a #b",
    ]
)


@given(TRICKY)
def test_a_text_is_read_back_as_it_was_written(text: str) -> None:
    root = parse(
        f"a: {write_text(text)}\nb: [x, {write_text(text, flow=True)}, {{c: {write_text(text, flow=True)}}}]", "f"
    ).root
    assert root.value["a"].value == text
    assert root.value["b"].value[1].value == text
    assert root.value["b"].value[2].value["c"].value == text


@given(TRICKY)
def test_readers_without_the_c_library_read_the_same(text: str) -> None:
    written = f"b: [x, {write_text(text, flow=True)}, {{c: {write_text(text, flow=True)}}}]"
    assert yaml.load(written, Loader=yaml.SafeLoader)["b"] == ["x", text, {"c": text}]


@pytest.mark.parametrize("text", ["no", "12", "21:00", "2026-01-01", "null", "a: b", "- a", ""])
def test_what_other_readers_take_for_something_else_stands_in_quotes(text: str) -> None:
    assert write_text(text)[0] in "\"'"
