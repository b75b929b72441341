"""The telco pack's own suites hold, and leave nothing of its policy untouched."""

import asyncio

import pytest

from engine.project import load_snapshot
from engine.suites.coverage import Coverage
from engine.suites.read_suite import read_suites, suites_in
from engine.suites.report import told_failures
from engine.suites.run import Runner
from engine.suites.terms import Terms


@pytest.fixture(scope="module")
def run(telco):
    snapshot = load_snapshot(telco, None)
    suites = read_suites(suites_in(telco), Terms.of(snapshot.policy.policy, snapshot.schema))
    return asyncio.run(Runner(snapshot, Coverage.of(snapshot.policy), lambda: 0).run(suites))


def test_every_case_holds(run):
    broken = (result for suite in run.suites for result in suite.results if not result.passed)
    assert [line for result in broken for line in told_failures(result)] == []
    assert run.cases > 200


@pytest.mark.parametrize("part", ["rules", "caps", "pauses", "stops", "tiers", "placements", "actions"])
def test_nothing_of_the_policy_is_untouched(run, part):
    assert run.coverage.missed(part) == ()


def test_every_story_has_several_steps(run):
    (stories,) = (one.suite for one in run.suites if one.suite.file.endswith("stories_test.yaml"))
    assert sum(len(case.steps) for case in stories.cases) > 25
