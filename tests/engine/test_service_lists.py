"""Feedback and customers on the wire: each item is answered for itself, in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from befit.v1 import customer_pb2 as cpb
from befit.v1 import feedback_pb2 as fpb
from engine.customer import KnownCustomer
from engine.ids import CustomerKey
from engine.store import StoreUnavailable
from tests.engine.service_fakes import DECISION_ID, NOW, VIEW, FakeEngine, Served, all_ports, serving

INVALID = grpc.StatusCode.INVALID_ARGUMENT
REJECTED = fpb.DISPOSITION_REJECTED


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def served(fake: FakeEngine) -> AsyncIterator[Served]:
    async with serving(all_ports(fake)) as running:
        yield running


def _outcome(**fields: Any) -> fpb.Outcome:
    return fpb.Outcome(**{"outcome_id": "o1", "decision_id": DECISION_ID, "type": "ACCEPTED", **fields})


def _event(**fields: Any) -> fpb.Event:
    return fpb.Event(**{"event_id": "e1", "type": "page_view", **fields})


async def _receipts(served: Served, *outcomes: fpb.Outcome) -> list[fpb.Receipt]:
    request = fpb.RecordOutcomesRequest(outcomes=outcomes)
    answer = await served.call("FeedbackService/RecordOutcomes", request, fpb.RecordOutcomesResponse)
    return list(answer.receipts)


async def test_a_bad_outcome_costs_no_good_one(served: Served, fake: FakeEngine):
    good, bad, last = _outcome(outcome_id="a"), _outcome(outcome_id="b", decision_id="?"), _outcome(outcome_id="c")
    receipts = await _receipts(served, good, bad, last)
    assert [receipt.id for receipt in receipts] == ["a", "b", "c"]
    assert [receipt.disposition == REJECTED for receipt in receipts] == [False, True, False]
    assert receipts[1].problem.field == "decision_id"
    assert [outcome.outcome_id for outcome in fake.asked] == ["a", "c"]


async def test_an_outcome_arrives_whole(served: Served, fake: FakeEngine):
    at = Timestamp(seconds=int(NOW), nanos=500_000_000)
    await _receipts(served, _outcome(at=at, revenue=-3.5, reason_code="too_dear", agent_id="a7", action_id="upgrade"))
    await _receipts(served, _outcome(type="RATING", rating=0.0))
    sold, rated = fake.asked
    assert (sold.at, sold.revenue, sold.rating, sold.agent) == (NOW + 0.5, -3.5, None, "a7")
    assert (rated.at, rated.revenue, rated.rating) == (None, None, 0.0)


@pytest.mark.parametrize(
    ("field", "outcome"),
    [
        ("outcome_id", _outcome(outcome_id="")),
        ("outcome_id", _outcome(outcome_id="x" * 129)),
        ("type", _outcome(type="")),
        ("type", _outcome(type="a b")),
        ("at", _outcome(at=Timestamp(seconds=-5))),
        ("at", _outcome(at=Timestamp(seconds=10**12))),
        ("at", _outcome(at=Timestamp(seconds=1, nanos=-1))),
        ("revenue", _outcome(revenue=float("nan"))),
        ("rating", _outcome(rating=float("inf"))),
        ("reason_code", _outcome(reason_code="x" * 129)),
        ("agent_id", _outcome(agent_id="a\nb")),
    ],
)
async def test_an_outcome_outside_its_bounds_is_rejected_by_field(served: Served, field: str, outcome: fpb.Outcome):
    (receipt,) = await _receipts(served, outcome)
    assert (receipt.disposition, receipt.problem.field, receipt.retryable) == (REJECTED, field, False)


@pytest.mark.parametrize("count", [0, 1001])
async def test_a_list_that_is_empty_or_too_long_is_refused(served: Served, fake: FakeEngine, count: int):
    request = fpb.RecordOutcomesRequest(outcomes=[_outcome()] * count)
    status, problem = await served.refused("FeedbackService/RecordOutcomes", request)
    assert (status, problem.field) == (INVALID, "outcomes")
    assert fake.asked == []


async def test_outcomes_wait_for_the_store_and_say_so(served: Served, fake: FakeEngine):
    fake.fails = StoreUnavailable("timeout")
    request = fpb.RecordOutcomesRequest(outcomes=[_outcome()])
    status, problem = await served.refused("FeedbackService/RecordOutcomes", request)
    assert (status, problem.code) == (grpc.StatusCode.UNAVAILABLE, "store-unavailable")


async def test_events_name_a_customer_or_an_action(served: Served, fake: FakeEngine):
    about_customer, about_action = _event(event_id="a", customer_id="c1"), _event(event_id="b", action_id="upgrade")
    about_action.attributes["stock"].number = 3
    request = fpb.RecordEventsRequest(events=[about_customer, about_action, _event(event_id="c")])
    answer = await served.call("FeedbackService/RecordEvents", request, fpb.RecordEventsResponse)
    duplicate = fpb.DISPOSITION_DUPLICATE
    assert [receipt.disposition for receipt in answer.receipts] == [duplicate, duplicate, REJECTED]
    assert [(event.customer, event.action) for event in fake.asked] == [("c1", ""), ("", "upgrade")]
    assert fake.asked[1].attributes == {"stock": 3.0}


async def test_an_event_with_a_value_that_is_not_finite_is_rejected(served: Served):
    event = _event(customer_id="c1")
    event.attributes["amount"].number = float("inf")
    request = fpb.RecordEventsRequest(events=[event])
    answer = await served.call("FeedbackService/RecordEvents", request, fpb.RecordEventsResponse)
    assert answer.receipts[0].problem.field == "attributes.amount"


async def _put(served: Served, *batches: list[cpb.CustomerProfile]) -> cpb.PutCustomersResponse:
    sent = [cpb.PutCustomersRequest(customers=batch).SerializeToString() for batch in batches]
    method = "/befit.v1.CustomerService/PutCustomers"
    return await served.channel.stream_unary(method, None, cpb.PutCustomersResponse.FromString)(iter(sent), timeout=20)


async def test_customers_are_written_from_a_stream(served: Served, fake: FakeEngine):
    full = cpb.CustomerProfile(customer_id="c1", consent={"push:marketing": True}, time_zone="")
    full.features["age"].number = 40
    full.preferences["language"].text = "de"
    summary = await _put(served, [full], [cpb.CustomerProfile(customer_id="c2"), cpb.CustomerProfile(customer_id="")])
    assert (summary.written, summary.rejected, summary.rejections[0].problem.field) == (2, 1, "customer_id")
    first, second = fake.asked
    assert first.features == {"age": 40.0}
    assert (first.consent, first.time_zone, first.preferences) == ({"push:marketing": True}, "", {"language": "de"})
    assert (second.features, second.time_zone) == (None, None)


async def test_no_customer_has_more_consent_than_anyone_could_mean(served: Served, fake: FakeEngine):
    many = cpb.CustomerProfile(customer_id="c1", consent={f"push:purpose_{number}": True for number in range(65)})
    summary = await _put(served, [many])
    assert (summary.rejections[0].problem.field, fake.asked) == ("consent", [])


async def test_only_the_first_hundred_rejections_are_told(served: Served):
    summary = await _put(served, [cpb.CustomerProfile(customer_id="")] * 250)
    assert (summary.rejected, len(summary.rejections)) == (250, 100)


async def test_a_malformed_message_ends_the_stream_of_customers(served: Served):
    call = served.channel.stream_unary("/befit.v1.CustomerService/PutCustomers", None, None)
    with pytest.raises(grpc.aio.AioRpcError) as ended:
        await call(iter([b"\xff"]), timeout=20)
    assert ended.value.code() is INVALID


async def test_a_customer_is_looked_up_or_not_found(served: Served, fake: FakeEngine):
    ask = cpb.GetCustomerRequest(customer_id="visitor")
    status, problem = await served.refused("CustomerService/GetCustomer", ask)
    assert (status, problem.field) == (grpc.StatusCode.NOT_FOUND, "customer_id")
    fake.known = KnownCustomer("c1", "gold", NOW, {"push:marketing": False}, "", {"language": "de"}, 60.0, VIEW)
    found = await served.call("CustomerService/GetCustomer", ask, cpb.GetCustomerResponse)
    assert (found.customer_id, found.tier, found.tier_since.seconds) == ("c1", "gold", int(NOW))
    assert (found.view.features["age"].number, found.preferences["language"].text) == (40.0, "de")


async def test_identities_are_linked_and_erased(served: Served, fake: FakeEngine):
    link = cpb.LinkIdentityRequest(visitor_id="v", customer_id="c")
    assert (await served.call("CustomerService/LinkIdentity", link, cpb.LinkIdentityResponse)).linked
    await served.call("CustomerService/EraseCustomer", cpb.EraseCustomerRequest(customer_id="c"))
    assert fake.asked == [CustomerKey("default", "v"), CustomerKey("default", "c"), CustomerKey("default", "c")]
    same = cpb.LinkIdentityRequest(visitor_id="c", customer_id="c")
    assert (await served.refused("CustomerService/LinkIdentity", same))[1].field == "visitor_id"
