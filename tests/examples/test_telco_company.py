"""The company of the demonstration: the same from the same seed, believable, and learnable but not fully."""

import numpy as np
import polars as pl
import pytest

from engine.demo.company.customers import draw_customers
from engine.demo.company.history import DAYS, draw_history
from engine.demo.company.records import customers_table, history_table
from engine.demo.company.truth import AppealUnknown, Fatigue, truth_of

NOW = 1_790_000_000.0
SILENT = ["REJECTED", "NO_RESPONSE"]


@pytest.fixture(scope="module")
def table(population, history, offered, schema) -> pl.DataFrame:
    return history_table(population, history, offered, schema)


def accepted(outcomes) -> np.ndarray:
    return ~np.isin(np.asarray(outcomes), SILENT)


def test_the_same_seed_draws_the_same_company(population, offered, schema, table):
    again = draw_customers(len(population), 7)
    assert customers_table(again, schema).equals(customers_table(population, schema))
    repeated = draw_history(again, truth_of(again, [one.id for one in offered], 7), offered, 24_000, NOW)
    assert history_table(again, repeated, offered, schema).equals(table)


def test_another_seed_draws_another_company(population, schema):
    assert not customers_table(draw_customers(8_000, 8), schema).equals(customers_table(population, schema))


def test_features_hang_together(population):
    number = population.number
    assert np.corrcoef(number("plan_price"), number("value_12m"))[0, 1] > 0.5
    assert np.corrcoef(number("price_sensitivity"), population.traits.thrift)[0, 1] > 0.6
    assert (population.columns["value_prior_12m"][number("tenure_months") <= 12] == 0).all()
    assert not np.asarray(population.columns["has_tv"])[population.columns["relationship_type"] == "none"].any()


def test_no_feature_tells_warmth(population):
    warmth = population.traits.warmth
    told = [
        abs(np.corrcoef(population.number(name), warmth)[0, 1])
        for name, column in population.columns.items()
        if np.asarray(column).dtype.kind != "U"
    ]
    assert max(told) < 0.55


def test_every_action_is_accepted_by_some_and_declined_by_most(history, truth):
    for place, action in enumerate(truth.actions):
        rows = history.action == place
        assert rows.sum() > 20, action
        assert 0.02 < history.propensity[rows].mean() < 0.4, action
    assert 0.06 < history.propensity.mean() < 0.14


def test_outcomes_follow_the_true_propensity(history):
    order = np.array_split(np.argsort(history.propensity), 5)
    for rows in order:
        said, true = accepted(history.outcome[rows]).mean(), history.propensity[rows].mean()
        assert said == pytest.approx(true, abs=4 * np.sqrt(true / len(rows)))


def test_choices_were_uniform_over_what_made_sense(history):
    chances = 1 / history.probability
    assert np.allclose(chances, np.round(chances))
    assert 5 < np.median(chances) < 36
    assert history.at.min() >= NOW - (DAYS + 1) * 86_400
    assert history.at.max() < NOW
    assert (np.diff(history.at) >= 0).all()


def test_seeing_the_same_again_wears_out(population, truth, history):
    seen = history.moments.take(np.arange(200))
    fresh = truth.acceptance(seen)
    tired = truth.acceptance(seen, Fatigue(np.full(fresh.shape, 3.0), np.zeros(fresh.shape)))
    refused = truth.acceptance(seen, Fatigue(np.full(fresh.shape, 3.0), np.ones(fresh.shape)))
    assert (refused < tired).all()
    assert (tired < fresh).all()


def test_an_action_without_a_written_appeal_is_refused(population):
    with pytest.raises(AppealUnknown, match="pet_insurance"):
        truth_of(population, ["tv_pack", "pet_insurance"], 7)
