"""`befit policy test` as it is run: files found, cases chosen, reports, exit codes."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import typer
from typer.testing import CliRunner

from documents.problem import BefitError
from engine.cli.exits import exit_code
from engine.cli.policy_test import test as policy_test
from tests.engine.company import POLICIES
from tests.engine.suites_at_work import CAST, written

HOLDS = "- {name: Anna is known, customer: anna, moment: call, expect: {tier: relationship_1}}"
FAILS = "- {name: Anna & <all>, customer: anna, moment: call, expect: {tier: prospect}}"
# What the schema of Jenkins' xUnit plug-in allows.
SCHEMA = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped", "file"},
    "testcase": {"name", "time", "classname"},
    "failure": {"type", "message"},
}


@pytest.fixture
def project(tmp_path) -> Path:
    folder = tmp_path / "shop"
    (folder / "cases").mkdir(parents=True)
    shutil.copy(POLICIES / "features.yaml", folder)
    shutil.copy(POLICIES / "corner_shop.yaml", folder / "policy.yaml")
    return folder


def run(project, *words):
    """(exit code, what was printed)."""
    app = typer.Typer()
    app.command()(policy_test)
    result = CliRunner(env={"COLUMNS": "160"}).invoke(app, ["--project", str(project), *words])
    if isinstance(result.exception, BefitError):
        return exit_code(result.exception), str(result.exception)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result.exit_code, result.output


def test_suites_of_a_project_are_found_in_every_folder_but_hidden_ones(project):
    written(project / "cases", HOLDS)
    (project / ".befit").mkdir()
    written(project / ".befit", FAILS)
    code, told = run(project)
    assert code == 0
    assert "all 1 cases hold" in told


def test_a_failing_case_ends_with_4_and_is_explained(project):
    file = written(project, f"{HOLDS}\n{FAILS}")
    code, told = run(project)
    assert code == 4
    assert f"{file}:17:5: Anna & <all>" in told
    assert "expected    tier prospect" in told
    assert "got         tier relationship_1" in told
    assert "1 of 2 cases failed" in told


def test_steps_are_named_in_what_failed(project):
    steps = "[{decide: leaving, expect: {tier: prospect}}, {outcome: ACCEPTED, action: film_box}, {wait: 36h}]"
    written(project, f"- {{name: one, customer: anna, steps: {steps}}}")
    _, told = run(project)
    assert "step 1, decide in call_centre for cancel" in told
    assert "step 2, outcome ACCEPTED of film_box" in told


def test_named_files_are_run_instead(project):
    written(project, FAILS)
    other = written(project / "cases", HOLDS, name="some.yaml")
    assert run(project, str(other))[0] == 0


@pytest.mark.parametrize(("text", "code"), [("KNOWN", 0), ("& <", 4), ("corner shop", 4), ("nobody", 2)])
def test_a_filter_chooses_by_suite_and_case(project, text, code):
    written(project, f"{HOLDS}\n{FAILS}")
    assert run(project, "--filter", text)[0] == code


def test_a_project_without_suites_is_a_usage_mistake(project):
    code, told = run(project)
    assert code == 2
    assert "has no *_test.yaml" in told


@pytest.mark.parametrize("file", ["features.yaml", "policy.yaml", "shop_test.yaml"])
def test_a_file_that_does_not_compile_ends_with_3(project, file):
    written(project, HOLDS)
    with (project / file).open("a") as opened:
        opened.write("\nnonsense: 1\n")
    code, told = run(project)
    assert code == 3
    assert f"{file}:" in told


def test_json_has_every_case_and_the_coverage_where_asked(project):
    written(project, f"{HOLDS}\n{FAILS}")
    told = json.loads(run(project, "-o", "json", "--coverage")[1])
    assert (told["cases"], told["failed"]) == (2, 1)
    (failure,) = told["suites"][0]["cases"][1]["failures"]
    assert (failure["line"], failure["expected"], failure["got"]) == (17, "tier prospect", "tier relationship_1")
    assert told["coverage"]["tiers"] == {"touched": 1, "declared": 3, "missed": ["transactional", "prospect"]}
    assert "coverage" not in json.loads(run(project, "-o", "json")[1])


def test_coverage_is_a_table_of_what_no_case_touches(project):
    written(project, HOLDS)
    _, told = run(project, "--coverage")
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "tiers 1 3 transactional, prospect" in lines


def test_junit_is_what_build_servers_read(project):
    written(project, f"{HOLDS}\n{FAILS}")
    written(project / "cases", HOLDS, name="more_test.yaml")
    code, told = run(project, "-o", "junit")
    root = ET.fromstring(told.encode())
    assert code == 4
    assert root.tag == "testsuites"
    assert {name for one in root.iter() for name in one.attrib if name not in SCHEMA[one.tag]} == set()
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    assert [(one.get("tests"), one.get("failures")) for one in root] == [("1", "0"), ("2", "1")]
    (failure,) = root.iter("failure")
    assert failure.get("message") == "expected tier prospect"
    assert "got         tier relationship_1" in (failure.text or "")


def test_fixtures_are_shared_between_suites(project):
    people, suite = CAST.split("cases:")[0], "version: 1\nnow: 2026-09-24T12:00:00+02:00\nfixtures: people.yaml\n"
    (project / "people.yaml").write_text(people.replace("suite: The corner shop\nnow: 2026-09-24T12:00:00+02:00\n", ""))
    own = f"{suite}customers:\n  berta: {{like: anna}}\ncases:\n"
    written(project, HOLDS.replace("customer: anna", "customer: berta"), own)
    assert run(project)[0] == 0
    written(project, HOLDS, own.replace("berta", "anna"))
    assert "'anna' is in the shared fixtures already [name-taken]" in run(project)[1]


def test_mistakes_in_shared_fixtures_are_told_once(project):
    (project / "people.yaml").write_text("version: 1\ncustomers: {anna: {features: {aeg: 3}}}\n")
    suite = (
        "version: 1\nnow: 2026-09-24T12:00:00+02:00\nfixtures: people.yaml\nmoments: {call: {channel: web}}\ncases:\n"
    )
    for name in ("a_test.yaml", "b_test.yaml"):
        written(project, HOLDS, suite, name)
    code, told = run(project)
    assert code == 3
    assert told.count("unknown-feature") == 1


def test_a_bundle_that_cannot_be_loaded_ends_with_3(project):
    written(project, HOLDS)
    assert run(project, "--bundle", str(project / "nowhere"))[0] == 3
