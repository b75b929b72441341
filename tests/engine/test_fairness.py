"""Fairness: who of which group gets what, measured once a customer, and marked only where chance is no explanation."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.cli.exits import UsageMistaken
from engine.fairness.rates import Rate, rates, ratio_of, wilson
from engine.fairness.seen import Got, table
from engine.fairness.sources import read_files, read_log
from engine.ids import CustomerKey
from engine.sink.log_files import write_log
from engine.standing import Consent
from models.codec import encode
from models.features import Feature, FeatureSchema, FeatureType
from tests.engine.company import ANNA, GOOD, NOW, Company, corner_shop
from tests.engine.served_project import write_project

SIDE = Feature("side", FeatureType.CATEGORY, ("left", "right"), protected=True)
AGE = Feature("age", FeatureType.NUMBER, protected=True)
POLICY = corner_shop().policy.policy


def seen(shares, customers=2000, seed=3):
    """Customers left and right, of whom so many get the offer."""
    draw = random.Random(seed)
    got = {}
    for number in range(customers):
        side = draw.choice(list(shares))
        offers = ("upgrade_unlimited",) if draw.random() < shares[side] else ()
        got[f"c{number}"] = Got("transactional", "standard_service", offers, {"side": side})
    return table(got, (SIDE,), {})


def of(found, measure):
    return {one.group: one for one in found if one.measure == measure}


@pytest.mark.parametrize(
    ("having", "customers", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0), (0, 0, 0.0, 1.0)],
)
def test_an_interval_is_wilsons(having, customers, low, high):
    assert wilson(having, customers) == pytest.approx((low, high), abs=1e-4)


def test_a_ratio_has_the_interval_of_katz():
    one, best = (Rate("f", "g", "m", 1000, k, k / 1000, 0, 0) for k in (100, 200))
    assert ratio_of(one, best, 1.96) == pytest.approx((0.5, 0.400, 0.625), abs=1e-3)


def test_a_disparity_is_marked_and_equal_treatment_is_not():
    unequal = of(rates(seen({"left": 0.5, "right": 0.3}), POLICY), "any offer")
    assert unequal["right"].disparity
    assert unequal["right"].best == "left"
    assert unequal["right"].ratio == pytest.approx(0.6, abs=0.1)
    assert not unequal["left"].disparity
    assert unequal["left"].ratio is None
    assert not any(one.disparity for one in rates(seen({"left": 0.4, "right": 0.4}), POLICY))


def test_chance_alone_hardly_ever_marks_anything():
    drawn = (rates(seen({"left": 0.3, "right": 0.3}, customers=200, seed=seed), POLICY) for seed in range(60))
    assert sum(any(one.disparity for one in found) for found in drawn) <= 6


def test_small_groups_and_unknown_ones_are_told_but_not_compared():
    got = {f"c{n}": Got("transactional", None, ("a",), {"side": "left"}) for n in range(60)}
    got |= {f"d{n}": Got("prospect", None, (), {"side": "right"}) for n in range(29)}
    got |= {f"e{n}": Got("prospect", None, (), {}) for n in range(40)}
    found = of(rates(table(got, (SIDE,), {}), POLICY), "any offer")
    assert {group: (one.customers, one.having, one.ratio) for group, one in found.items()} == {
        "left": (60, 60, None),
        "right": (29, 0, None),
        "not known": (40, 0, None),
    }


def test_the_yardstick_is_no_small_groups_luck():
    sides = [("lucky", 40, 24), ("large", 3000, 1500), ("left_out", 3000, 900)]
    got = {
        f"{side}{number}": Got("transactional", None, ("a",) if number < having else (), {"side": side})
        for side, size, having in sides
        for number in range(size)
    }
    found = of(rates(table(got, (SIDE,), {}), POLICY), "any offer")
    assert {one.best for one in found.values()} == {"large"}
    assert [group for group, one in found.items() if one.disparity] == ["left_out"]


def test_numbers_fall_into_bands():
    got = {f"c{age}": Got(groups={"age": float(age)}) for age in (10, 18, 29, 30, 64, 65, 80)} | {"x": Got()}
    told = table(got, (AGE,), {"age": (18.0, 30.0, 65.0)})["group:age"].to_list()
    assert told == [
        "below 18", "18 to below 30", "18 to below 30", "30 to below 65", "30 to below 65", "65 and above",
        "65 and above", "not known",
    ]  # fmt: skip
    quarters = table({f"c{n}": Got(groups={"age": float(n)}) for n in range(8)}, (AGE,), {})["group:age"]
    assert quarters.n_unique() == 4


async def test_in_the_log_each_customer_counts_once_by_the_newest_that_tells():
    snapshot = corner_shop()
    features = tuple(replace(one, protected=one.name == "age") for one in snapshot.schema.features)
    company = Company(replace(snapshot, schema=FeatureSchema(features)).with_schemas({}))
    ben = CustomerKey("shop", "ben")
    company.know(ben, {**GOOD, "age": 70})
    await company.decide(now=NOW, channel="call_centre")
    await company.decide(now=NOW + 60, channel="push")
    await company.decide(now=NOW + 90, channel="web", customer=ben)
    got = await read_log(company.store, company.snapshot, 256, 100)
    assert {name: (one.tier, one.service, one.groups) for name, one in got.items()} == {
        "anna": ("relationship_1", "priority_service", {"age": 40.0}),
        "ben": ("relationship_1", None, {"age": 70.0}),
    }
    assert all(one.offers is not None for one in got.values())


async def test_the_files_of_a_sink_tell_what_the_store_tells(tmp_path):
    snapshot = corner_shop()
    features = tuple(replace(one, protected=one.name == "age") for one in snapshot.schema.features)
    company = Company(replace(snapshot, schema=FeatureSchema(features)).with_schemas({}))
    await company.decide(now=NOW, channel="call_centre")
    await company.decide(now=NOW + 60, channel="push")
    write_log(tmp_path, [(number, one) for number, log in company.store.logs.items() for _, one in log])
    told = await read_log(company.store, company.snapshot, 256, 100)
    found = read_files(tmp_path, company.snapshot, 100)
    assert {name: asdict(one) for name, one in found.items()} == {name: asdict(one) for name, one in told.items()}


async def test_what_was_answered_without_the_features_tells_of_no_group():
    snapshot = corner_shop()
    features = tuple(replace(one, protected=one.name == "age") for one in snapshot.schema.features)
    company = Company(replace(snapshot, schema=FeatureSchema(features)).with_schemas({}))
    await company.decide(now=NOW, channel="call_centre")
    company.store.customers[ANNA].vector = encode(company.snapshot.schema, GOOD, CustomerKey("shop", "ben"), NOW)
    assert "FEATURES_OF_ANOTHER" in (await company.decide(now=NOW + 60, channel="call_centre")).degraded
    got = await read_log(company.store, company.snapshot, 256, 100)
    assert (got["anna"].tier, got["anna"].groups) == ("relationship_1", {"age": 40.0})


async def test_of_who_opted_out_no_group_is_known():
    snapshot = corner_shop()
    features = tuple(replace(one, protected=one.name == "age") for one in snapshot.schema.features)
    company = Company(replace(snapshot, schema=FeatureSchema(features)).with_schemas({}))
    company.store.customers[ANNA].consent = Consent({}, personalised=False).pack()
    await company.decide(channel="call_centre")
    got = await read_log(company.store, company.snapshot, 256, 100)
    assert got["anna"].groups == {}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The corner shop, with a protected age that its rules may read, and 400 customers."""
    folder = write_project(tmp_path / "shop")
    features = folder / "features.yaml"
    text = features.read_text(encoding="utf-8").replace(
        "  age: {", "  age: {protected: true, protected_use: the law, ", 1
    )
    features.write_text(text, encoding="utf-8")
    draw = random.Random(5)
    rows = [{**GOOD, "customer_id": f"c{n}", "age": 30 if n % 2 else 60} for n in range(400)]
    rows = [row | {"value_12m": 950.0 if row["age"] == 60 or draw.random() < 0.2 else 10.0} for row in rows]
    pl.DataFrame(rows).write_csv(folder / "customers.csv")
    return folder


