"""What the demo company's customers tell and do beside answering, so that reports have something to tell."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from engine.demo.days.lived_log import Days, write_demo_log
from engine.demo.days.project import demo_project
from engine.demo.drawing import Size
from engine.demo.pack import pack_folder
from engine.project import load_snapshot
from engine.report.gathering import gather
from engine.report.past import Span, past_in_files
from engine.report.report import counted
from engine.report.terms import Terms
from tests.engine.company import NOW

ARMS = {"random", "propensity_only", "no_levers"}


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A project, and the folder of the log of forty days."""
    folder = tmp_path_factory.mktemp("telco")
    project = demo_project("telco", folder, Size(300, 3000), NOW)
    asyncio.run(write_demo_log(project, folder / "lake", Days(NOW, 40, 30)))
    return project, folder / "lake"


def report(folder, snapshot):
    return counted(gather(past_in_files(folder, Span()), snapshot), snapshot, Terms.of(snapshot.policy.policy))


@pytest.fixture(scope="module")
def months(lived):
    return report(lived[1], lived[0].snapshot)


@pytest.mark.parametrize("pack", ["telco", "bank", "retail", "hospital"])
def test_every_company_compares_and_has_words_for_who_recommends_leaves_and_asks(pack):
    snapshot = load_snapshot(pack_folder(pack), None)
    terms = Terms.of(snapshot.policy.policy)
    assert all((terms.referrals, terms.churn, terms.requests))
    groups = snapshot.policy.policy.control_groups
    assert {one.arm for one in groups} >= ARMS
    assert sum(one.share for one in groups) < 0.061


def test_a_report_on_the_demo_tells_of_everything(months):
    told = {one.measure.name for one in months.compared[0].measures}
    assert told >= {"purchases", "worth", "cost", "satisfaction", "complaints", "referral", "retention"}
    assert {one.level for one in months.agents} == {"outsourcer", "team", "agent"}
    assert sum(one.overridden for one in months.agents) > 0
    assert {one.kind.value for one in months.voice} >= {"rejection", "complaint", "request", "gap"}
    assert not months.dealing.broken


def test_who_left_is_not_met_again(months):
    assert months.customers <= 300
    assert Counter(one.arm for one in months.groups)["nothing"] == 1


def test_a_file_that_was_lost_is_told(tmp_path):
    project = demo_project("hospital", tmp_path, Size(300, 1000), NOW)
    asyncio.run(write_demo_log(project, tmp_path / "lake", Days(NOW, 2, 60)))
    assert not [one for one in report(tmp_path / "lake", project.snapshot).notes if "missing" in one]
    min((tmp_path / "lake" / "log").rglob("*.parquet")).unlink()
    assert [one for one in report(tmp_path / "lake", project.snapshot).notes if "entries of the log are missing" in one]


def test_a_report_under_another_policy_tells_the_groups_of_the_one_that_decided(lived, months):
    project, folder = lived
    other = load_snapshot(pack_folder("telco"), None)
    assert other.policy_revision != project.snapshot.policy_revision
    found = report(folder, other)
    told = {one.id: (one.arm, one.share) for one in found.groups}
    assert told == {one.id: (one.arm, one.share) for one in months.groups}
    assert not found.dealing.broken
    assert found.dealing.checked == sum(one.units for one in found.groups)
