"""Exploration is a mixture with known chances, and its draw is the same everywhere."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.explore import Choice, draw, explore, probabilities

WEIGHTS = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=30).map(np.array)
SHARES = st.floats(0, 1)
DRAWS = st.floats(0, 1, exclude_max=True)


@given(WEIGHTS, SHARES, st.data())
def test_chances_sum_to_one_and_none_is_negative(weights, share, pick):
    greedy = pick.draw(st.integers(0, len(weights) - 1))
    chances = probabilities(weights, greedy, share)
    assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.all(chances >= 0)


@given(WEIGHTS, SHARES, DRAWS, st.data())
def test_the_choice_carries_its_own_chance(weights, share, drawn, pick):
    greedy = pick.draw(st.integers(0, len(weights) - 1))
    choice = explore(weights, greedy, share, drawn)
    assert choice.probability == pytest.approx(probabilities(weights, greedy, share)[choice.index])
    assert 0 < choice.probability <= 1 + 1e-12
    assert choice.explored == (choice.index != greedy)


def test_frequencies_are_the_stated_probabilities():
    weights, greedy, share, draws = np.array([3.0, 0.0, 1.0, 6.0]), 2, 0.3, 20_000
    chosen = [explore(weights, greedy, share, draw("salt", f"c{i}")).index for i in range(draws)]
    chances = probabilities(weights, greedy, share)
    assert chances == pytest.approx([0.09, 0.0, 0.73, 0.18])
    for index, chance in enumerate(chances):
        # five standard errors of a binomial share: a false alarm in 2 million runs
        tolerance = 5 * math.sqrt(chance * (1 - chance) / draws)
        assert chosen.count(index) / draws == pytest.approx(chance, abs=tolerance)


@pytest.mark.parametrize("weights", [[1.0, 2.0], [0.0, 0.0]])
def test_without_a_share_or_weights_the_greedy_one_is_certain(weights):
    share = 0.0 if any(weights) else 0.5
    assert explore(np.array(weights), 0, share, 0.999999) == Choice(0, 1.0, False)


def test_full_exploration_forgets_the_greedy_one():
    assert probabilities(np.array([1.0, 1.0, 2.0]), 0, 1.0) == pytest.approx([0.25, 0.25, 0.5])


def test_the_last_draw_still_falls_on_someone():
    weights = np.array([0.1] * 10 + [0.0])
    choice = explore(weights, 10, 1.0, 1.0 - 2.0**-53)
    assert choice.index == 9


@given(st.text(), st.lists(st.text(), max_size=4))
def test_a_draw_is_uniform_and_repeatable(salt, parts):
    assert 0.0 <= draw(salt, *parts) < 1.0
    assert draw(salt, *parts) == draw(salt, *parts)


def test_draws_differ_by_salt_by_part_and_by_where_parts_end():
    found = {
        draw("s", "ab", "c"),
        draw("s", "a", "bc"),
        draw("t", "ab", "c"),
        draw("s", "ab", "c", ""),
        draw("sab", "c"),
    }
    assert len(found) == 5


def test_draws_fill_the_unit_interval_evenly():
    draws, bins = 20_000, 20
    counts = np.histogram([draw("salt", str(i)) for i in range(draws)], bins=bins, range=(0, 1))[0]
    expected = draws / bins
    statistic = float(((counts - expected) ** 2 / expected).sum())
    # chi-squared with 19 degrees of freedom: mean 19, standard deviation sqrt(38)
    assert statistic < 19 + 5 * math.sqrt(38)
