"""Training says what is striking: leaks, histories of successes only, columns that tell nothing."""

from __future__ import annotations

from typing import Any

import pytest

from models.suspicions import suspicions

USUAL: dict[str, Any] = {
    "auc_within_actions": 0.72,
    "rows": 800,
    "positives": 90,
    "gain": {"action.id": 0.4, "customer.duration": 0.35, "customer.age": 0.25},
    "evidence": {"plan": [40, 500], "phone": [50, 450]},
    "left_out": {"moment.intent": "not in the history", "customer.plan": "not in the history"},
}


def test_a_usual_history_is_passed_over_in_silence() -> None:
    assert suspicions(USUAL) == []


def test_an_order_that_is_too_good_names_what_it_rests_on() -> None:
    (said,) = suspicions({**USUAL, "auc_within_actions": 0.95})
    assert "0.950" in said
    assert "customer.duration (35% of what tells) and customer.age" in said
    assert "known_after_outcome: true" in said
    assert "action.id" not in said


def test_a_few_contacts_may_well_be_in_order() -> None:
    assert suspicions({**USUAL, "auc_within_actions": 1.0, "positives": 3}) == []
    assert suspicions({**USUAL, "auc_within_actions": None}) == []


@pytest.mark.parametrize(("counts", "said"), [([9, 9], "every contact succeeded"), ([0, 9], "no contact succeeded")])
def test_a_history_of_one_result_is_asked_for_the_other(counts: list[int], said: str) -> None:
    (found,) = suspicions({**USUAL, "evidence": {"plan": counts, "phone": counts}})
    assert said in found


def test_columns_that_tell_nothing_are_named_by_why() -> None:
    empty = {f"customer.f{place}": "missing in every row" for place in range(12)}
    found = suspicions({**USUAL, "left_out": {**empty, "context.page": "the same in every row"}})
    assert found[0].startswith("missing in every row, so nothing is learnt from: customer.f0, ")
    assert found[0].endswith("customer.f9 and 2 more")
    assert found[1] == "the same in every row, so nothing is learnt from: context.page"
