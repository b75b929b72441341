"""The same question has the same answer over JSON and over gRPC, decided and refused, by the corner shop at work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict, Parse
from hypothesis import given, settings
from hypothesis import strategies as st

from befit.plain import feature_values
from befit.v1 import customer_pb2, decide_pb2, feedback_pb2
from befit.v1.problem_pb2 import RequestProblem
from befit.v1.value_pb2 import ContextValue
from engine.http.problem import STATUS as HTTP_STATUS
from engine.memory.store import MemoryStore
from engine.redis.store import RedisStore
from engine.service.calls import STATUS as GRPC_STATUS
from tests.engine.company import GOOD, corner_shop
from tests.engine.over_http import OverHttp, beside
from tests.engine.wired import Wired, wired

CODES = {GRPC_STATUS[kind]: int(status) for kind, status in HTTP_STATUS.items()}
CONTEXT = st.dictionaries(
    st.sampled_from(["queue_minutes", "page", "colour"]),
    st.sampled_from([{"number": 3.5}, {"text": "home"}, {"flag": True}, {"number": float("nan")}, {}]),
    max_size=2,
)
HOLD = st.builds(
    decide_pb2.DecideRequest,
    dry_run=st.just(True),
    customer_id=st.sampled_from(["anna", "bert", "Ünï 客户"]),
    channel=st.sampled_from(["web", "call_centre", "push"]),
    max_actions=st.sampled_from([0, 1]),
    locale=st.sampled_from(["", "de-AT"]),
    view=st.booleans(),
    trace=st.integers(0, 3),
    audience=st.integers(0, 3),
)
WILD = st.builds(
    decide_pb2.DecideRequest,
    dry_run=st.just(True),
    customer_id=st.sampled_from(["anna", "", "a{b}"]),
    channel=st.sampled_from(["web", "fax"]),
    context=CONTEXT.map(lambda said: {key: ContextValue(**value) for key, value in said.items()}),
    intent=st.sampled_from(["", "cancel", "sing"]),
    max_actions=st.sampled_from([0, 26]),
    trace=st.sampled_from([0, 9]),
    audience=st.sampled_from([0, 7]),
)


@asynccontextmanager
async def shop(store: Any) -> AsyncIterator[tuple[Wired, OverHttp]]:
    """The corner shop with Anna and Bert over both wires."""
    async with wired(corner_shop(), store) as found:
        await found.put(customer_id="anna", features=feature_values(GOOD), consent={"push:marketing": True})
        await found.put(customer_id="bert", features=feature_values({"age": 16}))
        assert found.served is not None
        async with beside(found.served) as http:
            yield found, http


@pytest.fixture
async def both(valkey_store: RedisStore) -> AsyncIterator[tuple[Wired, OverHttp]]:
    async with shop(valkey_store) as served:
        yield served


@settings(max_examples=20)
@given(questions=st.lists(HOLD | WILD, min_size=1, max_size=8))
async def test_a_question_has_one_answer_whichever_way_it_comes(questions: list[decide_pb2.DecideRequest]):
    async with shop(MemoryStore()) as (found, http):
        for question in questions:
            told = await http.post("/v1/decide", MessageToDict(question))
            try:
                expected = await found.call("DecisionService/Decide", question, decide_pb2.DecideResponse)
            except grpc.aio.AioRpcError as refused:
                problem = RequestProblem.FromString(dict(refused.trailing_metadata() or ())["befit-problem-bin"])
                wanted = (CODES[refused.code()], problem.code, problem.field)
                assert (told.status, told.json["code"], told.json["field"]) == wanted
                assert problem.message in told.json["detail"]
            else:
                assert Parse(told.body, decide_pb2.DecideResponse()) == expected


async def test_a_request_id_is_one_for_both_ways(both: tuple[Wired, OverHttp]):
    found, http = both
    said = {"customerId": "anna", "channel": "web", "requestId": "r1"}
    first = (await http.post("/v1/decide", said)).json
    again = await found.decide(request_id="r1")
    assert (again.decision_id, again.repeat) == (first["decisionId"], True)
    reused = await http.post("/v1/decide", {**said, "channel": "call_centre"})
    assert (reused.status, reused.json["field"]) == (409, "request_id")


async def test_an_outcome_is_entered_once_whichever_way_it_comes(both: tuple[Wired, OverHttp]):
    found, http = both
    decision = await found.decide(placements=["hero"])
    action = decision.placements[0].actions[0].action_id
    outcome = {"outcomeId": "o1", "decisionId": decision.decision_id, "actionId": action, "type": "ACCEPTED"}
    told = (await http.post("/v1/outcomes", {"outcomes": [outcome, outcome, {**outcome, "outcomeId": "x{"}]})).json
    assert [receipt["disposition"].removeprefix("DISPOSITION_") for receipt in told["receipts"]] == [
        "ACCEPTED",
        "DUPLICATE",
        "REJECTED",
    ]
    wire = feedback_pb2.RecordOutcomesRequest(
        outcomes=[feedback_pb2.Outcome(outcome_id="o1", decision_id=decision.decision_id, type="ACCEPTED")]
    )
    again = await found.call("FeedbackService/RecordOutcomes", wire, feedback_pb2.RecordOutcomesResponse)
    assert again.receipts[0].disposition == feedback_pb2.DISPOSITION_DUPLICATE


async def test_what_is_kept_of_a_customer_is_told_alike(both: tuple[Wired, OverHttp]):
    found, http = both
    for audience in ("AUDIENCE_CUSTOMER", "AUDIENCE_AGENT"):
        told = await http.get(f"/v1/customers/anna?audience={audience}")
        wire = await found.get(audience=decide_pb2.Audience.Value(audience))
        assert Parse(told.body, customer_pb2.GetCustomerResponse()) == wire


async def test_customers_who_look_themselves_up_are_not_told_what_they_are_worth(both: tuple[Wired, OverHttp]):
    _, http = both
    told = await http.get("/v1/customers/anna?audience=AUDIENCE_CUSTOMER")
    assert "value_12m" not in told.body.decode()
    assert told.json["tier"] == ""
    assert "value_12m" in (await http.get("/v1/customers/anna")).body.decode()


async def test_a_pause_is_lifted_for_the_customer_in_the_path(both: tuple[Wired, OverHttp]):
    _, http = both
    said = {"actionId": "film_box", "liftedBy": "carol", "why": "asked"}
    told = await http.post("/v1/customers/anna/lift-pause", said)
    assert (told.status, told.json) == (200, {"lifted": []})
    other = await http.post("/v1/customers/anna/lift-pause", {**said, "customerId": "bert"})
    assert (other.status, other.json["code"]) == (400, "path-differs")
