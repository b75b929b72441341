"""Tests of text attributes: done once per distinct word of the column, then spread over the actions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rules.action_columns import Column
from rules.column_part import Part, pairwise
from rules.fused import Found

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
    "_==_": operator.eq,
    "_!=_": operator.ne,
}
TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}


def lengths(part: Part) -> Part:
    """Characters of a text."""
    column = part.column
    if column is None:
        return Part("int", lambda values: np.int64(len(part.evaluate(values))), part.static)
    by_action = np.array([len(word) for word in column.words], dtype=np.int64)[column.values]
    return Part("int", lambda _: by_action, static=True)


def text_test(function: str, parts: Sequence[Part]) -> Part:
    """A comparison or test of two texts, of which any may be an attribute."""
    test = COMPARISONS.get(function) or TEXT_TESTS[function]
    left, right = parts
    if left.column is not None and right.column is not None:
        return _two_columns(test, left.column, right.column)
    if left.column is None and right.column is None:
        return pairwise("bool", lambda one, other: np.bool_(test(one, other)), parts)
    if function in {"_==_", "_!=_"}:
        return _same_word(function == "_==_", left, right)
    if left.column is not None:
        return _by_word(left.column, right, test)
    assert right.column is not None
    return _by_word(right.column, left, lambda word, text: test(text, word))


def _two_columns(test: Callable[[str, str], bool], left: Column, right: Column) -> Part:
    pairs = zip(left.values.tolist(), right.values.tolist(), strict=True)
    found = np.array([test(left.words[int(one)], right.words[int(other)]) for one, other in pairs], dtype=np.bool_)
    return Part("bool", lambda _: found, static=True)


def _same_word(wanted: bool, left: Part, right: Part) -> Part:
    column, text = (left.column, right) if left.column is not None else (right.column, left)
    assert column is not None
    codes = {word: code for code, word in enumerate(column.words)}
    values, read, compare = column.values, text.evaluate, operator.eq if wanted else operator.ne
    return Part("bool", lambda verdicts: compare(values, codes.get(read(verdicts), -1)), text.static)


def _by_word(column: Column, text: Part, test: Callable[[str, str], bool]) -> Part:
    words, codes, read = column.words, column.values, text.evaluate

    def evaluate(values: Sequence[Found]) -> Any:
        wanted = read(values)
        return np.array([test(word, wanted) for word in words], dtype=np.bool_)[codes]

    return Part("bool", evaluate, text.static)
