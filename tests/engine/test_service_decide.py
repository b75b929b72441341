"""Decide on the wire: every field is held to its bound, every failure is still an answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from befit.v1.decide_pb2 import (
    AUDIENCE_CUSTOMER,
    CAUSE_FALLBACK,
    DEGRADED_COMMIT_UNKNOWN,
    TRACE_FULL,
    DecideRequest,
)
from engine.decision import Audience, Trace
from engine.ids import CustomerKey
from engine.refusal import Refusal, RefusalKind
from engine.store import StoreUnavailable
from tests.engine.service_fakes import DECISION_ID, FakeEngine, Served, all_ports, serving

DECIDE = "DecisionService/Decide"
INVALID = grpc.StatusCode.INVALID_ARGUMENT


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def served(fake: FakeEngine) -> AsyncIterator[Served]:
    async with serving(all_ports(fake), default_deadline_ms=200) as running:
        yield running


def _asks(**fields: object) -> DecideRequest:
    return DecideRequest(**{"customer_id": "c1", "channel": "web", **fields})


def _with_context(key: str, **value: object) -> DecideRequest:
    request = _asks()
    for name, it in value.items():
        setattr(request.context[key], name, it)
    request.context[key]
    return request


async def test_a_question_becomes_a_request_and_its_decision_the_answer(served: Served, fake: FakeEngine):
    wire = _asks(
        intent="cancel", locale="de-AT", session_id="s 1", request_id="r1", placements=["hero", "offer", "hero"],
        max_actions=25, follows_decision_id=DECISION_ID, exclude=["old"], view=True, dry_run=True, trace=TRACE_FULL,
        audience=AUDIENCE_CUSTOMER,
    )  # fmt: skip
    wire.context["queue_minutes"].number = 3.5
    wire.context["page"].text = "home"
    wire.context["roaming"].flag = True
    answer = await served.call(DECIDE, wire)
    assert (answer.decision_id, answer.placements[0].actions[0].action_id) == (DECISION_ID, "upgrade")
    (asked,) = fake.asked
    assert asked.customer == CustomerKey("default", "c1")
    assert asked.placements == ("hero", "offer")
    assert asked.context == {"queue_minutes": 3.5, "page": "home", "roaming": True}
    assert (asked.trace, asked.audience, asked.follows) == (Trace.FULL, Audience.CUSTOMER, DECISION_ID)
    assert (asked.max_actions, asked.exclude, asked.view, asked.dry_run) == (25, ("old",), True, True)


REFUSED: list[tuple[str, DecideRequest]] = [
    ("customer_id", _asks(customer_id="")),
    ("customer_id", _asks(customer_id="x" * 129)),
    ("customer_id", _asks(customer_id="a{b}")),
    ("customer_id", _asks(customer_id="a\r\nb")),
    ("channel", _asks(channel="")),
    ("channel", _asks(channel="fax")),
    ("intent", _asks(intent="sing")),
    ("locale", _asks(locale="de_DE")),
    ("locale", _asks(locale="x" * 40)),
    ("session_id", _asks(session_id="x" * 129)),
    ("session_id", _asks(session_id="a\0")),
    ("request_id", _asks(request_id="a}b")),
    ("request_id", _asks(request_id="x" * 129)),
    ("follows_decision_id", _asks(follows_decision_id="12")),
    ("placements", _asks(placements=["offer", "footer"])),
    ("placements", _asks(placements=["offer"] * 17)),
    ("max_actions", _asks(max_actions=26)),
    ("exclude", _asks(exclude=[f"a{n}" for n in range(101)])),
    ("exclude", _asks(exclude=["a", ""])),
    ("trace", _asks(trace=9)),
    ("audience", _asks(audience=7)),
    ("context.colour", _with_context("colour", text="red")),
    ("context", _with_context("a b\n", text="red")),
    ("context.page", _with_context("page", text="attic")),
    ("context.page", _with_context("page", number=1)),
    ("context.page", _with_context("page")),
    ("context.queue_minutes", _with_context("queue_minutes", text="3")),
    ("context.queue_minutes", _with_context("queue_minutes", flag=True)),
    ("context.queue_minutes", _with_context("queue_minutes", number=float("nan"))),
    ("context.queue_minutes", _with_context("queue_minutes", number=float("inf"))),
    ("context.queue_minutes", _with_context("queue_minutes", number=1e39)),
    ("context.items", _with_context("items", number=1.5)),
    ("context.items", _with_context("items", number=float("-inf"))),
    ("context.roaming", _with_context("roaming", number=1)),
]


async def test_each_field_outside_its_bound_is_refused_by_name(served: Served, fake: FakeEngine):
    for field, request in REFUSED:
        status, problem = await served.refused(DECIDE, request)
        assert (status, problem.field) == (INVALID, field), request
        assert problem.code
        assert problem.message
    assert fake.asked == []


async def test_what_was_sent_is_never_repeated_in_a_refusal(served: Served):
    for request in (_asks(channel="Alice Miller"), _with_context("page", text="Alice Miller"), _asks(intent="Alice")):
        _, problem = await served.refused(DECIDE, request)
        assert "Alice" not in str(problem)


@pytest.mark.parametrize("sent", [b"\xff\xff\xff", b"\x0a\x05ab", b"\x0a\x02\xff\xfe"])
async def test_bytes_that_are_no_request_are_refused_in_plain_words(served: Served, sent: bytes):
    status, problem = await served.refused(DECIDE, sent)
    assert (status, problem.code) == (INVALID, "malformed")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(st.binary(max_size=60), min_size=1, max_size=8))
async def test_no_bytes_whatever_meet_an_error_nobody_foresaw(sent: list[bytes]):
    async with serving(all_ports(FakeEngine())) as served:
        for one in sent:
            status, _ = await served.refused(DECIDE, one)
            assert status is INVALID


async def test_a_request_over_the_limit_is_refused_unread(served: Served, fake: FakeEngine):
    status, problem = await served.refused(DECIDE, _asks(exclude=["x" * 100] * 700))
    assert (status, problem.code) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "too-large")
    status, _ = await served.refused(DECIDE, b"\0" * 1_400_000)
    assert status is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert fake.asked == []


async def test_a_refusal_of_the_engine_keeps_its_kind(served: Served, fake: FakeEngine):
    reused = Refusal("request-id-reused", "was used before", "request_id", RefusalKind.CONFLICT)
    fake.decides = lambda request: reused
    status, problem = await served.refused(DECIDE, _asks())
    assert (status, problem.code) == (grpc.StatusCode.ALREADY_EXISTS, "request-id-reused")


@pytest.mark.parametrize("failure", [RuntimeError("secret of c1"), StoreUnavailable("timeout"), KeyError("c1")])
async def test_a_decision_that_fails_is_answered_with_the_fallbacks(
    served: Served, fake: FakeEngine, failure: Exception, caplog: pytest.LogCaptureFixture
):
    fake.fails = failure
    with caplog.at_level(logging.INFO):
        answer = await served.call(DECIDE, _asks())
    assert answer.placements[0].cause == CAUSE_FALLBACK
    assert list(answer.degraded) == [DEGRADED_COMMIT_UNKNOWN]
    assert "c1" not in caplog.text


async def test_a_decision_that_takes_too_long_is_answered_with_the_fallbacks(served: Served, fake: FakeEngine):
    fake.gate = asyncio.Event()
    answer = await served.call(DECIDE, _asks())
    assert answer.placements[0].cause == CAUSE_FALLBACK


async def test_when_even_the_fallback_fails_the_text_stays_inside(
    served: Served, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise RuntimeError("secret of c1")

    monkeypatch.setattr(fake, "decide", broken)
    monkeypatch.setattr(fake, "fallback", broken)
    status, problem = await served.refused(DECIDE, _asks())
    assert (status, problem.code) == (grpc.StatusCode.UNAVAILABLE, "not-answered")
    assert "secret" not in str(problem)


async def test_calls_are_counted_by_method_and_status(served: Served, fake: FakeEngine):
    await served.call(DECIDE, _asks())
    await served.refused(DECIDE, _asks(channel="fax"))
    counters = served.counts.snapshot().counters
    assert counters[("befit_calls", ("Decide", "OK"))] == 1
    assert counters[("befit_calls", ("Decide", "INVALID_ARGUMENT"))] == 1


async def test_a_call_beyond_the_limit_of_concurrent_ones_is_refused_at_once(fake: FakeEngine):
    fake.gate = asyncio.Event()
    async with serving(all_ports(fake), max_concurrent_calls=2) as served:
        started = [asyncio.ensure_future(served.call(DECIDE, _asks())) for _ in range(5)]
        refused, _ = await asyncio.wait(started, return_when=asyncio.FIRST_EXCEPTION)
        assert {call.exception().code() for call in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        fake.gate.set()
        await asyncio.gather(*started, return_exceptions=True)
