"""The tables that are drawn: what a company knows, typed as its features are, and nothing of the truth."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from engine.demo.cast import cast_story
from engine.demo.company.personas import night_zone, with_personas
from engine.demo.company.records import customers_table, write_table
from tests.examples.packs import NOW

NOT_FEATURES = {"customer_id", "at", "channel", "action", "outcome", "probability"}


def test_customers_have_every_batch_feature_and_consent_per_channel(pack):
    batch = {one.name for one in pack.schema.features if one.source is None and not one.known_after_outcome}
    told = {name for name in pack.customers.columns if ":" not in name} - {"customer_id", "time_zone"}
    assert batch == told
    asked = {f"consent:{channel}:{rule.purpose}" for rule in pack.policy.contact.consent for channel in rule.channels}
    assert asked == {name for name in pack.customers.columns if name.startswith("consent:")}


def test_history_has_every_feature_and_only_declared_context(pack):
    features = {name for name in pack.contacts.columns if not name.startswith("context.")} - NOT_FEATURES
    assert features == set(pack.schema.names)
    context = {name.removeprefix("context.") for name in pack.contacts.columns if name.startswith("context.")}
    assert context <= set(pack.policy.context)
    assert set(pack.contacts["channel"]) == set(pack.policy.channels)


def test_categories_hold_declared_values_only(pack):
    for one in pack.schema.features:
        if one.values:
            assert set(pack.contacts[one.name].drop_nulls()) <= set(one.values), one.name


def test_nothing_is_known_of_anonymous_visitors_but_what_they_did(pack):
    visitors = pack.contacts.filter(pl.col("customer_id").str.starts_with("v-"))
    open_to_strangers = {one.name for one in pack.sketch.contacts.channels if one.strangers}
    assert set(visitors["channel"]) == open_to_strangers
    assert len(visitors) > 1_000
    for name in pack.population.columns:
        assert visitors[name].null_count() == len(visitors), name


def test_nobody_is_called_out_of_hours(telco):
    calls = telco.contacts.filter(pl.col("channel") == "call_centre")["at"].dt.convert_time_zone("Europe/Berlin")
    assert 7 <= calls.dt.hour().min() <= calls.dt.hour().max() <= 21


def test_tables_survive_the_disk(tmp_path, telco):
    write_table(telco.customers, tmp_path / "customers.parquet")
    assert pl.read_parquet(tmp_path / "customers.parquet").equals(telco.customers)
    assert [path.name for path in tmp_path.iterdir()] == ["customers.parquet"]


def test_the_people_of_the_story_are_customers_like_others(telco):
    cast = cast_story(telco.policy, telco.population.ids, NOW)
    table = customers_table(with_personas(telco.population, cast.people), telco.schema)
    assert len(table) == len(telco.population)
    assert table["customer_id"].is_unique().all()
    mia = table.row(by_predicate=pl.col("customer_id") == cast.mia.id, named=True)
    assert (mia["tenure_months"], mia["handset_os"], mia["preferred_contact_time"]) == (74, "ios", None)
    assert mia["consent:app_push:marketing"] is True
    assert table.tail(100).equals(telco.customers.tail(100))


@pytest.mark.parametrize("hour", range(24))
def test_it_is_always_night_somewhere(hour):
    now = datetime(2026, 11, 22, hour, 20, tzinfo=ZoneInfo("UTC")).timestamp()
    local = datetime.fromtimestamp(now, ZoneInfo(night_zone(now)))
    assert local.hour >= 21 or local.hour < 7
