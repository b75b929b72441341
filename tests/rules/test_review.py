"""What a review finds in a policy that loads, and where; the cases are data beside the corner shop."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.strict_yaml import Node, load, parse
from rules.compiled import compile_policy
from rules.facts import FactSchema
from rules.policy_file import read_policy
from rules.review.finding import Finding, Severity
from rules.review.policy_review import review

_POLICIES = Path(__file__).parent / "policies"
_SHOP = (_POLICIES / "corner_shop.yaml").read_text(encoding="utf-8")
_MARK = "¦"
_NOW = 1_790_244_000.0


def _cases() -> list[object]:
    cases = load(_POLICIES / "reviews.yaml").root.value
    return [pytest.param(case.value, id=f"{case.value['code'].value}-line{case.place.line}") for case in cases]


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} must stand once"
    return text.replace(old, new)


def _changed(case: dict[str, Node]) -> tuple[str, int, int]:
    """The corner shop as the case changes it, and the line and column where the mark stood, 0 without one."""
    text = _replaced(_SHOP, case["replace"].value, case["by"].value)
    if "and" in case:
        text = _replaced(text, case["and"].value, case["with"].value)
    if "at" in case:
        spot = case["at"].value
        text = _replaced(text, spot.replace(_MARK, ""), spot)
    before, _, after = text.partition(_MARK)
    if not after:
        return text, 0, 0
    return before + after, before.count("\n") + 1, len(before) - before.rfind("\n")


def _findings(text: str, facts: FactSchema) -> tuple[Finding, ...]:
    source = parse(text, "policy.yaml")
    policy, reader = read_policy(source, facts)
    compiled = None if policy is None else compile_policy(policy, facts, reader.report)
    assert compiled is not None, reader.problems
    assert reader.problems == []
    return review(compiled, facts, source, _NOW)


@pytest.mark.parametrize("case", _cases())
def test_a_finding_is_told_at_its_place(case: dict[str, Node], facts: FactSchema) -> None:
    text, line, column = _changed(case)
    found = _findings(text, facts)
    told = {(one.problem.code, one.severity, one.problem.place.line, one.problem.place.column) for one in found}
    severity = Severity.ERROR if case["error"].value else Severity.WARNING
    if line:
        assert (case["code"].value, severity, line, column) in told
    else:
        assert (case["code"].value, severity) in {one[:2] for one in told}
    assert len(told) <= 2, "one change does not set off a flood"
    assert all(one.problem.hint for one in found)


def test_a_sound_policy_sets_off_no_alarm(facts: FactSchema) -> None:
    assert _findings(_SHOP, facts) == ()


def test_a_price_may_differ_by_tier_where_the_action_says_why(facts: FactSchema) -> None:
    by_tier = "loyalty: 'tier.name == \"prospect\" ? 3.0 : 5.0'"
    text = _replaced(_SHOP, "loyalty: customer.tenure_months * 0.5", by_tier)
    why = _replaced(text, "    success: ACCEPTED\n", "    success: ACCEPTED\n    allow_price_by_tier: a thank-you\n")
    assert [one.problem.code for one in _findings(text, facts)] == ["price-by-tier"]
    assert _findings(why, facts) == ()


def test_the_dear_sibling_may_be_for_some_tiers_where_the_cheap_one_is_for_all(facts: FactSchema) -> None:
    only = '  - {id: best_only, stage: eligibility, allow_when: tier.name == "relationship_1", scope: {tags: [5g]}}\n'
    assert _findings(_replaced(_SHOP, "rules:\n", "rules:\n" + only), facts) == ()


@pytest.mark.parametrize(
    "condition",
    [
        "customer.age < 18 || customer.open_complaints > 0",
        "known.age && customer.age < 18",
        "customer.value_12m * 0.5 > customer.value_prior_12m",
        "customer.value_12m - customer.value_12m > 0",
        'size(customer.handset_os) > 3 || ["ios"].exists(os, os == customer.handset_os)',
        "int(customer.age) % 2 == 0",
        "customer.value_12m / customer.value_prior_12m > 3",
        'moment.channel == "web" && customer.age > 3 ? customer.age < 20 : customer.age > 80',
    ],
)
def test_what_may_change_is_let_alone(condition: str, facts: FactSchema) -> None:
    why = "channel_specific: as it is\n    " if "moment.channel" in condition else ""
    text = _replaced(_SHOP, "block_when: customer.age < 18", f"{why}block_when: >-\n      {condition}")
    assert _findings(text, facts) == ()


def test_a_rule_that_never_fires_is_told_once_whatever_stands_before_it(facts: FactSchema) -> None:
    never = "  - {id: never, stage: eligibility, block_when: moment.hour >= 25, scope: {groups: [credit]}}\n"
    text = _replaced(_SHOP, "  - {id: no_loan_in_complaint", f"{never}  - {{id: no_loan_in_complaint")
    assert [one.problem.code for one in _findings(text, facts)] == ["always-false"]


def test_a_stop_for_broken_promises_stops_more_than_its_condition_says(facts: FactSchema) -> None:
    late = "    - {id: late, when: customer.open_complaints >= 2, broken_promise: true, scope: {issues: [retention]}}\n"
    text = _replaced(_SHOP, "    - {id: recent_purchase", f"{late}    - {{id: recent_purchase")
    assert "rule-shadowed" not in {one.problem.code for one in _findings(text, facts)}
