"""The MineThatData experiment through the files and commands of examples/hillstrom, held to a plain LightGBM.

The published table is not part of the project; without it these tests are skipped.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl
import pytest

from befit import Client
from engine.batch import Occasion, decide_rows
from engine.customers_file import read_customers
from engine.project import load_snapshot
from models.measure import auc
from tests.engine.served_project import served

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "hillstrom"
TABLES = ROOT.parent / "shared" / "data"
ARMS = {"Mens E-Mail": "mens_email", "Womens E-Mail": "womens_email", "No E-Mail": "no_email"}
BEFIT = (sys.executable, "-c", "from engine.cli.app import main; main()")
ALL_PLACES = ("count: 1", "count: 3")
RULE = """
rules:
  - {id: buys_womens, stage: applicability, allow_when: customer.womens, scope: {actions: [womens_email]}}
"""
ASKED = 300

pytestmark = pytest.mark.skipif(
    not (TABLES / "hillstrom_train.csv.gz").exists(), reason="the tables of the e-mail challenge are not here"
)


def ran(*command: object) -> str:
    done = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with history, customers, a bundle, and the project with a rule and a place for every arm."""
    folder = tmp_path_factory.mktemp("hillstrom")
    prepare = (sys.executable, EXAMPLE / "prepare.py")
    ran(*prepare, "history", TABLES / "hillstrom_train.csv.gz", folder / "history.parquet")
    ran(*prepare, "customers", TABLES / "hillstrom_holdout_x.csv.gz", folder / "customers.parquet")
    train = (*BEFIT, "train", "--project", EXAMPLE, "--history", folder / "history.parquet")
    told = json.loads(ran(*train, "--out", folder / "bundle", "--set", "threads=1", "--force", "full", "-o", "json"))
    (folder / "told.json").write_text(json.dumps(told))
    (folder / "project").mkdir()
    policy = (EXAMPLE / "policy.yaml").read_text()
    (folder / "project" / "policy.yaml").write_text(policy.replace(*ALL_PLACES) + RULE)
    (folder / "project" / "features.yaml").write_text((EXAMPLE / "features.yaml").read_text())
    return folder


@pytest.fixture(scope="module")
def holdout() -> pl.DataFrame:
    known = pl.read_csv(TABLES / "hillstrom_holdout_x.csv.gz")
    return known.join(pl.read_csv(TABLES / "hillstrom_holdout_log.csv.gz"), on="row_id")


def plain_auc(holdout: pl.DataFrame) -> float:
    """LightGBM with its own defaults and 100 trees at half the learning rate, on the same columns and the arm."""
    train = pl.read_csv(TABLES / "hillstrom_train.csv.gz")
    categories = ["history_segment", "zip_code", "channel", "segment"]
    codes = {name: {value: i for i, value in enumerate(sorted(train[name].unique()))} for name in categories}
    names = ["recency", "history", "mens", "womens", "newbie", *categories]

    def matrix(table: pl.DataFrame) -> np.ndarray:
        coded = [pl.col(name).replace_strict(codes[name], return_dtype=pl.Float64) for name in categories]
        return table.with_columns(coded).select(names).to_numpy().astype(np.float64)

    data = lightgbm.Dataset(matrix(train), train["visit"].to_numpy(), categorical_feature=[5, 6, 7, 8])
    settings = {"objective": "binary", "learning_rate": 0.05, "verbosity": -1, "num_threads": 1, "seed": 1}
    booster = lightgbm.train(settings, data, 100)
    found = auc(holdout["visit"].to_numpy() == 1, np.asarray(booster.predict(matrix(holdout))))
    assert found is not None
    return found


def test_served_propensities_order_the_holdout_as_well_as_a_plain_lightgbm(work: Path, holdout: pl.DataFrame) -> None:
    project = work / "open"
    project.mkdir()
    (project / "policy.yaml").write_text((EXAMPLE / "policy.yaml").read_text().replace(*ALL_PLACES))
    (project / "features.yaml").write_text((EXAMPLE / "features.yaml").read_text())
    batch = (*BEFIT, "batch", "--project", project, "--bundle", work / "bundle", "--channel", "email", "--greedy")
    ran(*batch, "--customers", work / "customers.parquet", "--out", work / "all.parquet")
    served_ = pl.read_parquet(work / "all.parquet").select("row_id", "action", "propensity")
    assert len(served_) == 3 * len(holdout)
    sent = holdout.with_columns(action=pl.col("segment").replace_strict(ARMS))
    judged = sent.join(served_, on=["row_id", "action"])
    assert len(judged) == len(holdout)
    found = auc(judged["visit"].to_numpy() == 1, judged["propensity"].to_numpy())
    assert found is not None
    assert found > plain_auc(holdout) - 0.01


def test_what_training_told_holds_on_the_holdout(work: Path, holdout: pl.DataFrame) -> None:
    told = json.loads((work / "told.json").read_text())["metrics"]
    assert told["auc"] == pytest.approx(0.64, abs=0.02)
    assert told["calibration_error"] < 0.02
    for arm, action in ARMS.items():
        seen = holdout.filter(pl.col("segment") == arm)["visit"].mean()
        assert told["actions"][action]["rate"] == pytest.approx(seen, abs=0.02)


@pytest.fixture(scope="module")
def client(work: Path) -> Iterator[Client]:
    bundle = str(work / "bundle")
    with (
        served(work / "project", "--bundle", bundle) as running,
        Client(running.says["gRPC"], deadline_ms=10_000) as asking,
    ):
        yield asking


def test_answers_over_grpc_are_those_of_the_process_and_only_allowed_arms_come(work: Path, client: Client) -> None:
    people = pl.read_parquet(work / "customers.parquet").head(ASKED)
    people.write_parquet(work / "asked.parquet")
    features = [name for name in people.columns if name not in ("customer_id", "row_id")]
    client.put_customers(
        {"customer_id": row["customer_id"], "features": {name: row[name] for name in features}}
        for row in people.iter_rows(named=True)
    )
    snapshot = load_snapshot(work / "project", work / "bundle")
    (rows,) = read_customers(work / "asked.parquet", snapshot.schema)
    expected = decide_rows(snapshot, rows, Occasion("default", "email", 1_760_000_000.0))
    womens = dict(zip(people["customer_id"], people["womens"], strict=True))
    for customer, lines in expected.group_by("customer_id", maintain_order=True):
        answered = client.decide(str(customer[0]), "email").actions("message")
        assert [one.action_id for one in answered] == lines["action"].to_list()
        propensities = [one.factors.propensity for one in answered]
        np.testing.assert_allclose(propensities, lines["propensity"].to_numpy(), rtol=0, atol=1e-9)
        assert ("womens_email" in lines["action"].to_list()) == womens[customer[0]]
