"""The command line's frame: commands loaded by name, options from dataclasses, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from documents.problem import BefitError, DocumentInvalid, Place, Problem
from engine.cli import app as frame
from engine.cli.app import COMMANDS, app
from engine.cli.exits import GateFailed, UsageMistaken, exit_code
from engine.cli.flags import flags
from engine.cli.output import told
from engine.config import ConfigInvalid

HEAVY = ("lightgbm", "grpc", "polars", "numpy", "cel_expr_python")


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; from engine.cli.app import main\nsys.argv = ['befit', *{list(words)!r}]\nmain()"
    return subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)


def test_help_lists_every_command_with_its_summary():
    shown = " ".join(CliRunner().invoke(app, ["--help"]).output.split())
    assert all(name in shown for name in COMMANDS)


def test_help_loads_nothing_heavy():
    code = f"""
import sys
from typer.testing import CliRunner
from engine.cli.app import app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
assert not [name for name in {HEAVY} if name in sys.modules], sys.modules.keys()
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, timeout=60).returncode == 0


def test_a_command_that_is_not_there_is_a_usage_mistake_and_the_nearest_is_named():
    run = _run("serv")
    assert run.returncode == 2
    assert "serve" in run.stderr


def test_a_setting_that_does_not_hold_ends_with_2_and_without_a_traceback():
    run = _run("serve", "--port", "99999")
    assert run.returncode == 2
    assert "--port: 99999 is not between 0 and 65535" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (BefitError("x"), 1),
        (ConfigInvalid(("x",)), 2),
        (UsageMistaken("x"), 2),
        (DocumentInvalid([Problem("x", Place("policy.yaml", 1, 1), "x")]), 3),
        (GateFailed("x"), 4),
    ],
)
def test_every_error_has_its_exit_code(failure: BefitError, code: int):
    assert exit_code(failure) == code
    with pytest.raises(typer.Exit) as ended, told():
        raise failure
    assert ended.value.exit_code == code


def test_a_bundle_that_is_refused_counts_as_a_file_that_does_not_compile():
    class BundleRefused(BefitError):
        pass

    assert exit_code(BundleRefused("x")) == 3


@dataclass(frozen=True, kw_only=True)
class _Asked:
    name: Annotated[str, typer.Argument(help="Who.")]
    times: Annotated[int, typer.Option(help="How often.")] = 1


def test_a_command_takes_one_value_whose_fields_are_its_options():
    seen = []

    @flags
    def greet(asked: _Asked) -> None:
        """Greet someone."""
        seen.append(asked)

    inner = typer.Typer()
    inner.command()(greet)
    assert CliRunner().invoke(inner, ["Anna", "--times", "2"]).exit_code == 0
    assert seen == [_Asked(name="Anna", times=2)]
    assert "Greet someone." in CliRunner().invoke(inner, ["--help"]).output


def test_a_command_of_commands_is_loaded_whole(monkeypatch: pytest.MonkeyPatch):
    inner = typer.Typer()
    inner.command("check")(lambda: typer.echo("checked"))
    inner.command("test")(lambda: typer.echo("tested"))
    module = type("Module", (), {"app": inner})
    monkeypatch.setattr(frame.importlib, "import_module", lambda name: module)
    assert CliRunner().invoke(app, ["policy", "check"]).output == "checked\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_can_be_called(name: str):
    assert frame.load(name).name == name


def test_bench_tells_the_parts_of_a_decision():
    done = _run("bench", "--decisions", "400", "-o", "json")
    assert done.returncode == 0, done.stderr
    parts = [one["part"] for one in json.loads(done.stdout)]
    assert parts == ["know", "resolve", "present", "commit", "encode", "all"]


def test_what_the_system_refuses_is_told_without_a_traceback(tmp_path):
    (tmp_path / "closed").write_text("")
    run = _run("init", "--pack", "telco", str(tmp_path / "closed" / "below"))
    assert run.returncode == 1
    assert run.stderr.startswith("error ")
    assert "Traceback" not in run.stderr
