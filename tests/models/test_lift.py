"""Lift with its interval, and how many customers it takes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.lift import (
    Mean,
    always_valid_error,
    customers_needed,
    lift,
    mean_of,
    rate,
    sample_ratio,
    units_needed,
)
from models.offpolicy import Z_95


def test_lift_is_relative_to_the_control() -> None:
    found = lift(rate(1_000, 10_000), rate(700, 10_000))
    assert found.value == pytest.approx(0.428571, abs=1e-6)
    assert found.significant


def test_a_lift_has_the_error_that_its_formula_gives() -> None:
    test, control = rate(120, 1_000), rate(100, 1_000)
    spread = test.error**2 + (0.12 / 0.1) ** 2 * control.error**2
    found = lift(test, control)
    assert found.error == pytest.approx(math.sqrt(spread) / 0.1)
    assert (found.low, found.high) == (
        pytest.approx(found.value - Z_95 * found.error),
        pytest.approx(found.value + Z_95 * found.error),
    )
    assert not found.significant


def test_nothing_is_told_against_a_control_without_any() -> None:
    assert math.isnan(lift(rate(5, 10), rate(0, 10)).value)
    assert not lift(rate(5, 10), rate(0, 10)).significant


def test_a_single_amount_is_not_sure_at_all() -> None:
    assert mean_of(np.array([3.0])) == Mean(1, 3.0, math.inf)


def test_customers_needed_are_those_of_the_textbook() -> None:
    assert customers_needed(0.10, 0.12) == 3839
    with pytest.raises(ValueError, match="there is none"):
        customers_needed(0.1, 0.1)


def test_four_times_the_units_halve_the_error() -> None:
    few, many = (lift(rate(12 * n, 100 * n), rate(10 * n, 100 * n)) for n in (10, 40))
    assert many.error == pytest.approx(few.error / 2)
    needed = units_needed(rate(120, 1_000), rate(100, 1_000))
    again = units_needed(rate(480, 4_000), rate(400, 4_000))
    assert needed == pytest.approx(4 * again)


def test_equal_groups_never_have_units_enough() -> None:
    assert units_needed(rate(1, 10), rate(1, 10)) == math.inf


@pytest.mark.parametrize(
    ("counts", "shares", "expected"),
    [
        ((500, 500), (0.5, 0.5), 1.0),
        ((530, 470), (0.5, 0.5), 0.0578),
        ((98, 2), (0.98, 0.02), 1.0),
        ((600, 300, 100), (0.6, 0.3, 0.1), 1.0),
        ((0, 0), (0.5, 0.5), 1.0),
    ],
)
def test_groups_dealt_as_declared_pass_the_ratio_check(counts, shares, expected) -> None:
    assert sample_ratio(counts, shares) == pytest.approx(expected, abs=1e-3)


def test_a_splitter_that_is_a_few_percent_off_is_found() -> None:
    assert sample_ratio((52_000, 48_000), (0.5, 0.5)) < 1e-10


def test_looking_every_day_rings_no_false_alarm() -> None:
    """Of 400 experiments without effect, each looked at fifty times, about 5 % at most may ever exclude 0."""
    rng = np.random.default_rng(5)
    looks = np.arange(40, 2_001, 40)
    fixed = always = 0
    for _ in range(400):
        drawn = rng.normal(size=2_000)
        means = np.cumsum(drawn)[looks - 1] / looks
        errors = 1.0 / np.sqrt(looks)
        wide = np.array([always_valid_error(e, int(n), 1_000) for e, n in zip(errors, looks, strict=True)])
        fixed += bool((np.abs(means) > Z_95 * errors).any())
        always += bool((np.abs(means) > wide).any())
    assert fixed > 80
    assert always <= 30


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_an_interval_for_every_look_is_wider_than_one_for_a_single_look(n: int, planned: int) -> None:
    assert always_valid_error(1.0, n, planned) > Z_95
