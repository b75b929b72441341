"""Populations that moved are found, and those that did not are left in peace."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.drift import ALARMING, NOTICED, Population, drift, population, populations, stability_index
from models.manifest import Input, InputScope, InputType

RNG = np.random.default_rng(6)
THEN = RNG.normal(size=20_000).astype(np.float32)


def test_the_same_population_does_not_drift() -> None:
    assert drift("x", population(THEN), RNG.normal(size=5_000).astype(np.float32)).index < 0.01


@pytest.mark.parametrize(
    ("shift", "least", "most"), [(0.1, 0.0, NOTICED), (0.4, NOTICED, ALARMING), (1.0, ALARMING, 9.0)]
)
def test_the_further_it_moves_the_higher_the_index(shift: float, least: float, most: float) -> None:
    found = drift("x", population(THEN), (RNG.normal(size=5_000) + shift).astype(np.float32))
    assert least < found.index < most
    assert found.alarming == (found.index > ALARMING)


def test_values_that_are_suddenly_missing_are_drift() -> None:
    now = THEN.copy()
    now[: len(now) // 2] = np.nan
    assert drift("x", population(THEN), now).alarming


def test_a_category_that_was_never_seen_is_drift() -> None:
    then = population(np.zeros(1_000, dtype=np.float32), categories=3)
    assert then.shares == (1.0, 0.0, 0.0, 0.0)
    assert drift("x", then, np.array([0.0, 2.0] * 500, dtype=np.float32)).alarming


def test_a_column_that_was_always_the_same_notices_another_value() -> None:
    then = population(np.full(500, 7.0, dtype=np.float32))
    assert drift("x", then, np.full(500, 7.0, dtype=np.float32)).index == pytest.approx(0.0)


def test_the_index_is_the_textbook_sum() -> None:
    assert stability_index((0.5, 0.5), (0.25, 0.75)) == pytest.approx(0.25 * np.log(2) + 0.25 * np.log(1.5))


def test_rare_categories_that_a_hundred_customers_do_not_have_are_no_other_population() -> None:
    shares = np.r_[0.5, np.full(19, 0.5 / 19)]
    then, draws = population(RNG.choice(20, 5_000, p=shares).astype(float), 20), RNG.choice(20, (100, 100), p=shares)
    by_chance = 19 * (1 / 100 + 1 / 5_000)
    assert sum(drift("x", then, one.astype(float)).index > ALARMING + by_chance for one in draws) <= 2
    often = np.repeat(draws[0], 50).astype(float)
    assert drift("x", then, often, customers=100).index == drift("x", then, draws[0].astype(float)).index


def test_no_rows_tell_nothing() -> None:
    assert drift("x", population(THEN), np.empty(0, dtype=np.float32)).index == 0.0


def test_a_flag_of_zeros_and_ones_has_two_bins() -> None:
    then = population(np.array([0.0] * 700 + [1.0] * 300, dtype=np.float32))
    assert then.edges == (1.0,)
    assert then.shares == (0.7, 0.3, 0.0)


def test_every_input_has_its_spread_and_comes_back_from_json() -> None:
    inputs = (
        Input("customer.age", InputScope.CUSTOMER),
        Input("moment.channel", InputScope.MOMENT, InputType.CATEGORY, ("web", "app")),
    )
    found = populations(inputs, np.array([[30, 0], [40, 1], [50, np.nan]], dtype=np.float32))
    assert found["moment.channel"].shares == (pytest.approx(1 / 3),) * 3
    for one in found.values():
        assert Population.from_json(one.to_json()) == one


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6, width=32) | st.just(float("nan")), min_size=1, max_size=60))
def test_shares_sum_to_one_and_a_population_never_drifts_from_itself(values: list[float]) -> None:
    column = np.array(values, dtype=np.float32)
    found = population(column)
    assert sum(found.shares) == pytest.approx(1.0)
    assert drift("x", found, column).index == pytest.approx(0.0)
