"""The companies that are drawn: the same from the same seed, believable, and learnable but not fully."""

from __future__ import annotations

import lightgbm
import numpy as np
import polars as pl
import pytest

from engine.demo.company.customers import draw_customers
from engine.demo.company.history import DAYS, draw_history
from engine.demo.company.records import customers_table, history_table
from engine.demo.company.truth import Fatigue, truth_of
from models.measure import auc
from rules.policy import CONTACT_KINDS
from tests.examples.packs import CONTACTS, CUSTOMERS, NOW, SEED, SILENT

HIDDEN = {"telco": "warmth", "bank": "trust", "retail": "fondness", "hospital": "confidence"}
"""The trait of each company that no feature tells."""


def accepted(outcomes) -> np.ndarray:
    return ~np.isin(np.asarray(outcomes), SILENT)


def test_the_same_seed_draws_the_same_company(pack):
    again = draw_customers(pack.sketch, CUSTOMERS, SEED)
    assert customers_table(again, pack.schema).equals(pack.customers)
    repeated = draw_history(again, truth_of(pack.sketch, again, SEED), CONTACTS, NOW)
    assert history_table(pack.sketch, again, repeated, pack.schema).equals(pack.contacts)


def test_another_seed_draws_another_company(pack):
    other = customers_table(draw_customers(pack.sketch, CUSTOMERS, SEED + 1), pack.schema)
    assert not other.equals(pack.customers)


def test_no_feature_tells_what_nobody_knows(pack):
    hidden = pack.population.traits[HIDDEN[pack.name]]
    told = [
        abs(np.corrcoef(np.nan_to_num(column.astype(float)), hidden)[0, 1])
        for column in pack.population.columns.values()
        if column.dtype.kind != "U" and column.any()
    ]
    assert max(told) < 0.55


def test_the_past_knew_every_action_that_can_be_answered(pack):
    contacts = {action.id for action in pack.policy.actions if action.kind in CONTACT_KINDS}
    assert set(pack.truth.actions) == contacts


def test_every_action_is_accepted_by_some_and_declined_by_most(pack):
    for place, action in enumerate(pack.truth.actions):
        rows = pack.history.action == place
        assert rows.sum() > 20, action
        assert 0.02 < pack.history.propensity[rows].mean() < 0.6, action
    assert 0.06 < pack.history.propensity.mean() < 0.3


def test_outcomes_follow_the_true_propensity(pack):
    history = pack.history
    for rows in np.array_split(np.argsort(history.propensity), 5):
        said, true = accepted(history.outcome[rows]).mean(), history.propensity[rows].mean()
        assert said == pytest.approx(true, abs=4 * np.sqrt(true / len(rows)))


def test_choices_were_uniform_over_what_made_sense(pack):
    history = pack.history
    chances = 1 / history.probability
    assert np.allclose(chances, np.round(chances))
    assert 1.5 < np.median(chances) < 36
    assert history.at.min() >= NOW - (DAYS + 1) * 86_400
    assert history.at.max() < NOW
    assert (np.diff(history.at) >= 0).all()


def test_seeing_the_same_again_wears_out(pack):
    seen = pack.history.moments.take(np.arange(200))
    fresh = pack.truth.acceptance(seen)
    tired = pack.truth.acceptance(seen, Fatigue(np.full(fresh.shape, 3.0), np.zeros(fresh.shape)))
    refused = pack.truth.acceptance(seen, Fatigue(np.full(fresh.shape, 3.0), np.ones(fresh.shape)))
    assert (refused < tired).all()
    assert (tired < fresh).all()


def test_a_model_learns_much_of_the_truth_and_never_all(pack):
    table, history = pack.contacts, pack.history
    names = [one.name for one in pack.schema.features if one.trainable]
    inputs = table.select("action", "channel", *names).with_columns(
        pl.col(pl.String).cast(pl.Categorical).to_physical()
    )
    rows, success = inputs.cast(pl.Float32).to_numpy(), accepted(table["outcome"])
    train, judge = slice(0, 18_000), slice(18_000, None)
    settings = {"objective": "binary", "num_leaves": 15, "learning_rate": 0.08, "min_data_in_leaf": 60, "seed": 7}
    columns = lightgbm.Dataset(rows[train], success[train], categorical_feature=[0, 1])
    booster = lightgbm.train({**settings, "verbosity": -1, "num_threads": 1}, columns, num_boost_round=120)
    learnt = auc(success[judge], np.asarray(booster.predict(rows[judge])))
    oracle = auc(success[judge], history.propensity[judge])
    assert learnt is not None
    assert oracle is not None
    assert 0.62 < learnt < oracle - 0.02
    assert oracle < 0.85


def test_telco_features_hang_together(telco):
    people = telco.population
    number = people.number
    assert np.corrcoef(number("plan_price"), number("value_12m"))[0, 1] > 0.5
    assert np.corrcoef(number("price_sensitivity"), people.traits["thrift"])[0, 1] > 0.6
    assert (people.columns["value_prior_12m"][number("tenure_months") <= 12] == 0).all()
    assert not np.asarray(people.columns["has_tv"])[people.columns["relationship_type"] == "none"].any()
