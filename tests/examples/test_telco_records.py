"""The tables of the demonstration: what a company knows, typed as its features are, and nothing of the truth."""

from datetime import datetime
from zoneinfo import ZoneInfo

import lightgbm
import numpy as np
import polars as pl
import pytest

from engine.demo.cast import cast_story
from engine.demo.company.personas import night_zone, with_personas
from engine.demo.company.records import customers_table, history_table, write_table
from models.measure import auc

NOW = 1_790_000_000.0
NOT_FEATURES = {"customer_id", "at", "channel", "action", "outcome", "probability"}


@pytest.fixture(scope="module")
def table(population, history, offered, schema) -> pl.DataFrame:
    return history_table(population, history, offered, schema)


def test_customers_have_every_batch_feature_and_consent_per_channel(population, schema, policy):
    table = customers_table(population, schema)
    batch = {one.name for one in schema.features if one.source is None and not one.known_after_outcome}
    assert batch == {name for name in table.columns if ":" not in name} - {"customer_id", "time_zone"}
    asked = {f"consent:{channel}:{rule.purpose}" for rule in policy.contact.consent for channel in rule.channels}
    assert asked == {name for name in table.columns if name.startswith("consent:")}


def test_history_has_every_feature_and_only_declared_context(table, schema, policy):
    features = {name for name in table.columns if not name.startswith("context.")} - NOT_FEATURES
    assert features == set(schema.names)
    context = {name.removeprefix("context.") for name in table.columns if name.startswith("context.")}
    assert context <= set(policy.context)
    assert set(table["channel"]) <= set(policy.channels)


def test_categories_hold_declared_values_only(population, table, schema):
    for one in schema.features:
        if one.values:
            assert set(table[one.name].drop_nulls()) <= set(one.values), one.name


def test_nothing_is_known_of_anonymous_visitors_but_what_they_did(table):
    visitors = table.filter(pl.col("customer_id").str.starts_with("v-"))
    assert len(visitors) > 1_000
    assert visitors["tenure_months"].null_count() == visitors["plan_family"].null_count() == len(visitors)
    assert visitors["pages_viewed_7d"].null_count() == 0
    assert set(visitors["channel"]) == {"web_shop"}


def test_nobody_is_called_out_of_hours(table):
    calls = table.filter(pl.col("channel") == "call_centre")["at"].dt.convert_time_zone("Europe/Berlin").dt.hour()
    assert 7 <= calls.min() <= calls.max() <= 21


def test_tables_survive_the_disk(tmp_path, population, schema):
    table = customers_table(population, schema)
    write_table(table, tmp_path / "customers.parquet")
    assert pl.read_parquet(tmp_path / "customers.parquet").equals(table)
    assert [path.name for path in tmp_path.iterdir()] == ["customers.parquet"]


def test_the_people_of_the_story_are_customers_like_others(population, schema, policy):
    cast = cast_story(policy, population.ids, NOW)
    table = customers_table(with_personas(population, cast.people), schema)
    assert len(table) == len(population)
    assert table["customer_id"].is_unique().all()
    mia = table.row(by_predicate=pl.col("customer_id") == cast.mia.id, named=True)
    assert (mia["tenure_months"], mia["handset_os"], mia["preferred_contact_time"]) == (74, "ios", None)
    assert mia["consent:app_push:marketing"] is True
    assert table.tail(100).equals(customers_table(population, schema).tail(100))


@pytest.mark.parametrize("hour", range(24))
def test_it_is_always_night_somewhere(hour):
    now = datetime(2026, 11, 22, hour, 20, tzinfo=ZoneInfo("UTC")).timestamp()
    local = datetime.fromtimestamp(now, ZoneInfo(night_zone(now)))
    assert local.hour >= 21 or local.hour < 7


def test_a_model_learns_much_of_the_truth_and_never_all(table, history, schema):
    names = [one.name for one in schema.features if one.trainable]
    inputs = table.select("action", "channel", *names).with_columns(
        pl.col(pl.String).cast(pl.Categorical).to_physical()
    )
    rows = inputs.cast(pl.Float32).to_numpy()
    success = (~table["outcome"].is_in(["REJECTED", "NO_RESPONSE"])).to_numpy()
    train, judge = slice(0, 18_000), slice(18_000, None)
    settings = {"objective": "binary", "num_leaves": 15, "learning_rate": 0.08, "min_data_in_leaf": 60, "seed": 7}
    columns = lightgbm.Dataset(rows[train], success[train], categorical_feature=[0, 1])
    booster = lightgbm.train({**settings, "verbosity": -1, "num_threads": 2}, columns, num_boost_round=120)
    learnt = auc(success[judge], np.asarray(booster.predict(rows[judge])))
    oracle = auc(success[judge], history.propensity[judge])
    assert learnt is not None
    assert oracle is not None
    assert 0.62 < learnt < oracle - 0.02
    assert oracle < 0.85
