"""What runs the service: status, stopping actions, activation, records, health, and what is not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from befit.v1 import admin_pb2 as apb
from befit.v1 import decide_pb2
from befit.v1.decision_pb2 import GetDecisionRequest, GetDecisionResponse
from engine.activation.in_force import Stop
from engine.config import WorkersConfig
from engine.decision import Request
from engine.ids import CustomerKey
from engine.recalled import RecalledDecision
from engine.service.ports import Ports
from engine.service.server import FULL_QUALITY
from tests.engine.service_fakes import DECISION, DECISION_ID, NOW, POLICY, FakeEngine, Served, all_ports, serving

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def served(fake: FakeEngine) -> AsyncIterator[Served]:
    async with serving(all_ports(fake)) as running:
        yield running


async def _health(served: Served, service: str = "") -> int:
    return (await HealthStub(served.channel).Check(HealthCheckRequest(service=service))).status


async def test_the_status_tells_what_is_active_and_what_is_wrong(served: Served):
    status = await served.call("AdminService/GetStatus", apb.GetStatusRequest(), apb.GetStatusResponse)
    assert (status.version, status.workers, status.uptime_seconds) == ("1.2.3", 2, 30.0)
    assert (status.store_ok, status.store_problem) == (False, "timeout")
    assert (status.scorer, list(status.stopped_actions)) == (apb.SCORER_KIND_NONE, ["old"])


async def test_an_action_is_stopped_by_its_id(served: Served, fake: FakeEngine):
    wire = apb.StopActionRequest(action_id="upgrade", stopped=True, reason="sold out", author="mia")
    answer = await served.call("AdminService/StopAction", wire, apb.StopActionResponse)
    assert list(answer.stopped_actions) == ["upgrade"]
    assert fake.asked == [Stop("upgrade", "mia", NOW, "sold out"), True]
    status, _ = await served.refused("AdminService/StopAction", apb.StopActionRequest(action_id="none"))
    assert status is grpc.StatusCode.NOT_FOUND
    long = apb.StopActionRequest(action_id="upgrade", reason="x" * 257)
    assert (await served.refused("AdminService/StopAction", long))[1].field == "reason"


async def test_a_record_is_looked_up_by_a_decision_id(served: Served, fake: FakeEngine):
    ask = GetDecisionRequest(decision_id=DECISION_ID)
    assert (await served.refused("DecisionService/GetDecision", ask))[0] is grpc.StatusCode.NOT_FOUND
    request = Request(CustomerKey("default", "c1"), "web", context={"page": "home", "roaming": True, "items": 2.0})
    fake.recalled = RecalledDecision(
        NOW, request, DECISION, {"age": 40.0}, ("upgrade",), (("offer", 0.5),), 1, "00", "", (("profile", 300),), "w1",
        9, (("upgrade", (1.0, float("nan"))),),
    )  # fmt: skip
    record = (await served.call("DecisionService/GetDecision", ask, GetDecisionResponse)).record
    assert (record.decision_id, record.request.customer_id) == (DECISION_ID, "c1")
    assert record.request.context["items"].number == 2.0
    assert (record.draws[0].value, record.timings[0].micros, record.sequence) == (0.5, 300, 9)
    assert record.response.placements[0].actions[0].action_id == "upgrade"
    not_an_id = GetDecisionRequest(decision_id="x")
    assert (await served.refused("DecisionService/GetDecision", not_an_id))[0] is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    "method",
    ["DecisionService/GetDecision", "FeedbackService/RecordOutcomes", "CustomerService/GetCustomer",
     "AdminService/GetStatus", "AdminService/Simulate", "NoService/None"],
)  # fmt: skip
async def test_what_is_not_there_says_so_plainly(fake: FakeEngine, method: str):
    async with serving(Ports(policy=lambda: POLICY, clock=lambda: NOW, deciding=fake)) as served:
        status, _ = await served.refused(method, b"")
    assert status is grpc.StatusCode.UNIMPLEMENTED


async def test_health_is_told_for_the_server_and_each_service(served: Served):
    assert await _health(served) == SERVING
    assert await _health(served, "befit.v1.DecisionService") == SERVING
    await served.server.quality(full=False)
    assert (await _health(served, FULL_QUALITY), await _health(served)) == (NOT_SERVING, SERVING)


async def test_services_are_listed_only_when_that_was_asked_for(fake: FakeEngine):
    method = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
    for reflection in (True, False):
        async with serving(all_ports(fake), reflection=reflection) as served:
            call = served.channel.stream_stream(method, None, None)(iter([b"\x3a\x00"]), timeout=20)
            answers = [answer async for answer in call] if reflection else await _refusal(call)
        assert b"befit.v1.DecisionService" in answers[0] if reflection else answers is grpc.StatusCode.UNIMPLEMENTED


async def _refusal(call: grpc.aio.StreamStreamCall) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call.read()
    return refused.value.code()


async def test_a_drained_server_finishes_what_is_in_progress(fake: FakeEngine):
    fake.gate = asyncio.Event()
    async with serving(all_ports(fake)) as served:
        watched = HealthStub(served.channel).Watch(HealthCheckRequest())
        assert (await watched.read()).status == SERVING
        wire = decide_pb2.DecideRequest(customer_id="c1", channel="web")
        running = asyncio.ensure_future(served.call("DecisionService/Decide", wire))
        await fake.arrivals.acquire()
        draining = asyncio.ensure_future(served.server.drain(WorkersConfig(drain_pause_seconds=0)))
        assert (await watched.read()).status == NOT_SERVING
        watched.cancel()
        fake.gate.set()
        assert (await running).decision_id == DECISION_ID
        await draining