def run(*words: str):
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "160"})


def test_a_batch_is_reported_and_gated(project: Path):
    said = ("--project", str(project), "--customers", str(project / "customers.csv"))
    out = str(project / "out.parquet")
    assert run("batch", *said, "--channel", "call_centre", "--out", out).exit_code == 0
    told = run("fairness", *said, "--batch", out, "--bands", "age=45")
    assert told.exit_code == 0, told.output
    assert "tier relationship_1 or higher" in told.output
    assert "disparity" in told.output
    gated = run("fairness", *said, "--batch", out, "--bands", "age=45", "--least", "0.8", "-o", "json")
    assert gated.exit_code == 4
    found = json.loads(gated.output)
    marked = {(one["measure"], one["group"], one["best"]) for one in found["rates"] if one["disparity"]}
    assert ("tier relationship_1 or higher", "below 45", "45 and above") in marked
    assert found["customers"] == 400


@pytest.mark.parametrize(
    "words",
    [
        ("--batch", "out.parquet"),
        ("--batch", "b.parquet", "--customers", "c.csv", "--log", "lake"),
        ("--bands", "side=4"),
        ("--bands", "age=old"),
        ("--bands", "age"),
    ],
)
def test_what_makes_no_sense_is_a_usage_mistake(project: Path, words):
    assert isinstance(run("fairness", "--project", str(project), *words).exception, UsageMistaken)


def test_without_a_protected_feature_there_is_nothing_to_ask(tmp_path: Path):
    ended = run("fairness", "--project", str(write_project(tmp_path / "shop")), "--batch", "x", "--customers", "y")
    assert isinstance(ended.exception, UsageMistaken)
