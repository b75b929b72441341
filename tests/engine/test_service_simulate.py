"""AdminService.Simulate: what it takes and answers, and that a server and its store are as they were afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import grpc.aio
import pytest
from msgspec import structs

from befit import Client
from befit.v1 import admin_pb2 as apb
from befit.v1.decide_pb2 import DecideRequest, DecideResponse
from documents.problem import Problem
from engine.decision import Request
from engine.refusal import Refusal, RefusalKind
from engine.service.ports import Ports
from engine.simulation.trial import Change, Decided, Tried
from tests.engine.served_project import served, write_project
from tests.engine.servers import say, until
from tests.engine.service_fakes import DECISION, NOW, PLACE, POLICY, FakeEngine, Served, serving

SIMULATE = "AdminService/Simulate"


@dataclass
class FakeSimulating:
    """Answers what the test tells it to."""

    answer: Tried | Refusal = field(default_factory=Tried)
    asked: tuple[Change, Sequence[Request], float] | None = None

    async def simulate(self, change: Change, requests: Sequence[Request], now: float) -> Tried | Refusal:
        self.asked = (change, requests, now)
        return self.answer


@pytest.fixture
def fake() -> FakeSimulating:
    return FakeSimulating()


@pytest.fixture
async def server(fake: FakeSimulating) -> AsyncIterator[Served]:
    async with serving(Ports(policy=lambda: POLICY, clock=lambda: NOW, deciding=FakeEngine(), simulating=fake)) as one:
        yield one


async def simulate(server: Served, wire: apb.SimulateRequest) -> apb.SimulateResponse:
    return await server.call(SIMULATE, wire, apb.SimulateResponse)


async def test_each_question_is_answered_in_its_place_and_a_wrong_one_alone_is_refused(server, fake):
    other = structs.replace(DECISION, policy_revision="cccccccccccc")
    fake.answer = Tried((Decided(DECISION, other, True, 23.0, 25.0), "placements that one of them does not have"))
    asked = [DecideRequest(customer_id=one, channel="web") for one in ("a", "b", "c")]
    asked[1].channel = "attic"
    answer = await simulate(server, apb.SimulateRequest(requests=asked, bundle="models/may", policy_yaml="version: 1"))
    first, second, third = answer.decisions
    assert [one.customer_id for one in answer.decisions] == ["a", "b", "c"]
    assert (first.before.policy_revision, first.after.policy_revision) == ("aaaaaaaaaaaa", "cccccccccccc")
    assert (first.changed, second.problem.field, third.problem.code) == (True, "channel", "cannot-be-asked")
    assert (answer.changed, answer.priority_before, answer.priority_after) == (1, 23.0, 25.0)
    change, requests, now = fake.asked
    assert (change, [one.customer.customer for one in requests], now) == (
        Change(b"version: 1", "models/may"),
        ["a", "c"],
        NOW,
    )


async def test_the_moment_can_be_another(server, fake):
    wire = apb.SimulateRequest(requests=[DecideRequest(customer_id="a", channel="web")])
    wire.now.FromSeconds(1_700_000_000)
    fake.answer = Tried((Decided(DECISION, DECISION, False, 0.0, 0.0),))
    await simulate(server, wire)
    assert fake.asked[2] == 1_700_000_000
    wire.now.seconds = -5
    assert (await server.refused(SIMULATE, wire))[1].field == "now"


async def test_mistakes_of_the_change_are_told_and_nothing_is_decided(server, fake):
    wire = apb.SimulateRequest(requests=[DecideRequest(customer_id="a", channel="web")])
    fake.answer = Tried(problems=(Problem("unknown-key", PLACE, "no such key", "drop it"),))
    answer = await simulate(server, wire)
    assert ([one.code for one in answer.problems], len(answer.decisions)) == (["unknown-key"], 0)
    fake.answer = Tried(bundle_refused="a file is missing")
    assert (await simulate(server, wire)).bundle_refused == "a file is missing"
    fake.answer = Refusal("bundle-unknown", "is not there", "bundle", RefusalKind.NOT_FOUND)
    assert (await server.refused(SIMULATE, wire))[0] is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("count", [0, 1001])
async def test_a_trial_asks_one_to_a_thousand_questions(server, count):
    asked = [DecideRequest(customer_id="a", channel="web")] * count
    status, problem = await server.refused(SIMULATE, apb.SimulateRequest(requests=asked))
    assert (status, problem.field) == (grpc.StatusCode.INVALID_ARGUMENT, "requests")


def test_a_running_server_tries_a_change_and_is_as_it_was(tmp_path: Path):
    project = write_project(tmp_path / "shop")
    policy = (project / "policy.yaml").read_text().replace("customer.age < 18", "customer.age < 50")
    asked = [DecideRequest(customer_id=one, channel="call_centre", intent="billing") for one in ("anna", "ben")]
    with served(project) as running, Client(running.says["gRPC"], deadline_ms=20_000) as client:
        until(lambda: client.status().HasField("in_force"))
        features = {"age": 40, "tenure_months": 30.0, "orders_12m": 5}
        client.put_customers([{"customer_id": "anna", "features": features}])
        before = dump(running.says["store"])
        assert before
        with grpc.insecure_channel(running.says["gRPC"]) as channel:
            answer = tried(channel, apb.SimulateRequest(policy_yaml=policy, requests=asked))
            wrong = tried(channel, apb.SimulateRequest(policy_yaml="version: 2", requests=asked))
        assert dump(running.says["store"]) == before
    anna, ben = answer.decisions
    assert (anna.changed, first(anna.before)) == (True, "instalment_loan") != (True, first(anna.after))
    assert (ben.changed, ben.before.decision_id) == (False, "")
    assert (answer.changed, answer.priority_before > answer.priority_after) == (1, True)
    assert wrong.problems
    assert wrong.problems[0].file == "policy.yaml"


def dump(store: str) -> dict[bytes, bytes]:
    """Everything about customers, decisions and the log, by key."""
    address = store.removeprefix("unix://")
    return {key: say(address, "DUMP", key) for key in say(address, "KEYS", "befit:{p*")}


def tried(channel: grpc.Channel, wire: apb.SimulateRequest) -> apb.SimulateResponse:
    method = channel.unary_unary(
        f"/befit.v1.{SIMULATE}", apb.SimulateRequest.SerializeToString, apb.SimulateResponse.FromString
    )
    return method(wire, timeout=60)


def first(answer: DecideResponse) -> str:
    return next(one for one in answer.placements if one.placement == "offer").actions[0].action_id
