"""JSON over HTTP: the contract's methods by the same services, and every mistake told as a problem with its place."""

from __future__ import annotations

import asyncio
import logging
import re
import shlex
from collections.abc import AsyncIterator
from typing import Any

import pytest

from engine.decision import Audience
from engine.http.docs_page import curl
from engine.http.routes import NOT_ROUTED, ROUTES
from engine.ids import CustomerKey
from engine.refusal import Refusal, RefusalKind
from engine.store import StoreUnavailable
from engine.wire.contract import RPCS
from engine.wire.json_read import message_of, parsed
from tests.engine.over_http import OverHttp, over_http
from tests.engine.service_fakes import DECISION_ID, FakeEngine, all_ports

ASK = {"customerId": "c1", "channel": "web"}


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def http(fake: FakeEngine) -> AsyncIterator[OverHttp]:
    async with over_http(all_ports(fake), default_deadline_ms=200) as running:
        yield running


async def test_a_question_is_decided_and_told_in_the_proto_json_mapping(http: OverHttp, fake: FakeEngine):
    reply = await http.post("/v1/decide", {**ASK, "context": {"queue_minutes": {"number": 3}}})
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.json["decisionId"] == DECISION_ID
    assert reply.json["placements"][0]["actions"][0]["actionId"] == "upgrade"
    assert reply.json["serverMicros"] == "0"
    (asked,) = fake.asked
    assert asked.customer == CustomerKey("default", "c1")
    assert asked.context == {"queue_minutes": 3.0}


async def test_names_are_taken_as_the_contract_writes_them(http: OverHttp, fake: FakeEngine):
    said = {"customer_id": "Ünï-客户", "channel": "web", "max_actions": 2, "audience": "AUDIENCE_CUSTOMER"}
    assert (await http.post("/v1/decide", said)).status == 200
    (asked,) = fake.asked
    assert (asked.customer.customer, asked.max_actions, asked.audience) == ("Ünï-客户", 2, Audience.CUSTOMER)


async def test_customers_are_never_told_what_they_are_worth(http: OverHttp):
    told = (await http.post("/v1/decide", {**ASK, "audience": "AUDIENCE_CUSTOMER"})).json
    action = told["placements"][0]["actions"][0]
    assert not {"factors", "probability", "counterfactual"} & action.keys()
    assert (told["tier"], told["experimentGroup"]) == ("", "")


async def test_what_stands_in_the_path_and_behind_it_are_fields(http: OverHttp, fake: FakeEngine):
    await http.get("/v1/customers/a%2Fb%20%C3%BC?audience=AUDIENCE_CUSTOMER")
    await http.get("/v1/customers/c%2B1")
    assert [asked.customer for asked in fake.asked] == ["a/b ü", "c+1"]
    assert (await http.ask("DELETE", "/v1/customers/c1")).json == {}
    assert fake.asked[-1] == CustomerKey("default", "c1")


async def test_customers_and_identities_are_written(http: OverHttp, fake: FakeEngine):
    person = {"customerId": "c1", "features": {"age": {"number": 44}}, "consent": {"push:marketing": True}}
    assert (await http.post("/v1/customers", {"customers": [person]})).json["written"] == "1"
    linked = await http.post("/v1/identity", {"visitorId": "v1", "customerId": "c1"})
    assert linked.json == {"linked": True}


async def test_each_item_of_a_list_has_its_own_receipt(http: OverHttp):
    outcomes = [{"outcomeId": "o1", "decisionId": DECISION_ID, "type": "ACCEPTED"}, {"outcomeId": "o2"}]
    receipts = (await http.post("/v1/outcomes", {"outcomes": outcomes})).json["receipts"]
    assert [receipt["disposition"] for receipt in receipts] == ["DISPOSITION_ACCEPTED", "DISPOSITION_REJECTED"]
    assert receipts[1]["problem"]["field"] == "decision_id"


