"""`befit train` and `befit batch` from the command line: what they write, tell, and end with."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from engine.cli.app import main
from tests.engine.email_shop import PROJECT, customers, history, project_with

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs one command: its exit code, standard output and error stream."""

    def run(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["befit", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    history(1_500, seed=1).write_parquet(tmp_path / "first.parquet")
    history(1_500, seed=2).with_columns(customer_id=pl.format("d{}", "customer_id")).write_csv(tmp_path / "more.csv")
    customers(50, seed=3).write_csv(tmp_path / "customers.csv")
    return tmp_path


def test_history_to_bundle_to_decisions(shop: Path, command: Command) -> None:
    train = ["train", "--project", PROJECT, "--history", shop / "first.parquet", shop / "more.csv"]
    settings = ["--set", "rounds=30", "threads=1"]
    code, out, _ = command(*train, "--out", shop / "bundle", *settings, "-o", "json")
    assert code == 0
    told = json.loads(out)
    assert told["rows"] == 3_000
    assert told["metrics"]["auc"] > 0.6
    assert {path.name for path in (shop / "bundle").iterdir()} >= {"model.txt", "manifest.json"}
    batch = ["batch", "--project", PROJECT, "--bundle", shop / "bundle", "--customers", shop / "customers.csv"]
    code, out, _ = command(*batch, "--channel", "email", "--out", shop / "out.parquet", "-o", "json")
    assert code == 0
    assert json.loads(out)["customers"] == 50
    found = pl.read_parquet(shop / "out.parquet")
    assert found["row_id"].to_list() == list(range(1_000, 1_050))


@pytest.mark.parametrize("name", ["customers.csv", "out.txt", "out"])
def test_a_batch_never_takes_the_place_of_its_customers_nor_guesses_a_format(
    shop: Path, command: Command, name: str
) -> None:
    before = (shop / "customers.csv").read_bytes()
    asked = ["batch", "--project", PROJECT, "--customers", shop / "customers.csv", "--channel", "email"]
    code, _, told = command(*asked, "--out", shop / name)
    assert (code, "--out" in told) == (2, True)
    assert (shop / "customers.csv").read_bytes() == before


def test_a_place_that_is_taken_is_told_before_anything_is_learnt(shop: Path, command: Command) -> None:
    code, _, told = command("train", "--project", PROJECT, "--history", shop / "none.csv", "--out", shop)
    assert (code, "holds something that is no bundle" in told) == (1, True)


def test_people_read_tables(shop: Path, command: Command) -> None:
    train = ["train", "--project", PROJECT, "--history", shop / "first.parquet", "--set", "rounds=10", "threads=1"]
    code, out, _ = command(*train, "--out", shop / "bundle")
    assert code == 0
    assert "order (AUC)" in out
    assert "mens_email" in out
    batch = ["batch", "--project", PROJECT, "--customers", shop / "customers.csv", "--out", shop / "out.parquet"]
    code, out, _ = command(*batch, "--channel", "email", "--greedy")
    assert code == 0
    assert "50 customers" in out


def test_rows_that_do_not_hold_are_told_and_the_others_decided(shop: Path, command: Command) -> None:
    with (shop / "customers.csv").open("a") as file:
        file.write("bad,9,soon,1,true,Urban\n")
    batch = ["batch", "--project", PROJECT, "--customers", shop / "customers.csv", "--out", shop / "out.parquet"]
    code, out, _ = command(*batch, "--channel", "email", "-o", "json")
    assert code == 3
    told = json.loads(out)
    assert (told["customers"], told["wrong_rows"]) == (50, 1)
    assert "customers.csv:52:3" in told["problems"][0]


@pytest.mark.parametrize(
    ("option", "value", "ends"),
    [
        ("--history", "nowhere.csv", (3, "there is no such file")),
        ("--set", "depth=3", (2, "is no setting")),
        ("--set", "leaves=1000", (2, "between 2 and 64")),
        ("--set", "features=incme", (1, "is no feature")),
    ],
)
def test_training_ends_in_words(shop: Path, command: Command, option: str, value: str, ends: tuple[int, str]) -> None:
    told = {"--project": PROJECT, "--history": shop / "first.parquet", "--out": shop / "bundle", option: value}
    code, _, err = command("train", *(word for pair in told.items() for word in pair))
    assert (code, ends[1] in err) == (ends[0], True)
    assert not (shop / "bundle").exists()


def test_a_feature_known_only_after_the_outcome_is_refused_when_asked_for(shop: Path, command: Command) -> None:
    project = project_with(shop / "project")
    leaky = (project / "features.yaml").read_text() + "  seconds: {type: number, known_after_outcome: true}\n"
    (project / "features.yaml").write_text(leaky)
    table = pl.read_parquet(shop / "first.parquet").with_columns(seconds=(pl.col("outcome") == "VISIT").cast(pl.Int8))
    table.write_parquet(shop / "leak.parquet")
    train = ["train", "--project", project, "--history", shop / "leak.parquet", "--out", shop / "bundle", "-o", "json"]
    code, out, _ = command(*train, "--set", "rounds=10", "threads=1")
    assert code == 0
    told = json.loads(out)
    assert "customer.seconds" not in told["inputs"]
    assert told["metrics"]["auc"] < 0.9
    assert any("only after the outcome" in note for note in told["notes"])
    code, _, err = command(*train, "--set", "features=recency,seconds")
    assert code == 1
    assert "no model may read 'seconds'" in err


def test_an_unknown_channel_is_a_matter_of_usage(shop: Path, command: Command) -> None:
    batch = ["batch", "--project", PROJECT, "--customers", shop / "customers.csv", "--out", shop / "out.parquet"]
    code, _, err = command(*batch, "--channel", "fax")
    assert code == 2
    assert "no channel 'fax'; it has email" in err
