"""`befit export pega`, as people call it."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from engine.cli.app import main

FILES = {"interaction", "model", "predictor", "decision", "impact"}


@pytest.fixture
def say(monkeypatch, capsys):
    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["befit", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return run


def test_a_demo_is_exported_and_its_log_can_be_exported_again(say, tmp_path):
    size = ("--customers", "300", "--days", "1", "--visits", "30")
    out, log = tmp_path / "out", tmp_path / "lake"
    code, told = say("export", "pega", "--demo", *size, "--out", str(out), "--log", str(log), "-o", "json")
    assert code == 0
    assert json.loads(told)["decisions"] == 30
    assert {path.name.split("_")[0] for path in out.glob("*.parquet")} == FILES
    project = _project(next((log / "policies").iterdir()), tmp_path / "shop")
    code, again = say(
        "export", "pega", "--log", str(log), "--project", str(project), "--out", str(tmp_path / "again"), "-o", "json"
    )
    assert (code, json.loads(again)["rows"]) == (0, json.loads(told)["rows"])


def _project(kept: Path, folder: Path) -> Path:
    shutil.copytree(kept, folder)
    return folder


def test_without_a_log_it_is_asked_for(say, tmp_path):
    assert say("export", "pega", "--out", str(tmp_path))[0] == 2


def test_a_folder_without_a_log_is_refused(say, tmp_path):
    project = Path(__file__).parents[1] / "rules" / "policies"
    for name, source in (("policy.yaml", "corner_shop.yaml"), ("features.yaml", "features.yaml")):
        shutil.copy(project / source, tmp_path / name)
    code, _ = say("export", "pega", "--log", str(tmp_path), "--project", str(tmp_path), "--out", str(tmp_path / "out"))
    assert code == 1
    assert not (tmp_path / "out").exists()


def test_an_unknown_company_is_refused(say, tmp_path):
    assert say("export", "pega", "--demo", "--pack", "circus", "--out", str(tmp_path))[0] == 2