PROBLEMS: list[tuple[tuple[Any, ...], int, str, str]] = [
    (("POST", "/v1/decide", b"{"), 400, "json-invalid", ""),
    (("POST", "/v1/decide", b'{"maxActions": NaN}'), 400, "json-invalid", ""),
    (("POST", "/v1/decide", b""), 400, "json-invalid", ""),
    (("POST", "/v1/decide", {"custmerId": "a"}), 400, "field-unknown", "custmerId"),
    (("POST", "/v1/decide", {**ASK, "channel": "fax"}), 400, "channel-unknown", "channel"),
    (("POST", "/v1/decide", {**ASK, "context": {"items": {"number": "NaN"}}}), 400, "context-invalid", "context.items"),
    (("POST", "/v1/decide?channel=web", ASK), 400, "query-unexpected", ""),
    (("POST", "/v1/decide", ASK, {"content-type": "text/plain"}), 415, "content-type", ""),
    (("POST", "/v1/decide", ASK, {"content-encoding": "gzip"}), 415, "content-encoding", ""),
    (("POST", "/v1/decide", ASK, {"befit-deadline-ms": "soon"}), 400, "deadline-invalid", ""),
    (("POST", "/v1/decide", ASK, {"befit-deadline-ms": "nan"}), 400, "deadline-invalid", ""),
    (("POST", "/v1/decide", b"{}" + b" " * 70_000), 413, "too-large", ""),
    (("POST", "/v1/outcomes", {"outcomes": []}), 400, "list-length", "outcomes"),
    (("GET", "/v1/decide"), 405, "method-not-allowed", ""),
    (("OPTIONS", "/v1/decide"), 405, "method-not-allowed", ""),
    (("POST", "/docs", {}), 405, "method-not-allowed", ""),
    (("GET", "/v1/nowhere"), 404, "path-unknown", ""),
    (("GET", "/v1/decide/"), 404, "path-unknown", ""),
    (("GET", "/v1/customers/"), 404, "path-unknown", ""),
    (("GET", "/metrics"), 404, "metrics-off", ""),
    (("GET", "/v1/customers/nobody"), 404, "customer-unknown", "customer_id"),
    (("GET", "/v1/customers/%ff"), 400, "path-invalid", ""),
    (("GET", "/v1/customers/a%7Bb"), 400, "id-invalid", "customer_id"),
    (("GET", "/v1/customers/a?audience=CUSTOMER"), 400, "value-invalid", "audience"),
    (("GET", "/v1/customers/a?audience=1&audience=2"), 400, "query-invalid", ""),
    (("GET", "/v1/customers/a?customerId=b"), 400, "path-differs", "customer_id"),
    (("GET", "/v1/customers/a?colour=red"), 400, "field-unknown", "colour"),
    (("GET", "/v1/status", {}), 400, "body-unexpected", ""),
    (("GET", "/v1/decisions/7"), 400, "id-invalid", "decision_id"),
    (("GET", f"/v1/decisions/{DECISION_ID}"), 404, "decision-unknown", "decision_id"),
]


@pytest.mark.parametrize(("asked", "status", "code", "field"), PROBLEMS)
async def test_every_mistake_is_a_problem_with_its_place(
    http: OverHttp, asked: tuple[Any, ...], status: int, code: str, field: str
):
    reply = await http.ask(*asked)
    told = reply.json
    assert (reply.status, told["status"], told["code"], told["field"]) == (status, status, code, field)
    assert reply.headers["content-type"] == "application/problem+json"
    assert told["detail"]
    if status == 405:
        assert reply.headers["allow"]


@pytest.mark.parametrize("failure", [RuntimeError("secret of c1"), StoreUnavailable("timeout"), KeyError("c1")])
async def test_an_error_nobody_foresaw_keeps_its_text_inside(
    http: OverHttp, fake: FakeEngine, failure: Exception, caplog: pytest.LogCaptureFixture
):
    fake.fails = failure
    with caplog.at_level(logging.INFO):
        decided = await http.post("/v1/decide", ASK)
        status = await http.get("/v1/status")
    assert decided.json["placements"][0]["cause"] == "CAUSE_FALLBACK"
    assert (status.status, status.headers["retry-after"]) == (503, "1")
    assert "c1" not in caplog.text + status.body.decode()


async def test_a_conflict_of_the_engine_is_a_conflict(http: OverHttp, fake: FakeEngine):
    reused = Refusal("request-id-reused", "was used before", "request_id", RefusalKind.CONFLICT)
    fake.decides = lambda request: reused
    reply = await http.post("/v1/decide", ASK)
    assert (reply.status, reply.json["code"]) == (409, "request-id-reused")


