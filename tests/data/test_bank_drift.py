"""A bank's calls in the order of their dates: the crisis comes in between, and one call in twenty becomes one in four.

The table is not part of the project; without it these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models.actions import ActionTable
from models.bundle import Bundle, load_bundle
from models.bundle_writer import write_bundle
from models.drift_report import drift_report
from models.features import Feature, FeatureSchema, FeatureType
from models.fit import FitSettings
from models.history import History, read_history
from models.history_check import Terms
from models.inputs import Setting
from models.judged_rows import JudgedRows, judged_rows
from models.matrix import FeatureRefused, training_matrix
from models.repair import repaired
from models.train import Trained, TrainSettings, train

BANK = Path(__file__).parents[3] / "shared" / "data" / "bank_marketing_bank-additional-full.csv.gz"
OWN = ("customer_id", "at", "channel", "action", "outcome")
FIRST, SECONDS_APART = 1_211_000_000, 1_900
SETTINGS = TrainSettings(fit=FitSettings(threads=1))

pytestmark = pytest.mark.skipif(not BANK.exists(), reason="the bank's table is not here")


@pytest.fixture(scope="module")
def calls() -> pl.DataFrame:
    table = pl.read_csv(BANK, separator=";", infer_schema_length=None).rename({"contact": "channel"})
    return table.with_columns(
        customer_id=pl.int_range(len(table)).cast(pl.String),
        at=pl.int_range(len(table)) * SECONDS_APART + FIRST,
        action=pl.lit("deposit"),
        outcome=pl.when(pl.col("y") == "yes").then(pl.lit("ACCEPTED")).otherwise(pl.lit("REJECTED")),
    ).drop("y")


@pytest.fixture(scope="module")
def terms(calls: pl.DataFrame) -> Terms:
    offer = ActionTable(
        ids=("deposit",),
        stable_ids=np.arange(1, dtype=np.uint32),
        kinds=("OFFER",),
        issues=("sales",),
        groups=("savings",),
        success=("ACCEPTED",),
        windows=np.full(1, 86_400.0),
        contacts=np.ones(1, dtype=np.bool_),
    )
    features = tuple(_feature(calls[name]) for name in calls.columns if name not in OWN)
    return Terms(FeatureSchema(features), offer, Setting({"cellular": "outbound", "telephone": "outbound"}))


def _feature(column: pl.Series) -> Feature:
    if column.dtype == pl.String:
        return Feature(column.name, FeatureType.CATEGORY, tuple(sorted(column.unique())))
    return Feature(column.name, FeatureType.NUMBER, known_after_outcome=column.name == "duration")


def history(folder: Path, table: pl.DataFrame, terms: Terms) -> History:
    table.write_parquet(folder / "history.parquet")
    return read_history([folder / "history.parquet"], terms)


def learnt(past: History, terms: Terms) -> Trained:
    return train(past, terms, SETTINGS, 0.0, lambda _step, _done: None)


@pytest.fixture(scope="module")
def early(calls: pl.DataFrame, terms: Terms, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Learnt from the first two thirds."""
    folder = tmp_path_factory.mktemp("bank")
    found = learnt(history(folder, calls[: len(calls) * 2 // 3], terms), terms)
    assert found.parts.metrics["population"]["rate"] == pytest.approx(0.048, abs=0.001)
    write_bundle(folder / "bundle", found.parts)
    return load_bundle(folder / "bundle")


@pytest.fixture(scope="module")
def late(early: Bundle, calls: pl.DataFrame, terms: Terms, tmp_path_factory: pytest.TempPathFactory) -> JudgedRows:
    """The last third, as the early model scores it."""
    every = history(tmp_path_factory.mktemp("bank"), calls, terms)
    return judged_rows(early, every, terms, early.manifest.training.end)


def test_the_alarm_rings_for_the_economy_the_scores_and_the_calibration(early: Bundle, late: JudgedRows) -> None:
    found = drift_report(early, late)
    assert found.calibration is not None
    assert found.calibration.rate == pytest.approx(0.241, abs=0.001)
    assert found.calibration.error > 0.1
    assert {"customer.euribor3m", "customer.emp.var.rate", "customer.nr.employed", "score", "calibration"} <= set(
        found.alarms
    )
    assert {"customer.education", "customer.housing", "customer.loan", "customer.day_of_week"}.isdisjoint(found.alarms)


def test_recent_calls_repair_the_calibration_as_far_as_the_order_of_customers_holds(
    early: Bundle, late: JudgedRows
) -> None:
    fixed = repaired(early, late, ("deposit",), 0.0)
    assert fixed.after.error < 0.6 * fixed.before.error
    assert fixed.after.propensity == pytest.approx(fixed.after.rate, abs=0.02)


def test_training_on_all_calls_is_calibrated_by_the_latest(calls: pl.DataFrame, terms: Terms, tmp_path: Path) -> None:
    told = learnt(history(tmp_path, calls, terms), terms).parts.metrics["latest"]
    assert told["repaired"]
    assert told["calibration_error"] < 0.03
    assert told["calibration_error"] < 0.5 * told["without_repair"]


def test_the_length_of_the_call_is_refused(calls: pl.DataFrame, terms: Terms, tmp_path: Path) -> None:
    past = history(tmp_path, calls.head(500), terms)
    with pytest.raises(FeatureRefused, match="known only after the outcome"):
        training_matrix(past, terms, ("duration",))
    assert "customer.duration" not in [one.name for one in training_matrix(past, terms).inputs]
