"""A candidate is tried in a process of its own: what holds, what does not and why, and that nothing bad gets out."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.activation.candidate import Candidate, Found
from engine.activation.check import check
from engine.project import read_text
from engine.revisions.kept import ProjectText
from models.bundle_files import read_raw
from tests.engine.modelled import modelled_shop
from tests.engine.served_project import write_project

SECONDS = 60.0
SUITE = b"""version: 1
suite: Promises
now: 2026-09-24T12:00:00+02:00
moments: {call: {channel: call_centre}}
cases:
  - {name: an agent is reached, customer: {}, moment: call, expect: {tier: TIER}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return write_project(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def text(project: Path) -> ProjectText:
    return read_text(project)


def suite(tier: str) -> dict[str, bytes]:
    return {"promises_test.yaml": SUITE.replace(b"TIER", tier.encode())}


async def test_mistakes_are_told_at_their_places(text: ProjectText):
    wrong = replace(text, policy=text.policy.replace(b"kind: OFFER", b"kind: OFER", 1))
    found = await check(Candidate(wrong, None, None), SECONDS)
    (problem,) = found.problems
    assert (found.holds, problem.place.file) == (False, "policy.yaml")
    assert text.policy.splitlines()[problem.place.line - 1].strip() == b"kind: OFFER"


async def test_a_case_that_fails_is_told_with_what_came(text: ProjectText):
    found = await check(Candidate(text, None, suite("transactional")), SECONDS)
    (failed,) = found.failed
    assert (found.holds, failed.suite, failed.name) == (False, "Promises", "an agent is reached")
    assert failed.told.startswith("promises_test.yaml:6")
    assert "prospect" in failed.told


async def test_what_holds_is_found_to_hold_with_the_suites_that_lie_beside_it(project: Path, text: ProjectText):
    (project / "here_test.yaml").write_bytes(SUITE.replace(b"TIER", b"prospect"))
    found = await check(Candidate(text, None, project), SECONDS)
    assert (found.told(), found.cases) == ("", 1)


async def test_a_trial_that_takes_too_long_is_ended(text: ProjectText):
    found = await check(Candidate(text, None, None), 0.01)
    assert found == Found(fault="compiling it and running its cases takes longer than 0.01 s")


async def test_a_trial_whose_process_is_killed_says_so(text: ProjectText, monkeypatch, caplog):
    dies = (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    monkeypatch.setattr("engine.activation.check._COMMAND", dies)
    found = await check(Candidate(text, None, None), SECONDS)
    assert found.fault == "trying it was cut off: its process was ended by SIGKILL"
    told = ["a trial was cut off: its process was ended by SIGKILL"]
    assert [one.getMessage() for one in caplog.records] == 2 * told


async def test_a_trial_that_is_cut_off_once_is_made_again(text: ProjectText, tmp_path: Path, monkeypatch):
    dies = "import os, signal, sys, pathlib; p = pathlib.Path(sys.argv[1]); first = not p.exists(); p.touch()\n"
    dies += "os.kill(os.getpid(), signal.SIGKILL) if first else print('{}')"
    monkeypatch.setattr("engine.activation.check._COMMAND", (sys.executable, "-c", dies, str(tmp_path / "mark")))
    assert (await check(Candidate(text, None, None), SECONDS)).holds


async def test_a_bundle_is_tried_with_the_policy(text: ProjectText, tmp_path: Path):
    modelled_shop(tmp_path / "bundle")
    files = read_raw(tmp_path / "bundle")
    assert (await check(Candidate(text, files, None), SECONDS)).holds
    damaged = files | {"model.txt": files["model.txt"][:-20]}
    assert "FILE_CHANGED" in (await check(Candidate(text, damaged, None), SECONDS)).bundle_refused


async def test_a_challenger_that_lacks_a_channel_is_told_what_it_lacks(text: ProjectText):
    less = replace(text, policy=text.policy.replace(b"\n  web:\n", b"\n  shop:\n").replace(b" web: ", b" shop: "))
    found = await check(Candidate(less, None, None, stands_in_for=text), SECONDS)
    assert "channel web" in found.told()
