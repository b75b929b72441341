"""`befit policy fmt`: the layout of a policy is settled; the policy stays the same."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from documents.problem import DocumentInvalid
from documents.strict_yaml import parse
from engine.cli.app import app
from engine.demo.pack import pack_folder
from engine.snapshot import facts_of
from models.feature_file import load_features
from rules.key_order import policy_key_order
from rules.policy_file import read_policy
from rules.reading import document

POLICIES = Path(__file__).parents[1] / "rules" / "policies"
SHOP = (POLICIES / "corner_shop.yaml").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(SHOP, encoding="utf-8")
    return tmp_path


def run(project: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["policy", "fmt", "--project", str(project), *words])


def test_a_policy_is_settled_once_and_for_all(project: Path) -> None:
    path = project / "policy.yaml"
    assert run(project, "--check").exit_code == 4
    assert path.read_text(encoding="utf-8") == SHOP
    assert run(project).exit_code == 0
    once = path.read_text(encoding="utf-8")
    assert once != SHOP
    assert run(project, "--check").exit_code == 0
    assert run(project).output.endswith("is settled\n")
    assert path.read_text(encoding="utf-8") == once


def test_a_file_that_does_not_parse_is_left_alone(project: Path) -> None:
    (project / "policy.yaml").write_text("a: [1", encoding="utf-8")
    assert isinstance(run(project).exception, DocumentInvalid)
    assert (project / "policy.yaml").read_text(encoding="utf-8") == "a: [1"


@pytest.mark.parametrize("pack", ["telco", "corner_shop"])
def test_a_settled_policy_is_the_same_policy(pack: str, tmp_path: Path) -> None:
    folder = pack_folder("telco") if pack == "telco" else POLICIES
    text = (folder / ("policy.yaml" if pack == "telco" else "corner_shop.yaml")).read_text(encoding="utf-8")
    facts = facts_of(load_features(folder / "features.yaml"))
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    assert run(tmp_path).exit_code == 0
    after = (tmp_path / "policy.yaml").read_text(encoding="utf-8")
    one, two = (read_policy(parse(each, "policy.yaml"), facts)[0] for each in (text, after))
    assert placeless(one) == placeless(two)
    assert comments(text) == comments(after)


def placeless(policy) -> str:
    return re.sub(r"Place\(file='policy.yaml', line=\d+, column=\d+\)", "", str(replace(policy, revision="")))


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"(?:^|\s)(# .*)", text, re.MULTILINE))


def test_every_key_of_the_grammar_has_its_place() -> None:
    assert set(policy_key_order(())) == set(document._KEYS)
    assert policy_key_order(("rules", "-", "scope"))[0] == "kinds"
    assert policy_key_order(("actions", "x", "treatments", "web"))[1] == "title"
    assert policy_key_order(("actions",)) == ()
