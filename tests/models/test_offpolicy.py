"""Estimates of what a policy would have earned, on logs whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.offpolicy import (
    Estimate,
    Estimator,
    Judged,
    Logged,
    clustered_error,
    difference,
    estimates,
    limits,
    weights,
)
from models.support import support

ARMS = np.array([0.1, 0.3, 0.2])
"""What each of three actions earns on average."""


def logged(n: int, shares: np.ndarray, seed: int = 1) -> tuple[Logged, np.ndarray]:
    """n choices among the arms by `shares`, two rows a customer; and the chosen arms."""
    rng = np.random.default_rng(seed)
    arms = rng.choice(len(shares), size=n, p=shares)
    reward = (rng.random(n) < ARMS[arms]).astype(float)
    return Logged(reward, shares[arms], np.arange(n) // 2), arms


def judged(arms: np.ndarray, policy: np.ndarray, model: np.ndarray) -> Judged:
    """A policy that takes each arm with a chance, judged with a model of what each arm earns."""
    return Judged(policy[arms], model[arms], np.full(len(arms), float(policy @ model)))


@pytest.mark.parametrize("policy", [np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), np.array([0.2, 0.2, 0.6])])
@pytest.mark.parametrize("model", [ARMS, np.zeros(3)], ids=["a right model", "a model that knows nothing"])
@pytest.mark.parametrize("estimator", list(Estimator))
def test_every_estimator_finds_the_true_value(estimator: Estimator, model: np.ndarray, policy: np.ndarray) -> None:
    log, arms = logged(40_000, np.array([0.5, 0.2, 0.3]))
    found = estimates(log, judged(arms, policy, model))[estimator]
    assert abs(found.value - policy @ ARMS) < 4 * found.standard_error
    assert found.low < found.value < found.high


def test_a_log_judges_its_own_policy_by_its_mean() -> None:
    shares = np.array([0.5, 0.2, 0.3])
    log, arms = logged(1_000, shares)
    found = estimates(log, judged(arms, shares, np.zeros(3)))
    for estimator in Estimator:
        assert found[estimator].value == pytest.approx(log.reward.mean())


def test_doubly_robust_is_right_with_wrong_probabilities_and_a_right_model() -> None:
    log, arms = logged(40_000, np.array([0.5, 0.2, 0.3]))
    wrong = Logged(log.reward, np.full(len(log), 1 / 3), log.customer)
    best = judged(arms, np.array([0.0, 1.0, 0.0]), ARMS)
    found = estimates(wrong, best)
    assert abs(found[Estimator.DR].value - 0.3) < 0.01
    assert abs(found[Estimator.IPS].value - 0.3) > 0.05


def test_a_right_model_narrows_the_interval() -> None:
    log, arms = logged(5_000, np.array([0.8, 0.1, 0.1]))
    policy = np.array([0.0, 0.5, 0.5])
    found = estimates(log, judged(arms, policy, ARMS))
    assert found[Estimator.DR].standard_error < found[Estimator.IPS].standard_error


def test_switch_trusts_the_model_alone_above_the_bound() -> None:
    log = Logged(np.array([1.0, 0.0]), np.array([0.01, 0.5]), np.array([0, 1]))
    policy = Judged(np.array([1.0, 1.0]), np.array([0.2, 0.2]), np.array([0.2, 0.2]))
    found = estimates(log, policy, switch_above=20.0)[Estimator.SWITCH_DR]
    assert found.terms.tolist() == pytest.approx([0.2, 0.2 + 2 * (0.0 - 0.2)])


def test_the_same_policy_differs_by_nothing() -> None:
    log, arms = logged(500, np.array([0.5, 0.2, 0.3]))
    one = estimates(log, judged(arms, np.array([0.0, 1.0, 0.0]), ARMS))[Estimator.DR]
    found = difference(one, one, log.customer)
    assert (found.value, found.standard_error) == (0.0, 0.0)


def test_paired_differences_tell_more_than_two_intervals() -> None:
    log, arms = logged(20_000, np.array([0.4, 0.3, 0.3]))
    good = estimates(log, judged(arms, np.array([0.0, 1.0, 0.0]), ARMS))[Estimator.DR]
    nearly = estimates(log, judged(arms, np.array([0.0, 0.9, 0.1]), ARMS))[Estimator.DR]
    found = difference(good, nearly, log.customer)
    assert found.low > 0.0
    assert good.low < nearly.high
    assert found.value == pytest.approx(0.01, abs=4 * found.standard_error)


def test_copied_rows_of_a_customer_tell_no_more() -> None:
    terms, customer = np.random.default_rng(2).random(300), np.arange(300)
    once = clustered_error(terms, customer)
    assert clustered_error(np.tile(terms, 6), np.tile(customer, 6)) == pytest.approx(once)
    assert clustered_error(np.tile(terms, 6), np.arange(1800)) < once / 2


def test_one_customer_tells_nothing_of_others() -> None:
    assert clustered_error(np.array([1.0, 2.0]), np.array([7, 7])) == float("inf")


def test_effective_rows_are_all_rows_where_all_weigh_the_same() -> None:
    found = support(np.ones(80), np.arange(80))
    assert (found.effective, found.mean, found.refused) == (pytest.approx(80.0), 1.0, "")


def test_two_heavy_rows_are_refused_and_counted() -> None:
    found = support(np.array([500.0, 500.0, *[0.001] * 998]), np.arange(1000))
    assert found.refused == "unusable: effective sample size 2 of 1,000 choices"


def test_a_policy_that_does_what_was_never_tried_is_refused() -> None:
    log, arms = logged(10_000, np.array([0.5, 0.5, 0.0]))
    found = support(weights(log, judged(arms, np.array([0.5, 0.0, 0.5]), ARMS)), log.customer)
    assert "never tried" in found.refused


def test_weights_without_any_hold_are_refused() -> None:
    found = support(np.zeros(100), np.arange(100))
    assert found.effective == 0.0
    assert found.refused


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=40))
def test_effective_rows_never_exceed_the_rows(found: list[float]) -> None:
    told = support(np.array(found), np.arange(len(found)))
    assert 0.0 <= told.effective <= len(found) * (1 + 1e-9)


def _rarely_tried(seed: int) -> tuple[Logged, np.ndarray]:
    """8,000 choices, of which one in eighty is action 2; all earn 0.1 on average, now and then a lot."""
    rng, shares = np.random.default_rng(seed), np.array([0.9625, 0.0125, 0.0125, 0.0125])
    arms = rng.choice(4, 8_000, p=shares)
    reward = (rng.random(8_000) < 0.1) * rng.lognormal(-0.5, 1.0, 8_000)
    return Logged(reward, shares[arms], np.arange(8_000)), arms


def test_what_was_rarely_tried_is_taken_for_worse_less_often_by_intervals_that_lean() -> None:
    plain = leaning = 0
    for seed in range(200):
        log, arms = _rarely_tried(seed)
        usual, rare = (judged(arms, np.eye(4)[arm], np.full(4, log.reward.mean())) for arm in (0, 2))
        better = difference(*(estimates(log, one)[Estimator.DR] for one in (usual, rare)), log.customer)
        low, high = limits(better, log.customer)
        assert low <= better.low
        assert high >= better.high
        plain, leaning = plain + (better.low > 0.0), leaning + (low > 0.0)
    assert leaning < 0.75 * plain


def test_an_even_spread_leans_nowhere() -> None:
    terms = np.array([-1.0, 1.0] * 50)
    found = difference(Estimate(0.0, 0.1, terms), Estimate(0.0, 0.0, np.zeros(100)), np.arange(100))
    assert limits(found, np.arange(100)) == (found.low, found.high)


def test_switch_does_not_judge_by_the_model_alone_what_was_always_tried_rarely() -> None:
    log, arms = _rarely_tried(1)
    found = estimates(log, judged(arms, np.eye(4)[2], np.full(4, 0.05)))
    assert found[Estimator.SWITCH_DR].value == found[Estimator.DR].value
