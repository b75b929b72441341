"""The MineThatData experiment valued by `befit evaluate`, held to the known means of its arms.

The published table is not part of the project; without it these tests are skipped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.data.test_hillstrom import BEFIT, EXAMPLE, TABLES, ran
from tests.data.test_hillstrom_personal import history

pytestmark = pytest.mark.skipif(
    not (TABLES / "hillstrom_train.csv.gz").exists(), reason="the tables of the e-mail challenge are not here"
)


@pytest.fixture(scope="module", params=["visit", "spend"])
def measure(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def told(measure: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `evaluate` says of the policy without a model, on the hold-out."""
    folder = tmp_path_factory.mktemp("evaluate")
    known = pl.read_csv(TABLES / "hillstrom_holdout_x.csv.gz")
    holdout = known.join(pl.read_csv(TABLES / "hillstrom_holdout_log.csv.gz"), on="row_id")
    history(holdout, measure).write_parquet(folder / "holdout.parquet")
    evaluate = (*BEFIT, "evaluate", "--project", EXAMPLE, "--history", folder / "holdout.parquet", "-o", "json")
    return dict(json.loads(ran(*evaluate)))


def within(found: dict[str, float], low: float, high: float) -> None:
    """The interval is that of the known result, to the last digit that is known."""
    slack = 0.02 * high + 0.0006
    assert (found["low"], found["high"]) == (pytest.approx(low, abs=slack), pytest.approx(high, abs=slack))


def test_the_arms_earn_what_is_known_of_them(told: dict[str, Any], measure: str) -> None:
    within(told["arms"]["mens_email"]["dr"], *{"visit": (0.176, 0.192), "spend": (1.03, 1.71)}[measure])
    if measure == "visit":
        assert told["baselines"]["random"]["dr"]["value"] == pytest.approx(0.148, abs=0.001)


def test_every_estimator_agrees_where_all_arms_had_the_same_chance(told: dict[str, Any]) -> None:
    for arm in told["arms"].values():
        middle = arm["dr"]["value"]
        for name in ("ips", "snips", "switch_dr"):
            assert arm["dr"]["low"] < arm[name]["value"] < arm["dr"]["high"]
            assert arm[name]["value"] == pytest.approx(middle, rel=0.05)


def test_a_third_of_the_choices_speak_for_each_arm(told: dict[str, Any]) -> None:
    for arm in told["arms"].values():
        assert arm["support"]["effective_rows"] == pytest.approx(told["choices"] / 3, rel=0.03)
        assert arm["support"]["mean_weight"] == pytest.approx(1.0, abs=0.03)
        assert arm["refused"] == ""


def test_the_log_is_worth_what_choosing_at_random_is(told: dict[str, Any]) -> None:
    assert told["logged"]["value"] == pytest.approx(told["baselines"]["random"]["dr"]["value"], rel=0.01)


def test_a_history_without_probabilities_is_refused_with_the_column_to_add(tmp_path: Path) -> None:
    bare = history(pl.read_csv(TABLES / "hillstrom_train.csv.gz"), "visit").drop("probability").head(100)
    bare.write_parquet(tmp_path / "bare.parquet")
    with pytest.raises(AssertionError, match="column `probability`"):
        ran(*BEFIT, "evaluate", "--project", EXAMPLE, "--history", tmp_path / "bare.parquet")
