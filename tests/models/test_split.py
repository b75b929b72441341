"""Splitting a history by customer and by time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.split import HistoryTooSmall, split_history

histories = st.tuples(st.integers(10, 40), st.integers(1, 6), st.integers(0, 2**31))


def made(customers: int, moments: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    groups = np.concatenate([np.arange(customers), rng.integers(0, customers, 200)])
    return groups, rng.integers(0, moments, len(groups)) * 86_400.0


@settings(max_examples=60, deadline=None)
@given(histories)
def test_no_customer_stands_on_two_sides_and_no_test_row_before_a_fit_row(history: tuple[int, int, int]) -> None:
    groups, at = made(*history)
    split = split_history(groups, at, seed=history[2])
    for one, other in [(split.fit, split.tune), (split.fit, split.test), (split.tune, split.test)]:
        assert not set(groups[one]) & set(groups[other])
    assert not set(groups[split.held_out]) & set(groups[split.fit])
    assert np.all(split.held_out[split.tune | split.test])
    if split.cut is not None:
        assert at[split.fit | split.tune].max() < split.cut <= at[split.test].min()


def test_the_last_quarter_of_the_time_measures() -> None:
    at = np.arange(10_000, dtype=np.float64)
    split = split_history(np.arange(10_000), at, seed=1)
    assert split.cut == 7_500
    assert split.test.sum() == pytest.approx(0.3 * 2_500, rel=0.1)
    assert split.fit.sum() == pytest.approx(0.5 * 7_500, rel=0.05)


def test_a_history_of_one_moment_is_split_by_customer_alone() -> None:
    split = split_history(np.arange(1_000), np.zeros(1_000), seed=1)
    assert split.cut is None
    assert (split.fit.sum(), split.tune.sum(), split.test.sum()) == (500, 200, 300)


def test_the_same_seed_gives_the_same_split() -> None:
    groups, at = made(30, 4, 0)
    np.testing.assert_array_equal(split_history(groups, at, 7).fit, split_history(groups, at, 7).fit)
    assert not np.array_equal(split_history(groups, at, 7).fit, split_history(groups, at, 8).fit)


def test_too_few_customers_are_refused() -> None:
    with pytest.raises(HistoryTooSmall, match="3 different customers"):
        split_history(np.array([0, 1, 2, 2]), np.zeros(4), seed=1)
