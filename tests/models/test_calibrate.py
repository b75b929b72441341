"""Fitting calibration: strictly increasing, near the truth, pooled where an action is young."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibrate import fit_calibration, fit_curve
from models.calibration import POOLED, Curve
from models.measure import calibration_error


def told(truth: np.ndarray, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random(len(truth)) < truth


def applied(raw: np.ndarray, curve: Curve) -> np.ndarray:
    return np.interp(raw, curve.raw, curve.calibrated)


def test_a_model_that_is_too_sure_is_brought_back() -> None:
    raw = np.random.default_rng(0).random(20_000)
    truth = 0.1 + raw * 0.2
    curve = fit_curve(told(truth), raw)
    fresh = told(truth, seed=2)
    assert calibration_error(fresh, raw) > 0.2
    assert calibration_error(fresh, applied(raw, curve)) < 0.02
    assert np.abs(applied(raw, curve) - truth)[(raw > 0.05) & (raw < 0.95)].max() < 0.06


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=300))
def test_any_rows_give_a_strictly_increasing_curve(entries: list[tuple[bool, float]]) -> None:
    curve = fit_curve(np.array([e[0] for e in entries], dtype=bool), np.array([e[1] for e in entries]))
    assert np.all(np.diff(curve.calibrated) > 0)
    assert np.all(np.diff(curve.raw) > 0)


def test_order_against_the_model_is_flattened_not_followed() -> None:
    raw = np.linspace(0.05, 0.95, 1_000)
    curve = fit_curve(told(0.6 - raw / 2), raw)
    np.testing.assert_allclose(applied(raw, curve), 0.35, atol=0.05)


def test_the_ends_follow_the_odds_of_a_model_that_is_right() -> None:
    raw = np.random.default_rng(5).beta(2, 8, 20_000)
    curve = fit_curve(told(raw), raw)
    ends = np.quantile(raw, [0.0005, 0.001, 0.999, 0.9995])
    np.testing.assert_allclose(applied(ends, curve), ends, atol=0.1)
    assert applied(ends, curve)[3] > applied(ends, curve)[2] + 0.01


def test_only_actions_with_200_successes_get_a_curve_of_their_own() -> None:
    labels = np.array([True] * 200 + [False] * 200 + [True] * 199 + [False] * 201)
    raw = np.random.default_rng(3).random(800)
    actions = np.repeat([0, 1], 400)
    calibration = fit_calibration(labels, raw, actions, ["grown", "young", "unseen"])
    assert set(calibration.curves) == {"grown", POOLED}


def test_actions_of_different_truth_are_told_apart() -> None:
    raw = np.random.default_rng(4).random(8_000)
    actions = np.tile([0, 1], 4_000)
    truth = np.where(actions == 0, 0.3, 0.6) * raw
    calibration = fit_calibration(told(truth), raw, actions, ["modest", "eager"])
    at_half = calibration.over(["modest", "eager"]).apply(np.array([0, 1]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(at_half, [0.15, 0.30], atol=0.04)


def test_without_rows_the_propensity_stays_as_it_is() -> None:
    curve = fit_curve(np.array([], dtype=bool), np.array([]))
    assert (curve.raw, curve.calibrated) == ((0.0, 1.0), (0.0, 1.0))
