"""Known traps in published tables: an input that tells the outcome, and people copied under several names.

The tables are not part of the project; without them these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models.actions import ActionTable
from models.copies import find_copies
from models.features import Feature, FeatureSchema, FeatureType
from models.fit import FitSettings
from models.history import read_history
from models.history_check import Terms
from models.inputs import Setting
from models.train import Trained, TrainSettings, train

TABLES = Path(__file__).parents[3] / "shared" / "data"
BANK = TABLES / "bank_marketing_bank-additional-full.csv.gz"
IBM = TABLES / "ibm_marketing_value_ibm_marketing_value.csv.gz"
OWN = ("customer_id", "at", "channel", "action", "outcome")

pytestmark = pytest.mark.skipif(not BANK.exists(), reason="the published tables are not here")


def trained(folder: Path, table: pl.DataFrame, known_after: tuple[str, ...] = ()) -> Trained:
    """Train on a table whose other columns are all features."""
    features = tuple(_feature(table[name], name in known_after) for name in table.columns if name not in OWN)
    actions = sorted(table["action"].unique())
    count = len(actions)
    offers = ActionTable(
        ids=tuple(actions),
        stable_ids=np.arange(count, dtype=np.uint32),
        kinds=("OFFER",) * count,
        issues=("sales",) * count,
        groups=("all",) * count,
        success=("ACCEPTED",) * count,
        windows=np.full(count, 86_400.0),
        contacts=np.ones(count, dtype=bool),
    )
    terms = Terms(FeatureSchema(features), offers, Setting(dict.fromkeys(sorted(table["channel"].unique()), "inbound")))
    table.write_parquet(folder / "history.parquet")
    history = read_history([folder / "history.parquet"], terms)
    return train(history, terms, TrainSettings(fit=FitSettings(threads=1)), 0.0, lambda _step, _done: None)


def _feature(column: pl.Series, known_after: bool) -> Feature:
    if column.dtype == pl.String:
        return Feature(column.name, FeatureType.CATEGORY, tuple(sorted(column.unique())))
    return Feature(column.name, FeatureType.NUMBER, known_after_outcome=known_after)


@pytest.mark.parametrize(("known_after", "low", "high"), [(("duration",), 0.77, 0.83), ((), 0.93, 0.97)])
def test_the_length_of_the_call_is_a_leak_that_one_declaration_stops(
    tmp_path: Path, known_after: tuple[str, ...], low: float, high: float
) -> None:
    table = pl.read_csv(BANK, separator=";", infer_schema_length=None)
    table = table.rename({"contact": "channel"}).with_columns(
        customer_id=pl.int_range(len(table)).cast(pl.String),
        at=pl.lit("2010-11-01"),
        action=pl.lit("deposit"),
        outcome=pl.when(pl.col("y") == "yes").then(pl.lit("ACCEPTED")).otherwise(pl.lit("REJECTED")),
    )
    found = trained(tmp_path, table.drop("y"), known_after)
    assert found.measured.auc is not None
    assert low < found.measured.auc < high
    assert ("customer.duration" in found.parts.metrics["gain"]) is (not known_after)


def test_people_copied_six_times_do_not_make_a_model_look_perfect(tmp_path: Path) -> None:
    table = pl.read_csv(IBM)
    names = {"Customer": "customer_id", "Renew Offer Type": "action", "Sales Channel": "channel"}
    table = table.rename(names).with_columns(
        at=pl.lit("2011-03-01"),
        outcome=pl.when(pl.col("Response") == "Yes").then(pl.lit("ACCEPTED")).otherwise(pl.lit("NO_RESPONSE")),
    )
    found = trained(tmp_path, table.drop("Response", "Effective To Date"))
    assert found.copied == 218 * 6
    assert found.measured.auc is not None
    assert 0.68 < found.measured.auc < 0.82


def test_the_copies_are_found_to_be_two_hundred_and_eighteen_people() -> None:
    """Everyone who responded stands in the table six times, under six names."""
    people = pl.read_csv(IBM)
    other = ("Customer", "Response", "Effective To Date", "Renew Offer Type", "Sales Channel")
    codes = [people[one].rank("dense").to_numpy().astype(np.float32) for one in people.columns if one not in other]
    groups = find_copies(np.arange(len(people)), np.column_stack(codes)).groups
    sizes = np.bincount(groups)[groups]
    assert np.unique(groups[sizes > 1], return_counts=True)[1].tolist() == [6] * 218
    assert (people["Response"].to_numpy() == "Yes").tolist() == (sizes > 1).tolist()
