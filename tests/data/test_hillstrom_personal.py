"""The MineThatData experiment, where personalisation is noise: what training chose is held to always sending Mens.

The published table is not part of the project; without it these tests are skipped.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest

from models.offpolicy import Estimator, Judged, Logged, difference, estimates
from tests.data.test_hillstrom import ARMS, BEFIT, EXAMPLE, TABLES, ran

pytestmark = pytest.mark.skipif(
    not (TABLES / "hillstrom_train.csv.gz").exists(), reason="the tables of the e-mail challenge are not here"
)


class Chosen(NamedTuple):
    """What training told, and the action that it chose for each row of the hold-out."""

    told: dict[str, Any]
    actions: pl.DataFrame


def history(challenge: pl.DataFrame, measure: str) -> pl.DataFrame:
    """The experiment as a history whose reward is one of its measures."""
    return challenge.select(
        customer_id=pl.format("c{}", "row_id"),
        at=pl.lit("2008-03-20T09:00:00"),
        channel=pl.lit("email"),
        action=pl.col("segment").replace_strict(ARMS),
        reward=pl.col(measure).cast(pl.Float64),
        probability=pl.lit(1 / 3),
        recency=pl.col("recency"),
        history=pl.col("history"),
        mens=pl.col("mens") == 1,
        womens=pl.col("womens") == 1,
        newbie=pl.col("newbie") == 1,
        zip_code=pl.col("zip_code"),
        bought_through=pl.col("channel"),
    )


@pytest.fixture(scope="module", params=["visit", "spend"])
def measure(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def chosen(measure: str, tmp_path_factory: pytest.TempPathFactory) -> Chosen:
    folder = tmp_path_factory.mktemp("personal")
    history(pl.read_csv(TABLES / "hillstrom_train.csv.gz"), measure).write_parquet(folder / "history.parquet")
    project = folder / "project"
    project.mkdir()
    (project / "policy.yaml").write_text((EXAMPLE / "policy.yaml").read_text())
    (project / "features.yaml").write_text((EXAMPLE / "features.yaml").read_text())
    bundle = folder / "bundle"
    train = (*BEFIT, "train", "--project", project, "--history", folder / "history.parquet", "--out", bundle)
    told = json.loads(ran(*train, "--set", "threads=1", "-o", "json"))
    prepare = (BEFIT[0], EXAMPLE / "prepare.py", "customers")
    ran(*prepare, TABLES / "hillstrom_holdout_x.csv.gz", folder / "customers.parquet")
    batch = (*BEFIT, "batch", "--project", project, "--bundle", bundle, "--channel", "email", "--greedy")
    ran(*batch, "--customers", folder / "customers.parquet", "--out", folder / "out.parquet")
    return Chosen(told["metrics"]["personal"], pl.read_parquet(folder / "out.parquet").select("row_id", "action"))


def test_training_finds_that_one_action_befits_all(chosen: Chosen) -> None:
    assert chosen.told["level"] == "one"
    assert chosen.actions["action"].unique().to_list() == ["mens_email"]


def test_training_values_the_arms_as_the_experiment_does(chosen: Chosen, measure: str) -> None:
    known = {"visit": (0.148, 0.184, 0.01), "spend": (1.05, 1.37, 0.35)}
    at_random, always_mens, within = known[measure]
    assert chosen.told["random"]["value"] == pytest.approx(at_random, abs=within)
    assert chosen.told["values"]["one"]["value"] == pytest.approx(always_mens, abs=within)


def test_what_was_chosen_is_never_significantly_below_always_mens(chosen: Chosen, measure: str) -> None:
    log = pl.read_csv(TABLES / "hillstrom_holdout_log.csv.gz").with_columns(sent=pl.col("segment").replace_strict(ARMS))
    rows = log.join(chosen.actions.with_columns(pl.col("row_id").cast(pl.Int64)), on="row_id")
    assert len(rows) == len(log)
    n = len(rows)
    logged = Logged(rows[measure].cast(pl.Float64).to_numpy(), np.full(n, 1 / 3), np.arange(n))
    unmodelled = np.zeros(n)

    def value(took: pl.Series) -> Any:
        chance = (took == rows["sent"]).cast(pl.Float64).to_numpy()
        return estimates(logged, Judged(chance, unmodelled, unmodelled))[Estimator.SNIPS]

    always = value(pl.repeat("mens_email", n, eager=True))
    less = difference(value(rows["action"]), always, logged.customer)
    assert less.high >= 0.0
    assert always.low < {"visit": 0.184, "spend": 1.37}[measure] < always.high
