"""A young action starts from what its group achieved, and is believed as its own evidence comes in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.evidence import Evidence, Starting, smoothing, starting_propensity

ALL = np.arange(3)


def starting(evidence=50.0, propensity=0.3, group=(0, 0, 1)):
    return Starting(np.full(3, propensity), np.full(3, evidence), np.array(group))


def seen(successes, closed):
    return Evidence(np.array(successes, dtype=float), np.array(closed, dtype=float))


def test_an_action_without_evidence_has_exactly_its_starting_propensity():
    smooth = smoothing(starting(), seen([0, 0, 0], [0, 0, 0]))
    assert smooth.apply(ALL, np.array([0.9, 0.01, 0.5])).tolist() == [0.3, 0.3, 0.3]


def test_equal_weights_give_the_mean():
    smooth = smoothing(starting(group=(0, 1, 2)), seen([15, 0, 0], [50, 0, 0]))
    assert smooth.apply(np.array([0]), np.array([0.5])) == pytest.approx([0.4])


def test_a_young_action_starts_from_its_groups_rate_once_that_is_known():
    smooth = smoothing(starting(), seen([0, 1000, 0], [0, 10_000, 0]))
    young, _, other_group = smooth.apply(ALL, np.array([0.9, 0.1, 0.9]))
    assert young == pytest.approx((50 * 0.3 + 1000) / 10_050)
    assert other_group == pytest.approx(0.3)


def test_much_evidence_leaves_the_model_alone():
    smooth = smoothing(starting(), seen([0, 0, 100_000], [0, 0, 1_000_000]))
    assert smooth.apply(np.array([2]), np.array([0.42])) == pytest.approx([0.42], abs=1e-4)


def test_without_any_weight_the_model_is_believed():
    smooth = smoothing(starting(evidence=0.0), seen([0, 0, 0], [0, 0, 0]))
    assert smooth.apply(ALL, np.array([0.1, 0.2, 0.3])).tolist() == [0.1, 0.2, 0.3]
    assert starting_propensity(starting(evidence=0.0), seen([0, 0, 0], [0, 0, 0])).tolist() == [0.3, 0.3, 0.3]


@given(arrays(float, 3, elements=st.floats(0, 1)), arrays(float, 3, elements=st.floats(0, 1e6)), st.floats(0, 1))
def test_smoothing_lies_between_the_start_and_the_model(rates, closed, model):
    start, evidence = starting(), Evidence(rates * closed, closed)
    found = smoothing(start, evidence).apply(ALL, np.full(3, model))
    begun = starting_propensity(start, evidence)
    assert np.all(found >= np.minimum(begun, model) - 1e-12)
    assert np.all(found <= np.maximum(begun, model) + 1e-12)
