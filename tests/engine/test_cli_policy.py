"""`befit policy check`: what people and programs are told of a policy, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engine.cli.app import app

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "tests" / "rules" / "policies"
SHOP = (POLICIES / "corner_shop.yaml").read_text(encoding="utf-8")
FEATURES = (POLICIES / "features.yaml").read_text(encoding="utf-8")
ADULTS = "block_when: customer.age < 18"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "features.yaml").write_text(FEATURES, encoding="utf-8")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["policy", *words], env={"COLUMNS": "200"})


def spoil(project: Path, old: str, new: str, file: str = "policy.yaml") -> None:
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("pack", ["telco", "hillstrom"])
def test_the_packs_have_nothing_to_tell(pack: str) -> None:
    checked = run("check", "--project", str(ROOT / "examples" / pack), "--strict")
    assert (checked.exit_code, checked.output) == (0, "Nothing is wrong with the policy.\n")


def test_a_mistake_is_told_with_place_caret_and_hint_and_ends_with_3(project: Path) -> None:
    spoil(project, ADULTS, 'block_when: customer.handset_os == "iphone"')
    checked = run("check", "--project", str(project))
    assert checked.exit_code == 3
    assert f"error {project}/policy.yaml:168:40: customer.handset_os is never 'iphone' [impossible-value]" in (
        checked.output
    )
    assert checked.output.splitlines()[2].endswith("^")
    assert "1 error\n" in checked.output
    assert "do not load yet" not in checked.output


def test_all_mistakes_of_loading_are_told_at_once(project: Path) -> None:
    spoil(project, ADULTS, "block_when: customer.ages < 18")
    spoil(project, "currency: EUR", "curency: EUR")
    checked = run("check", "--project", str(project))
    assert checked.exit_code == 3
    assert "did you mean 'customer.age'?" in checked.output
    assert "did you mean 'currency'?" in checked.output
    assert "do not load yet" in checked.output


def test_mistakes_in_the_features_are_told_too(project: Path) -> None:
    spoil(project, "{type: flag, default: false", "{type: flagg, default: false", "features.yaml")
    checked = run("check", "--project", str(project))
    assert checked.exit_code == 3
    assert "features.yaml:10" in checked.output


def test_a_warning_fails_only_a_strict_check(project: Path) -> None:
    spoil(project, ADULTS, "block_when: false")
    lenient, strict = run("check", "--project", str(project)), run("check", "--project", str(project), "--strict")
    assert (lenient.exit_code, strict.exit_code) == (0, 3)
    assert "warning" in lenient.output


def test_programs_read_json(project: Path) -> None:
    spoil(project, ADULTS, "block_when: customer.age > 5 && customer.age < 3")
    checked = run("check", "--project", str(project), "-o", "json")
    told = json.loads(checked.output)
    assert (told["errors"], told["warnings"], told["loads"]) == (1, 0, True)
    (finding,) = told["findings"]
    assert (finding["severity"], finding["code"], finding["line"]) == ("error", "always-false", 168)
    assert finding["message"].startswith("this is never true wherever customer.age is known")


def test_listing_the_commands_loads_none() -> None:
    code = """
import sys
from typer.testing import CliRunner
from engine.cli.app import app
shown = CliRunner().invoke(app, ["policy", "--help"])
assert shown.exit_code == 0 and "check" in shown.output
assert not [name for name in ("numpy", "cel_expr_python", "polars") if name in sys.modules]
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)
