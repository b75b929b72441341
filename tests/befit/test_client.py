import threading

import grpc
import pytest

from befit import AsyncClient, Client, Conflict, InvalidRequest, NotFound, Overloaded, TooLate, Unreachable
from befit.connection import PROBLEM_KEY, Access
from befit.v1.action_pb2 import RankedAction
from befit.v1.admin_pb2 import GetStatusResponse, StopActionResponse
from befit.v1.customer_pb2 import GetCustomerResponse, LinkIdentityResponse, PutCustomersResponse
from befit.v1.decide_pb2 import CAUSE_NONE_ALLOWED, DecideResponse, FilledPlacement
from befit.v1.decision_pb2 import GetDecisionResponse
from befit.v1.feedback_pb2 import Receipt, RecordOutcomesResponse
from befit.v1.problem_pb2 import RequestProblem
from befit.v1.record_pb2 import DecisionRecord

PATIENT_MS = 20_000
ANSWER = DecideResponse(
    decision_id="d-1",
    tier="relationship_1",
    placements=[
        FilledPlacement(placement="offer", actions=[RankedAction(rank=1, action_id="upgrade")]),
        FilledPlacement(placement="message", cause=CAUSE_NONE_ALLOWED),
    ],
)


def refuse(code, details="no", problem=None):
    def refused(request, context):
        if problem:
            context.set_trailing_metadata([(PROBLEM_KEY, problem.SerializeToString())])
        context.abort(code, details)

    return refused


def test_a_decision_is_asked_for_in_plain_python(server):
    server.answers["Decide"] = lambda request, context: ANSWER
    with Client(server.address, deadline_ms=PATIENT_MS) as client:
        decision = client.decide("c-1", "call_centre", context={"queue_minutes": 4, "page": "home"}, trace="FULL")
    asked = server.asked[0]
    assert (asked.customer_id, asked.context["queue_minutes"].number, asked.trace) == ("c-1", 4.0, 3)
    assert decision.best("offer").action_id == "upgrade"
    assert (decision.best("message"), decision.cause("message"), decision.cause("offer")) == (None, "NONE_ALLOWED", "")
    assert (decision.id, decision.tier, decision.local, decision.degraded) == ("d-1", "relationship_1", "", ())


async def test_the_async_client_asks_the_same(server):
    server.answers["Decide"] = lambda request, context: ANSWER
    async with AsyncClient(server.address, deadline_ms=PATIENT_MS) as client:
        await client.wait_until_ready()
        decision = await client.decide("c-1", "shop", placements=["offer"], dry_run=True)
    assert server.asked[0].dry_run
    assert decision.actions("offer")[0].rank == 1


def test_a_late_server_is_answered_for_locally_and_says_so(server):
    release = threading.Event()
    server.answers["Decide"] = lambda request, context: release.wait() and ANSWER
    with Client(server.address) as client:
        client.wait_until_ready()
        decision = client.decide("c-1", "shop", fallback={"route": "route_general", "offer": ""}, deadline_ms=5)
        with pytest.raises(TooLate):
            client.decide("c-1", "shop", deadline_ms=5)
    release.set()
    assert decision.best("route").action_id == "route_general"
    assert (decision.best("offer"), decision.cause("route")) == (None, "FALLBACK")
    assert (decision.degraded, decision.id, bool(decision.local)) == (("LOCAL_FALLBACK",), "", True)


async def test_a_server_that_is_away_is_answered_for_locally():
    async with AsyncClient("127.0.0.1:1") as client:
        decision = await client.decide("c-1", "shop", fallback={"route": "route_general"}, deadline_ms=PATIENT_MS)
    assert decision.degraded == ("LOCAL_FALLBACK",)


def test_a_server_that_is_away_is_unreachable():
    with Client("127.0.0.1:1") as client, pytest.raises(Unreachable):
        client.status()


