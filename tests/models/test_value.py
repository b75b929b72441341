"""The priority is the formula, term by term."""

import numpy as np
import pytest

from models.value import Terms, priority


def test_every_term_has_its_place_and_sign():
    terms = Terms(
        propensity=np.array([0.3]),
        baseline=0.1,
        gain=np.array([200.0]),
        cost=np.array([5.0]),
        context_weight=1.5,
        lever=np.array([2.0]),
        long_term=7.0,
        scarcity=11.0,
    )
    assert priority(terms) == pytest.approx([1.5 * 2.0 * (0.3 - 0.1) * 200.0 - 5.0 + 7.0 - 11.0])


def test_numbers_serve_all_candidates_and_defaults_change_nothing():
    assert priority(Terms(np.array([0.5, 0.25]), 100.0, 10.0)).tolist() == [40.0, 15.0]


def test_an_action_less_likely_than_untouched_costs_value():
    assert priority(Terms(np.array([0.1]), 100.0, 0.0, baseline=0.2)) == pytest.approx([-10.0])
