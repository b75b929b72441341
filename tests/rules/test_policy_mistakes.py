"""Every mistake in a policy is told with its code at its place; the cases are data beside the corner shop."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.problem import DocumentInvalid, Problem
from documents.strict_yaml import Node, load, parse
from rules.compiled import compile_policy
from rules.facts import FactSchema
from rules.policy_file import read_policy

_POLICIES = Path(__file__).parent / "policies"
_SHOP = (_POLICIES / "corner_shop.yaml").read_text(encoding="utf-8")
_MARK = "¦"


def _cases() -> list[object]:
    cases = load(_POLICIES / "mistakes.yaml").root.value
    return [pytest.param(case.value, id=f"{case.value['code'].value}-line{case.place.line}") for case in cases]


def _spoiled(case: dict[str, Node]) -> tuple[str, int, int]:
    """The corner shop with the case's mistake, and the line and column where the mark stood."""
    old, new = case["replace"].value, case["by"].value
    assert _SHOP.count(old) == 1, f"{old!r} must stand once"
    text = _SHOP.replace(old, new)
    if "at" in case:
        spot = case["at"].value
        assert text.count(spot.replace(_MARK, "")) == 1, f"{spot!r} must stand once"
        text = text.replace(spot.replace(_MARK, ""), spot)
    before, _, after = text.partition(_MARK)
    return before + after, before.count("\n") + 1, len(before) - before.rfind("\n")


def _problems(text: str, facts: FactSchema) -> list[Problem]:
    try:
        policy, reader = read_policy(parse(text, "policy.yaml"), facts)
    except DocumentInvalid as invalid:
        return list(invalid.problems)
    if policy is not None:
        compile_policy(policy, facts, reader.report)
    return reader.problems


@pytest.mark.parametrize("case", _cases())
def test_a_mistake_is_told_at_its_place(case: dict[str, Node], facts: FactSchema) -> None:
    text, line, column = _spoiled(case)
    problems = _problems(text, facts)
    told = [(problem.code, problem.place.line, problem.place.column) for problem in problems]
    assert (case["code"].value, line, column) in told
    assert len(told) <= 3, "one mistake does not set off a flood"
    assert all(problem.message and problem.place.file == "policy.yaml" for problem in problems)