def test_a_refusal_is_not_answered_for_locally(server):
    problem = RequestProblem(code="unknown-channel", message="no channel 'fax'", field="channel")
    server.answers["Decide"] = refuse(grpc.StatusCode.INVALID_ARGUMENT, problem=problem)
    with Client(server.address, deadline_ms=PATIENT_MS) as client, pytest.raises(InvalidRequest) as refusal:
        client.decide("c-1", "fax", fallback={"route": "route_general"})
    assert (refusal.value.code, refusal.value.field, str(refusal.value)) == (
        "unknown-channel",
        "channel",
        "no channel 'fax'",
    )


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (grpc.StatusCode.ALREADY_EXISTS, Conflict),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, Overloaded),
        (grpc.StatusCode.NOT_FOUND, NotFound),
    ],
)
async def test_both_clients_tell_errors_alike(server, code, error):
    server.answers["GetDecision"] = refuse(code)
    with Client(server.address) as client, pytest.raises(error):
        client.get_decision("d-1")
    async with AsyncClient(server.address) as client:
        with pytest.raises(error):
            await client.get_decision("d-1")


def test_every_outcome_gets_its_receipt_and_an_id_of_its_own(server):
    server.answers["RecordOutcomes"] = lambda request, context: RecordOutcomesResponse(
        receipts=[Receipt(id=outcome.outcome_id, disposition=1) for outcome in request.outcomes]
    )
    with Client(server.address) as client:
        receipts = client.record_outcomes(
            [
                {"decision_id": "d-1", "action_id": "upgrade", "type": "ACCEPTED", "revenue": 0.0},
                {"decision_id": "d-1", "type": "RATING", "outcome_id": "r-7", "rating": 5, "at": 1_700_000_000.25},
            ]
        )
    assert [receipt.id for receipt in receipts] == ["d-1:upgrade:ACCEPTED", "r-7"]
    accepted, rated = server.asked[0].outcomes
    assert accepted.HasField("revenue")
    assert not accepted.HasField("at")
    assert (rated.at.seconds, rated.at.nanos) == (1_700_000_000, 250_000_000)


async def test_customers_go_as_one_stream_of_messages_that_a_server_takes(server):
    server.answers["PutCustomers"] = lambda requests, context: PutCustomersResponse(
        written=sum(len(request.customers) for request in requests)
    )
    customers = [{"customer_id": f"c-{n}", "features": {"note": "x" * 200, "age": None}} for n in range(1200)]
    with Client(server.address) as client:
        assert client.put_customers(customers).written == 1200
    async with AsyncClient(server.address) as client:
        assert (await client.put_customers(iter(customers))).written == 1200
    assert all(request.ByteSize() < 64 * 1024 for request in server.asked[0])
    assert dict(server.asked[0][0].customers[0].features).keys() == {"note"}


def test_a_customer_that_does_not_hold_is_told_after_those_before_it_are_written(server):
    server.answers["PutCustomers"] = lambda requests, context: PutCustomersResponse(written=1)
    with Client(server.address) as client, pytest.raises(InvalidRequest, match="age is list"):
        client.put_customers([{"customer_id": "c-1"}, {"customer_id": "c-2", "features": {"age": [1]}}])
    assert [customer.customer_id for customer in server.asked[0][0].customers] == ["c-1"]


def test_the_other_calls_answer_with_what_the_server_says(server):
    server.answers = {
        "GetStatus": lambda request, context: GetStatusResponse(policy_revision="abc"),
        "GetCustomer": lambda request, context: GetCustomerResponse(customer_id=request.customer_id),
        "GetDecision": lambda request, context: GetDecisionResponse(record=DecisionRecord(decision_id="d-1")),
        "LinkIdentity": lambda request, context: LinkIdentityResponse(linked=True),
        "StopAction": lambda request, context: StopActionResponse(stopped_actions=[request.action_id]),
    }
    with Client(server.address, access=Access(token="secret")) as client:
        assert client.status().policy_revision == "abc"
        assert client.get_customer("c-1").customer_id == "c-1"
        assert client.get_decision("d-1").decision_id == "d-1"
        assert client.link_identity("v-1", "c-1")
        assert client.stop_action("upgrade") == ("upgrade",)
    assert server.metadata["authorization"] == "Bearer secret"
