"""The suites of the example companies hold, and leave nothing of their policies untouched."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest

from engine.suites.coverage import Coverage
from engine.suites.read_suite import read_suites, suites_in
from engine.suites.report import told_failures
from engine.suites.run import Run, Runner
from engine.suites.terms import Terms
from tests.examples.conftest import read_once

LEAST_CASES = {"telco": 200, "bank": 90, "retail": 90, "hospital": 100}


@cache
def played(name: str) -> Run:
    snapshot, folder = read_once(name).snapshot, read_once(name).folder
    suites = read_suites(suites_in(folder), Terms.of(snapshot.policy.policy, snapshot.schema))
    return asyncio.run(Runner(snapshot, Coverage.of(snapshot.policy), lambda: 0).run(suites))


@pytest.fixture
def run(pack) -> Run:
    return played(pack.name)


def test_every_case_holds(pack, run):
    broken = (result for suite in run.suites for result in suite.results if not result.passed)
    assert [line for result in broken for line in told_failures(result)] == []
    assert run.cases > LEAST_CASES[pack.name]


def test_nothing_of_the_policy_is_untouched(run):
    untouched = {part: run.coverage.missed(part) for part in run.coverage.declared}
    assert {part: names for part, names in untouched.items() if names} == {}


def test_every_story_has_several_steps(run):
    (stories,) = (one.suite for one in run.suites if one.suite.file.endswith("stories_test.yaml"))
    assert sum(len(case.steps) for case in stories.cases) > 5 * len(stories.cases) / 2
