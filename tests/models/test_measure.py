"""Figures on held-out rows, held to plain definitions."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.measure import auc, calibration_error, lift_table, log_loss, measure

rows = st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.2, 0.35, 0.8])), min_size=1, max_size=40)


def columns(entries: list[tuple[bool, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([entry[0] for entry in entries]), np.array([entry[1] for entry in entries])


@settings(max_examples=60, deadline=None)
@given(rows)
def test_auc_is_the_share_of_pairs_in_the_right_order(entries: list[tuple[bool, float]]) -> None:
    labels, scores = columns(entries)
    pairs = [(p > n) + (p == n) / 2 for p in scores[labels] for n in scores[~labels]]
    assert auc(labels, scores) == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


@settings(max_examples=30, deadline=None)
@given(rows)
def test_log_loss_is_the_mean_surprise(entries: list[tuple[bool, float]]) -> None:
    labels, scores = columns(entries)
    surprise = [-math.log(score if label else 1 - score) for label, score in entries]
    assert log_loss(labels, scores) == pytest.approx(sum(surprise) / len(surprise))


def test_log_loss_stays_finite_where_a_sure_propensity_was_wrong() -> None:
    assert math.isfinite(log_loss(np.array([True]), np.array([0.0])))


def test_calibration_error_is_the_gap_between_rate_and_propensity() -> None:
    labels = np.tile([True, False, False, False], 50)
    assert calibration_error(labels, np.full(200, 0.25)) == pytest.approx(0.0, abs=0.05)
    assert calibration_error(labels, np.full(200, 0.45)) == pytest.approx(0.20, abs=1e-6)


def test_lift_table_puts_the_best_tenth_first() -> None:
    propensity = np.linspace(0, 1, 100)
    table = lift_table(propensity > 0.895, propensity)
    assert [row.part for row in table] == list(range(1, 11))
    assert table[0].rows == 10
    assert table[0].positives == 10
    assert table[0].lift == pytest.approx(100 / 11)
    assert table[9].lift == 0


def test_each_action_is_measured_by_itself_and_all_figures_are_plain_json() -> None:
    labels = np.array([True, False, True, False, False])
    propensity = np.array([0.9, 0.1, 0.4, 0.6, 0.2])
    figures = measure(labels, propensity, np.array([0, 0, 2, 2, 2]), ["a", "never_shown", "b"])
    assert figures.actions["a"].auc == 1.0
    assert figures.actions["b"].auc == 0.5
    assert figures.auc_within_actions == pytest.approx((1.0 * 2 + 0.5 * 3) / 5)
    assert "never_shown" not in figures.actions
    assert json.loads(json.dumps(figures.to_json(), allow_nan=False))["rows"] == 5


def test_auc_of_actions_says_what_popularity_alone_would_reach() -> None:
    labels = np.array([True] * 3 + [False] + [True] + [False] * 3)
    actions = np.array([0] * 4 + [1] * 4)
    figures = measure(labels, np.full(8, 0.5), actions, ["often", "seldom"])
    assert figures.auc == 0.5
    assert figures.auc_of_actions == pytest.approx((3 * 3 + 3 * 0.5 + 3 * 0.5) / 16)


def test_without_successes_there_is_no_order_to_judge() -> None:
    figures = measure(np.zeros(4, dtype=bool), np.full(4, 0.1), np.zeros(4, dtype=np.intp), ["a"])
    assert figures.auc is None
    assert figures.auc_within_actions is None
    assert figures.lift[0].lift is None
