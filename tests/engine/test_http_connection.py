"""Connections as they come: kept, pipelined, slow, broken, too large, and ended in order when the worker drains."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.config import WorkersConfig
from engine.http import server as server_file
from engine.http.conversation import Conversation, Patience
from tests.engine.over_http import OverHttp, line, next_reply, over_http, replied
from tests.engine.service_fakes import FakeEngine, all_ports

HASTY = Patience(idle=20, head=0.05, body=0.05, taking=5, left_over=0.05)
BODY = b'{"customerId":"c1","channel":"web"}'
HEAD = b"POST /v1/decide HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
ASK = HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
ALIVE = b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n"
LAST = b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"


async def _hung_up(reading: Awaitable[bytes]) -> bool:
    """Whether a connection ends without a word."""
    try:
        return await reading == b""
    except ConnectionResetError:
        return True


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def http(fake: FakeEngine) -> AsyncIterator[OverHttp]:
    async with over_http(all_ports(fake), default_deadline_ms=20_000) as running:
        yield running


@pytest.fixture
async def hasty(fake: FakeEngine) -> AsyncIterator[OverHttp]:
    async with over_http(all_ports(fake), HASTY) as running:
        yield running


async def test_a_connection_is_kept_for_further_requests(http: OverHttp):
    async with line(http.port) as (reader, writer):
        for asked, status in ((ASK, 200), (ALIVE, 200), (ASK.replace(b"decide", b"nope"), 404), (ASK, 200)):
            writer.write(asked)
            assert (await next_reply(reader)).status == status


async def test_requests_that_do_not_wait_are_answered_in_their_order(http: OverHttp):
    async with line(http.port) as (reader, writer):
        writer.write(ASK + ALIVE + ASK)
        replies = [await next_reply(reader) for _ in range(3)]
        assert ["decisionId" in reply.json for reply in replies] == [True, False, True]


async def test_a_body_may_come_in_chunks_and_byte_by_byte(http: OverHttp):
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"
    asked = HEAD + b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n" + chunks
    assert replied(await http.sent(*(asked[place : place + 1] for place in range(len(asked))))).status == 200


async def test_a_client_that_asks_first_is_told_to_go_on(http: OverHttp):
    async with line(http.port) as (reader, writer):
        writer.write(HEAD + b"expect: 100-continue\r\ncontent-length: %d\r\n\r\n" % len(BODY))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 \r\n\r\n"
        writer.write(BODY)
        assert (await next_reply(reader)).status == 200


async def test_a_client_that_asks_first_is_told_that_it_is_too_much(http: OverHttp):
    sent = HEAD + b"expect: 100-continue\r\ncontent-length: 99999999\r\n\r\n"
    reply = replied(await http.sent(sent))
    assert (reply.status, reply.headers["connection"]) == (413, "close")


async def test_head_is_get_without_its_body(http: OverHttp):
    raw = await http.sent(LAST.replace(b"GET", b"HEAD"))
    reply = replied(raw)
    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "20")


async def test_a_request_as_to_a_proxy_is_answered(http: OverHttp):
    raw = await http.sent(LAST.replace(b" /healthz", b" http://befit.example:80/healthz"))
    assert (replied(raw).status, replied(raw).json) == (200, {"status": "SERVING"})


async def test_a_connection_that_breaks_in_our_own_hands_is_noted_without_its_text(
    http: OverHttp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_: object) -> None:
        raise RuntimeError("secret of c1")

    monkeypatch.setattr(Conversation, "_asked", broken)
    assert await _hung_up(http.sent(ALIVE))
    assert http.counts.snapshot().counters[("befit_unforeseen", ("HTTP",))] == 1
    assert "RuntimeError" in caplog.text
    assert "c1" not in caplog.text


async def test_http_1_0_is_answered_once(http: OverHttp):
    assert replied(await http.sent(b"GET /healthz HTTP/1.0\r\n\r\n")).status == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (HEAD + b"content-length: 3\r\ncontent-length: 4\r\n\r\n{}", 400),
        (HEAD + b"content-length: -1\r\n\r\n", 400),
        (HEAD + b"transfer-encoding: gzip\r\n\r\n", 501),
        (HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /" + b"a" * 20_000, 431),
        (b"GET / HTTP/1.1\r\nhost: a\r\n" + b"a: b\r\n" * 4000, 431),
        (HEAD + b"content-length: 99999999\r\n\r\n" + b" " * 300_000, 413),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"ffff\r\n" + b" " * 65_535 + b"\r\n2\r\n  \r\n", 413),
    ],
)
async def test_what_is_no_http_or_too_much_is_refused_and_hung_up_on(http: OverHttp, sent: bytes, status: int):
    reply = replied(await http.sent(sent))
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert reply.headers["connection"] == "close"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(st.binary(max_size=60) | st.sampled_from([HEAD, ALIVE, b"\r\n\r\n", BODY]), max_size=5))
async def test_no_bytes_whatever_keep_the_next_from_being_answered(sent: list[bytes]):
    async with over_http(all_ports(FakeEngine())) as http:
        async with line(http.port) as (_, writer):
            writer.write(b"".join(sent))
            await writer.drain()
        assert replied(await http.sent(LAST)).status == 200
        assert not [key for key in http.counts.snapshot().counters if key[0] == "befit_unforeseen"]


@pytest.mark.parametrize("sent", [HEAD, HEAD + b"content-length: 30\r\n\r\n{", b"G"])
async def test_a_client_that_is_too_slow_is_told_so_and_hung_up_on(hasty: OverHttp, sent: bytes):
    reply = replied(await hasty.sent(sent))
    assert (reply.status, reply.json["code"], reply.headers["connection"]) == (408, "too-slow", "close")
    counted = hasty.counts.snapshot().counters
    assert [labels[1] for name, labels in counted if name == "befit_http_replies"] == ["408"]


async def test_a_connection_on_which_nothing_comes_is_hung_up_on_silently(fake: FakeEngine):
    async with over_http(all_ports(fake), Patience(idle=0.02)) as http:
        assert await http.sent() == b""


async def test_a_client_that_leaves_in_the_middle_harms_nobody(http: OverHttp, fake: FakeEngine):
    fake.gate = asyncio.Event()
    async with line(http.port) as (_, writer):
        writer.write(ASK)
        await fake.arrivals.acquire()
    fake.gate.set()
    assert replied(await http.sent(LAST)).status == 200


async def test_connections_beyond_the_bound_take_the_places_of_idle_ones_only(
    http: OverHttp, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(server_file, "MOST_CONNECTIONS", 1)
    fake.gate = asyncio.Event()
    async with line(http.port) as (idle, first):
        first.write(ALIVE)
        await next_reply(idle)
        async with line(http.port) as (reader, writer):
            writer.write(ASK)
            await fake.arrivals.acquire()
            assert await _hung_up(idle.read())
            assert await _hung_up(http.sent(LAST))
            fake.gate.set()
            assert (await next_reply(reader)).status == 200


async def test_while_draining_each_reply_is_the_last_and_probes_say_not_ready(http: OverHttp, fake: FakeEngine):
    fake.gate = asyncio.Event()
    workers = WorkersConfig(drain_pause_seconds=0.2, drain_grace_seconds=20)
    async with line(http.port) as (reader, writer), line(http.port) as (idle, _):
        writer.write(ASK)
        await fake.arrivals.acquire()
        draining = asyncio.create_task(http.server.drain(workers))
        await asyncio.sleep(0)
        probe = await http.get("/readyz")
        assert (probe.status, probe.json["ready"], probe.headers["connection"]) == (503, False, "close")
        assert await idle.read() == b""
        with pytest.raises(OSError, match="Connect"):
            await http.get("/healthz")
        assert not draining.done()
        fake.gate.set()
        reply = await next_reply(reader)
        assert (reply.status, reply.headers["connection"]) == (200, "close")
        assert await reader.read() == b""
        await draining


async def test_what_takes_longer_than_the_grace_is_cut(http: OverHttp, fake: FakeEngine):
    fake.gate = asyncio.Event()
    async with line(http.port) as (reader, writer):
        writer.write(ASK)
        await fake.arrivals.acquire()
        await http.server.stop(0.01)
        assert await _hung_up(reader.read())
