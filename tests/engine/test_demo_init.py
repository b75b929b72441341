"""`befit init`: a project that works as it is written, and nothing that was there is touched."""

import json

import pytest
from typer.testing import CliRunner, Result

from engine.cli.app import app
from engine.cli.exits import UsageMistaken
from engine.demo.pack import PackUnknown, pack_folder, pack_names
from engine.project import load_snapshot


def run(*words: str) -> Result:
    """What `befit init` with these words came to; few customers, unless the words say how many."""
    return CliRunner().invoke(app, ["init", "--customers", "60", *words])


def refusal(*words: str) -> str:
    """The mistake that it ended with."""
    found = run(*words).exception
    assert isinstance(found, UsageMistaken), found
    return str(found)


def test_the_written_project_loads_and_tells_what_to_do_next(tmp_path):
    ran = run("--pack", "telco", str(tmp_path / "mine"))
    assert ran.exit_code == 0, ran.output
    assert "befit serve --project" in ran.stdout
    assert (tmp_path / "mine" / "README.md").is_file()
    assert load_snapshot(tmp_path / "mine", None).policy.policy.company == "Nordlicht Mobile"


def test_a_folder_with_other_files_may_hold_the_project(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    assert run("--pack", "telco", str(tmp_path)).exit_code == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "policy.yaml").write_text("mine")
    assert "has policy.yaml already" in refusal("--pack", "telco", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["policy.yaml"]
    assert (tmp_path / "policy.yaml").read_text() == "mine"


def test_tables_that_stand_there_are_not_overwritten_either(tmp_path):
    (tmp_path / "history.parquet").write_text("mine")
    assert "has history.parquet already" in refusal("--pack", "bank", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["history.parquet"]


@pytest.mark.parametrize("name", ["our_test.yaml", "bundle", ".befit"])
def test_what_another_project_left_is_not_mixed_with_the_new_one(tmp_path, name):
    (tmp_path / name).write_text("mine")
    assert f"has {name} already" in refusal("--pack", "bank", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_without_customers_there_is_nothing_to_load_or_to_learn_from(tmp_path):
    told = json.loads(run("--pack", "bank", str(tmp_path), "--customers", "0", "-o", "json").stdout)
    assert not list(tmp_path.glob("*.parquet"))
    assert [step.split()[1] for step in told["next"]] == ["policy", "policy", "serve", "decide"]


def test_a_company_that_nobody_sketched_comes_without_customers(tmp_path):
    told = json.loads(run("--pack", "hillstrom", str(tmp_path), "-o", "json").stdout)
    assert {"policy.yaml", "prepare.py"} <= set(told["files"])
    assert not list(tmp_path.glob("*.parquet"))


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "mine").write_text("a file")
    assert "mine is a file" in refusal("--pack", "telco", str(tmp_path / "mine"))


def test_an_unknown_pack_names_those_that_there_are(tmp_path):
    said = refusal("--pack", "nowhere", str(tmp_path / "mine"))
    assert said.startswith("there is no pack 'nowhere'; there are: ")
    assert "telco" in said
    assert not (tmp_path / "mine").exists()


def test_a_pack_is_no_path():
    assert "telco" in pack_names()
    for name in ("../examples/telco", "..", ""):
        with pytest.raises(PackUnknown):
            pack_folder(name)


def test_programs_read_what_was_written_as_json(tmp_path):
    told = json.loads(run("--pack", "telco", str(tmp_path), "-o", "json").stdout)
    assert {"README.md", "features.yaml", "policy.yaml"} <= set(told["files"])
    assert set(told["files"]) == {one.name for one in tmp_path.iterdir()}
