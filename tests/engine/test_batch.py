"""Decisions for a file of customers: the live core, without a store."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.batch import COLUMNS, Occasion, decide_rows, greedy
from engine.batch_file import write_batch
from engine.customers_file import CustomerRows, read_customers
from engine.project import load_snapshot
from engine.snapshot import Snapshot
from models.bundle import load_bundle
from tests.engine.email_shop import ARMS, PROJECT, customers, make_bundle, project_with

OCCASION = Occasion("default", "email", 1_760_000_000.0)
EXPLORING = ["exploration: {share: 0.3}"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("shop"))


def rows_of(folder: Path, snapshot: Snapshot, count: int = 200) -> CustomerRows:
    customers(count, seed=9).write_parquet(folder / "customers.parquet")
    (rows,) = read_customers(folder / "customers.parquet", snapshot.schema)
    return rows


def decided(folder: Path, project: Path, bundle: Path | None, count: int = 200) -> pl.DataFrame:
    snapshot = load_snapshot(project, bundle)
    return decide_rows(snapshot, rows_of(folder, snapshot, count), OCCASION)


def test_each_customer_gets_the_arm_with_the_most_worth(tmp_path: Path, bundle: Path) -> None:
    found = decided(tmp_path, PROJECT, bundle)
    assert list(found.schema) == list(COLUMNS)
    assert found["rank"].to_list() == [1] * 200
    mens = customers(200, seed=9)["mens"].to_numpy()
    chosen = found["action"].to_numpy()
    assert np.mean(chosen == np.where(mens, "mens_email", "womens_email")) > 0.9
    assert found["probability"].to_list() == [1.0] * 200
    np.testing.assert_allclose(found["priority"], found["propensity"] * found["gain"])
    assert set(found["tier"]) == {"customer"}
    assert set(found["kind"]) == {"MESSAGE"}
    assert "best" in found["reason"][0]


def test_propensities_are_the_models_own_calibrated_and_smoothed(tmp_path: Path, bundle: Path) -> None:
    found = decided(tmp_path, PROJECT, bundle, count=20)
    loaded = load_bundle(bundle)
    names = [one.name for one in loaded.manifest.inputs]
    snapshot = load_snapshot(PROJECT, bundle)
    rows = rows_of(tmp_path, snapshot, 20)
    for place, action in enumerate(found["action"].to_list()):
        values = dict(zip((f"customer.{one}" for one in snapshot.schema.names), rows.vectors[place], strict=True))
        arms = loaded.manifest.inputs[names.index("action.id")].values
        row = np.array([[values.get(name, float(arms.index(action))) for name in names]], dtype=np.float32)
        raw = 1 / (1 + np.exp(-np.asarray(loaded.booster.predict(row, raw_score=True))))
        calibrated = loaded.calibration.over([action]).apply(np.array([0]), raw)[0]
        successes, closed = loaded.manifest.metrics["evidence"][action]
        assert abs(found["propensity"][place] - calibrated) < 25 / closed
        assert successes < closed


def test_exploration_is_told_and_greedy_turns_it_off(tmp_path: Path, bundle: Path) -> None:
    project = project_with(tmp_path / "project", *EXPLORING)
    snapshot = load_snapshot(project, bundle)
    rows = rows_of(tmp_path, snapshot, 600)
    explored = decide_rows(snapshot, rows, OCCASION)
    best = decide_rows(greedy(snapshot), rows, OCCASION)
    assert best["probability"].to_list() == [1.0] * 600
    other = explored["action"] != best["action"]
    assert 0.1 < other.mean() < 0.3
    assert explored.filter(~other)["probability"].min() >= 0.7
    assert explored.filter(other)["probability"].max() < 0.3
    assert decide_rows(snapshot, rows, OCCASION).equals(explored)


def test_where_nothing_befits_the_row_says_why(tmp_path: Path, bundle: Path) -> None:
    rule = "rules:\n  - {id: never, stage: eligibility, block_when: 'customer.recency > 0'}"
    found = decided(tmp_path, project_with(tmp_path / "project", rule), bundle, count=5)
    assert found["action"].to_list() == [""] * 5
    assert found["propensity"].null_count() == 5
    assert all(found["reason"])
    dear = project_with(tmp_path / "dear", replaced={"value: {visits: 1}": "value: {visits: 1}\n    cost: 2"})
    assert decided(tmp_path, dear, bundle, count=5)["action"].to_list() == [""] * 5


def test_several_places_give_several_rows(tmp_path: Path, bundle: Path) -> None:
    project = project_with(tmp_path / "project", replaced={"count: 1": "count: 3"})
    found = decided(tmp_path, project, bundle, count=10)
    assert found["rank"].to_list() == [1, 2, 3] * 10
    assert set(found["action"]) == set(ARMS)
    assert found["probability"].is_null().to_list() == [False, True, True] * 10
    ranked = found.with_columns(worse=pl.col("priority").diff().over("customer_id"))
    assert ranked["worse"].drop_nulls().max() <= 0


def test_without_a_model_the_rules_decide(tmp_path: Path) -> None:
    assert set(decided(tmp_path, PROJECT, None, count=5)["propensity"]) == {1.0}


@pytest.mark.parametrize(("ids", "kind"), [(["1", "20"], pl.Int64), (["01", "2"], pl.String), (["a", "2"], pl.String)])
def test_ids_keep_the_type_of_the_customers_file(tmp_path: Path, ids: list[str], kind: type[pl.DataType]) -> None:
    source = tmp_path / "customers.csv"
    source.write_text("customer_id\n")
    part = pl.DataFrame({"customer_id": ids, "rank": [1, 1]})
    found = write_batch([part[:1], part[1:]], tmp_path / "deep" / "out.parquet", source).collect()
    assert found.schema["customer_id"] == kind
    assert [str(one) for one in found["customer_id"]] == ids


def test_text_ids_of_a_parquet_file_stay_text(tmp_path: Path) -> None:
    part = pl.DataFrame({"customer_id": ["1", "2"], "rank": [1, 1]})
    part.write_parquet(tmp_path / "customers.parquet")
    found = write_batch([part], tmp_path / "out.csv", tmp_path / "customers.parquet").collect()
    assert (tmp_path / "out.csv").read_text() == "customer_id,rank\n1,1\n2,1\n"
    assert len(found) == 2


def test_a_batch_that_fails_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "out.parquet").write_text("before")

    def parts():
        yield pl.DataFrame({"customer_id": ["1"]})
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_batch(parts(), tmp_path / "out.parquet", tmp_path / "customers.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]
    assert (tmp_path / "out.parquet").read_text() == "before"