async def test_a_decision_is_answered_within_its_deadline_by_the_fallbacks(fake: FakeEngine):
    fake.gate = asyncio.Event()
    async with over_http(all_ports(fake), default_deadline_ms=20_000) as http:
        reply = await http.ask("POST", "/v1/decide", ASK, {"befit-deadline-ms": "30"})
    assert reply.json["placements"][0]["cause"] == "CAUSE_FALLBACK"


async def test_a_lookup_that_misses_its_deadline_says_so(fake: FakeEngine, monkeypatch: pytest.MonkeyPatch):
    async def forever(customer: CustomerKey, now: float) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(fake, "get", forever)
    async with over_http(all_ports(fake), default_deadline_ms=20_000) as http:
        reply = await http.ask("GET", "/v1/customers/c1", None, {"befit-deadline-ms": "20"})
    assert (reply.status, reply.json["code"]) == (504, "too-late")


async def test_a_request_beyond_the_limit_of_concurrent_ones_is_refused_at_once(fake: FakeEngine):
    fake.gate = asyncio.Event()
    async with over_http(all_ports(fake), max_concurrent_calls=2, default_deadline_ms=20_000) as http:
        waiting = [asyncio.create_task(http.post("/v1/decide", ASK)) for _ in range(2)]
        for _ in waiting:
            await fake.arrivals.acquire()
        refused = await http.post("/v1/decide", ASK)
        assert (refused.status, refused.json["code"]) == (503, "busy")
        assert (await http.get("/healthz")).status == 200
        fake.gate.set()
        assert [(await task).status for task in waiting] == [200, 200]


async def test_calls_count_with_those_over_grpc_and_replies_by_route(http: OverHttp):
    await http.post("/v1/decide", ASK)
    await http.post("/v1/decide", {**ASK, "channel": "fax"})
    await http.get("/v1/nowhere/Alice")
    counters = http.counts.snapshot().counters
    assert counters[("befit_calls", ("Decide", "OK"))] == 1
    assert counters[("befit_calls", ("Decide", "INVALID_ARGUMENT"))] == 1
    assert counters[("befit_http_replies", ("POST /v1/decide", "400"))] == 1
    assert counters[("befit_http_replies", ("other", "404"))] == 1


def test_every_method_is_routed_or_said_to_be_not():
    routed = [route.rpc for route in ROUTES]
    assert sorted([*routed, *NOT_ROUTED]) == sorted(RPCS)
    assert not any(RPCS[name].streamed for name in routed if not name.endswith("/PutCustomers"))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_the_example_of_a_route_is_a_request_of_its_method(route: Any):
    *_, last = shlex.split(curl(route, "http://localhost", "web"))
    said = parsed(last.encode()) if route.verb == "POST" else dict(route.example)
    assert isinstance(said, dict)
    assert not isinstance(message_of(RPCS[route.rpc].request, said), Refusal)


async def test_the_page_tells_every_route_in_the_words_of_the_contract_and_needs_nothing_else(http: OverHttp):
    reply = await http.get("/docs")
    page = reply.body.decode()
    assert reply.headers["content-type"].startswith("text/html")
    served = [route for route in ROUTES if route.rpc in http.grpc.server.unaries]
    assert all(f"{route.verb} {route.path}" in page for route in served)
    assert "What befits this customer at this moment?" not in page.split("<nav>")[0]
    assert "The customer or visitor: 1 to 128 characters, no control characters, no braces." in page
    assert "curl http://localhost/v1/decide -H" in page
    assert {*re.findall(r"href='#([^']+)'", page)} <= {*re.findall(r"id='([^']+)'", page)}
    assert not any(word in page for word in ("<script", "<img", "<link", "src=", "https://"))


async def test_probes_tell_alive_and_ready(http: OverHttp):
    assert (await http.get("/healthz")).json == {"status": "SERVING"}
    assert (await http.get("/readyz")).json == {"ready": True, "fullQuality": True}
    http.server.front.standing.full_quality = False
    assert (await http.get("/readyz")).json == {"ready": True, "fullQuality": False}
