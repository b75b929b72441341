"""Ratios over customers: what is known of them by heart, and by drawing again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.clustered import covariance, ratio
from models.lift import control_needed, customers_needed, difference_error, lift, rate


def ones(successes: int, n: int) -> np.ndarray:
    return np.concatenate((np.ones(successes), np.zeros(n - successes)))


def test_of_customers_who_count_once_it_is_the_rate_of_the_textbook():
    found = ratio(ones(100, 1_000), np.ones(1_000), np.arange(1_000))
    assert found is not None
    plain = rate(100, 1_000)
    assert found.mean.value == plain.value
    assert found.mean.error == pytest.approx(plain.error, rel=1e-3)
    assert (found.amount, found.count, found.mean.n) == (100.0, 1_000.0, 1_000)


def test_ten_per_cent_against_seven_are_a_lift_of_three_sevenths():
    test, control = (ratio(ones(k, 10_000), np.ones(10_000), np.arange(10_000)) for k in (1_000, 700))
    found = lift(test.mean, control.mean)
    assert found.value == pytest.approx(0.428571, abs=1e-6)
    assert found.significant


def test_the_same_customer_counted_ten_times_makes_nothing_surer():
    once = ratio(ones(30, 100), np.ones(100), np.arange(100))
    often = ratio(np.repeat(ones(30, 100), 10), np.ones(1_000), np.repeat(np.arange(100), 10))
    assert often.mean.error == pytest.approx(once.mean.error)
    assert often.mean.n == 100


def test_who_has_no_contact_does_not_count_among_contacts():
    found = ratio(np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0]), np.arange(3))
    assert (found.mean.value, found.mean.n) == (0.5, 2)
    assert ratio(np.zeros(3), np.zeros(3), np.arange(3)) is None


def test_a_single_customer_is_not_sure_at_all():
    assert ratio(np.array([4.0]), np.array([2.0]), np.array([7])).mean.error == math.inf


def test_customers_in_both_groups_are_reckoned_with():
    """Means of the same customers in two months, whose spread is mostly between customers, drawn a thousand times."""
    rng, told, seen = np.random.default_rng(4), [], []
    for _ in range(1_000):
        level = rng.normal(10.0, 3.0, 200)
        months = [ratio(level + rng.normal(0.0, 1.0, 200), np.ones(200), np.arange(200)) for _ in range(2)]
        seen.append(months[0].mean.value - months[1].mean.value)
        told.append(difference_error(months[0].mean, months[1].mean, covariance(*months)))
    assert np.mean(told) == pytest.approx(np.std(seen), rel=0.1)
    assert difference_error(months[0].mean, months[1].mean) > 2 * np.mean(told)


def test_a_small_comparison_group_needs_fewer_customers_of_itself_and_more_of_all():
    half = control_needed(0.10, 0.12, 0.5)
    assert half == customers_needed(0.10, 0.12)
    small = control_needed(0.10, 0.12, 0.02)
    assert small < half < small / 0.02
    with pytest.raises(ValueError, match="there is none"):
        control_needed(0.1, 0.1, 0.5)
