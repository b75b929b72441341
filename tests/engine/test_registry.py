"""Models come in force through the gate; what each was made from, how it was judged and what was decided is kept."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.registry.entry import Decided
from engine.registry.registry import NotInRegistry, Registry
from models.bundle_files import read_files
from tests.engine.email_shop import PROJECT, history, make_bundle

RUNNER = CliRunner()


def befit(*words: object) -> tuple[int, str]:
    done = RUNNER.invoke(app, [*map(str, words)])
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models, the choices that one learnt from, and later ones."""
    folder = tmp_path_factory.mktemp("registry")
    (folder / "models").mkdir()
    make_bundle(folder).rename(folder / "models" / "spring")
    later = history(3_000, seed=5).with_columns(at=pl.lit("2008-06-20T09:00:00"))
    later.with_columns(customer_id="l" + pl.col("customer_id")).write_parquet(folder / "later.parquet")
    return folder


def promote(work: Path, *words: object) -> tuple[int, dict]:
    given = ("--models", work / "models", "--project", PROJECT, "--no-activate", "-o", "json")
    code, told = befit("models", "promote", "spring", *given, *words)
    return code, json.loads(told) if told.startswith("{") else {"said": told}


def test_a_model_is_not_promoted_by_what_it_learnt_from_unless_somebody_says_why(work: Path) -> None:
    code, told = promote(work, "--history", work / "history.parquet", "--author", "eve")
    assert (code, told["promoted"]) == (4, False)
    assert "trained on these choices" in told["why"]
    code, told = promote(work, "--history", work / "history.parquet", "--force")
    assert code != 0
    code, told = promote(work, "--history", work / "history.parquet", "--force", "--reason", "a try", "--author", "eve")
    assert (code, told["promoted"], told["passed"], told["reason"]) == (0, True, False, "a try")


def test_a_model_that_earns_more_on_later_choices_is_promoted_and_all_of_it_is_kept(work: Path) -> None:
    (notes,) = (work / "models").glob("*.json")
    notes.unlink()
    code, told = promote(work, "--history", work / "later.parquet", "--author", "ann")
    assert (code, told["promoted"], told["passed"], told["champion"]) == (0, True, True, "")
    revision = read_files(work / "models" / "spring").manifest.revision
    kept = json.loads((work / "models" / f"{revision}.json").read_text())
    assert kept["decisions"][0]["author"] == "ann"
    assert kept["evaluations"][0]["told"]["gate"]["promoted"] is True
    code, shown = befit("models", "list", "--models", work / "models", "-o", "json")
    (entry,) = json.loads(shown)
    assert (entry["revision"], entry["rows"]) == (revision, 4_000)
    code, shown = befit("models", "show", revision[:6], "--models", work / "models")
    assert code == 0
    assert "promoted by ann" in shown
    code, told = promote(work, "--history", work / "later.parquet")
    assert (code, "the champion already" in told["said"]) != (0, False)


def test_the_champion_is_the_one_promoted_last_and_notes_outlive_bundles(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    assert (registry.entries(), registry.champion()) == ((), None)
    for at, revision in enumerate(("aa11", "bb22", "cc33")):
        promoted = revision != "cc33"
        registry.note(revision, Decided(at=float(at), author="ann", promoted=promoted, passed=promoted, why="so"))
    champion = registry.champion()
    assert champion is not None
    assert (champion.revision, champion.place) == ("bb22", "")
    assert registry.find("cc").decisions[0].promoted is False
    with pytest.raises(NotInRegistry, match="no model goes"):
        registry.find("dd")


def test_other_files_and_copies_of_a_model_are_in_nobodys_way(work: Path, tmp_path: Path) -> None:
    for name in ("spring", "copy"):
        shutil.copytree(work / "models" / "spring", tmp_path / name)
    (tmp_path / "report.json").write_text('{"figures": []}')
    registry = Registry(tmp_path)
    assert [Path(one.place).name for one in registry.entries()] == ["copy", "spring"]
    revision = registry.entries()[0].revision
    assert registry.find(revision[:5]).revision == revision
    assert Path(registry.find("spring").place).name == "spring"


def test_lineage_goes_back_as_far_as_it_is_known(work: Path, tmp_path: Path) -> None:
    """A bundle names its parents itself, wherever it was made."""
    manifest, parent = read_files(work / "models" / "spring").manifest, "0123456789ab"
    for name in ("mother", "child", "grandchild"):
        made = replace(manifest, name=name, metrics={"parents": [parent]})
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_bytes(made.to_json())
        parent = made.revision
    code, shown = befit("models", "show", "grandchild", "--models", tmp_path, "-o", "json")
    mother, child = (Registry(tmp_path).find(name).revision for name in ("mother", "child"))
    assert code == 0
    assert json.loads(shown)["lineage"] == [child, mother, "0123456789ab"]
    assert befit("models", "list", "--models", tmp_path)[0] == 0
