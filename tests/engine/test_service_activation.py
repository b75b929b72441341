"""Changes of what is in force, over the wire: every field arrives, every answer comes back, every bound is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import grpc
import pytest

from befit.v1 import activation_pb2 as pb
from befit.v1 import admin_pb2 as apb
from documents.problem import Problem
from engine.activation.asked import Activation, Challenging, Revisions, Source, ToldChallenge
from engine.activation.in_force import (
    Beat,
    Challenge,
    Change,
    FailedCase,
    FileNotice,
    Origin,
    Overview,
    Pending,
    Standing,
    Stop,
)
from engine.revisions.kept import About
from tests.engine.service_fakes import IN_FORCE, NOW, PLACE, FakeEngine, Served, all_ports, serving

PROBLEM = Problem("unknown-key", PLACE, "no such key", "drop it")
FAILED = FailedCase("Reach", "young", "policy_test.yaml:3: young")
TRIAL = Challenge("bbbbbbbbbbbb", "", 0.1, shadow=False, since=NOW, author="tom")
FILES = [pb.ProjectFile(name="policy.yaml", content=b"x"), pb.ProjectFile(name="suites/a_test.yaml", content=b"y")]


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def served(fake: FakeEngine) -> AsyncIterator[Served]:
    async with serving(all_ports(fake)) as running:
        yield running


async def test_an_activation_that_does_not_hold_tells_every_mistake_with_its_place(served: Served, fake: FakeEngine):
    fake.activated = replace(
        fake.activated, activated=False, problems=(PROBLEM,), failed=(FAILED,), cases=7, fault="no"
    )
    wire = apb.ActivateRequest(bundle="models/may", reload_policy=True, author="mia", note="spring")
    answer = await served.call("AdminService/Activate", wire, apb.ActivateResponse)
    assert (answer.activated, answer.cases, answer.fault) == (False, 7, "no")
    assert (answer.problems[0].code, answer.problems[0].file, answer.problems[0].line) == ("unknown-key", PLACE.file, 1)
    assert answer.failed_cases[0].name == "young"
    source = Source(bundle="models/may", reload_policy=True)
    assert fake.asked == [Activation(source=source, author="mia", note="spring")]


async def test_files_and_revisions_arrive_as_they_were_sent(served: Served, fake: FakeEngine):
    wire = apb.ActivateRequest(files=FILES, without_model=True, revision="bbbbbbbbbbbb", dry_run=True)
    await served.call("AdminService/Activate", wire, apb.ActivateResponse)
    files = {"policy.yaml": b"x", "suites/a_test.yaml": b"y"}
    source = Source(without_model=True, revision="bbbbbbbbbbbb", files=files)
    assert fake.asked == [Activation(source=source, dry_run=True)]


async def test_every_other_change_arrives_and_is_answered_alike(served: Served, fake: FakeEngine):
    asked = {
        "Approve": pb.ApproveRequest(revision="bbbbbbbbbbbb", approver="tom"),
        "Rollback": pb.RollbackRequest(revision="bbbbbbbbbbbb", author="mia", note="oops"),
        "Challenge": pb.ChallengeRequest(revision="bbbbbbbbbbbb", share=0.1, author="mia"),
        "EndChallenge": pb.EndChallengeRequest(author="mia", promote=True),
    }
    for name, wire in asked.items():
        answer = await served.call(f"AdminService/{name}", wire, getattr(apb, f"{name}Response"))
        assert answer.result.activated
    trial = Challenging(source=Source(revision="bbbbbbbbbbbb"), share=0.1, shadow=False, author="mia")
    assert fake.asked == ["bbbbbbbbbbbb", "tom", "bbbbbbbbbbbb", "mia", "oops", trial, "mia", True]


@pytest.mark.parametrize(
    ("wire", "field"),
    [
        (apb.ActivateRequest(author="x" * 101), "author"),
        (apb.ActivateRequest(note="x" * 257), "note"),
        (apb.ActivateRequest(revision="../etc"), "revision"),
        (apb.ActivateRequest(files=[pb.ProjectFile(name="../policy.yaml")]), "files"),
        (apb.ActivateRequest(files=[pb.ProjectFile(name="/etc/passwd")]), "files"),
        (apb.ActivateRequest(files=[pb.ProjectFile(name="a/.hidden")]), "files"),
        (apb.ActivateRequest(files=[pb.ProjectFile(name="a")] * 201), "files"),
    ],
)
async def test_what_does_not_hold_names_its_field(served: Served, wire: apb.ActivateRequest, field: str):
    status, problem = await served.refused("AdminService/Activate", wire)
    assert (status, problem.field) == (grpc.StatusCode.INVALID_ARGUMENT, field)


async def test_the_challenger_is_told_with_what_was_counted(served: Served, fake: FakeEngine):
    call = ("AdminService/GetChallenge", pb.GetChallengeRequest(), pb.GetChallengeResponse)
    assert not (await served.call(*call)).HasField("challenge")
    fake.challenger = ToldChallenge(TRIAL, True, {"compared": 3.0})
    answer = await served.call(*call)
    assert (answer.challenge.policy_revision, answer.underway) == ("bbbbbbbbbbbb", True)
    assert [(one.name, one.amount) for one in answer.counted] == [("compared", 3.0)]


async def test_revisions_are_listed(served: Served, fake: FakeEngine):
    about = About("aaaaaaaaaaaa", NOW, "mia", "tom", "file", "spring")
    fake.kept = Revisions((replace(IN_FORCE, challenge=TRIAL),), (about,), ())
    answer = await served.call("AdminService/ListRevisions", pb.ListRevisionsRequest(), pb.ListRevisionsResponse)
    assert (answer.history[0].challenge.share, answer.policies[0].approver, fake.asked) == (0.1, "tom", [50])


async def test_the_status_tells_all_that_people_have_to_know(served: Served, fake: FakeEngine):
    waiting = Pending(Change(policy="bbbbbbbbbbbb", bundle=""), "mia", NOW, Origin.FILE, "spring")
    notice = FileNotice("shop:/srv", "cccccccccccc", NOW, Standing.REFUSED, (PROBLEM,), (FAILED,), "said")
    stop = Stop("upgrade", "mia", NOW, "sold out")
    fake.overview = Overview((waiting,), (notice,), (stop,), (Beat("w1", NOW, 2, problem="no"),))
    status = await served.call("AdminService/GetStatus", apb.GetStatusRequest(), apb.GetStatusResponse)
    assert (status.in_force.epoch, status.in_force.author) == (3, "mia")
    assert (status.pending[0].revision, status.pending[0].without_model) == ("bbbbbbbbbbbb", True)
    assert (status.files[0].standing, status.files[0].problems[0].line) == (pb.FILE_STANDING_REFUSED, 1)
    assert (status.stops[0].by, status.stops[0].reason) == ("mia", "sold out")
    assert (status.worker_states[0].epoch, status.worker_states[0].problem) == (2, "no")
