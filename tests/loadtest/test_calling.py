"""Calls at an even pace: every one is sent, every one is noted, waiting is charged from when it was due."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections import Counter

import pytest

from befit.v1.decide_pb2 import DecideRequest
from engine.decision import Decision, Request
from engine.refusal import Refusal, RefusalKind
from loadtest.calling import Caller, NobodyAnswers, Noted, Pace
from loadtest.clients import paces
from loadtest.scenario import read
from loadtest.ticker import Ticker
from tests.engine.service_fakes import DECISION, FakeEngine, all_ports, serving

QUESTION = DecideRequest(customer_id="c1", channel="web").SerializeToString()


async def _called(fake: FakeEngine, pace: Pace) -> Noted:
    async with serving(all_ports(fake)) as served:
        return await Caller(served.address, 2, [QUESTION], pace).run()


def _pace(calls: int, rate: float = 1000, concurrency: int = 0, measured: float = 0.0) -> Pace:
    start = time.monotonic() + 0.1
    return Pace(start, start + measured, start + calls / rate, rate, concurrency, deadline=20)


async def test_an_open_loop_sends_exactly_the_calls_that_are_due():
    fake = FakeEngine()
    noted = await _called(fake, _pace(calls=150))
    assert len(fake.asked) == len(noted.latencies) == len(noted.late) == 150
    assert noted.statuses == {"OK": 150}


async def test_a_server_that_is_away_ends_the_measurement_instead_of_waiting_for_it():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(NobodyAnswers):
            await Caller(address, 1, [QUESTION], _pace(calls=1)).run(patience=0.05)


async def test_calls_of_the_warm_up_are_sent_but_not_noted():
    fake = FakeEngine()
    noted = await _called(fake, _pace(calls=100, measured=0.0499))
    assert len(fake.asked) == 100
    assert len(noted.late) == 50


async def test_a_call_is_charged_from_when_it_was_due_not_from_when_it_was_sent():
    start = time.monotonic() - 1.0
    noted = await _called(FakeEngine(), Pace(start, start, start + 0.5, rate=100, concurrency=0, deadline=20))
    assert len(noted.latencies) == 50
    assert max(noted.latencies) >= max(noted.late) >= 1.0
    assert min(noted.latencies) >= 0.5


async def test_who_waits_for_a_stalled_server_is_noted_with_all_the_wait():
    fake = FakeEngine(gate=asyncio.Event())
    calling = asyncio.create_task(_called(fake, _pace(calls=50)))
    for _ in range(50):
        await fake.arrivals.acquire()
    fake.gate.set()
    assert max((await calling).latencies) >= 0.049


async def test_a_closed_loop_asks_again_only_after_the_answer():
    fake = _CountsTogether()
    noted = await _called(fake, _pace(calls=100, concurrency=3))
    assert fake.most <= 3
    assert noted.statuses["OK"] == len(fake.asked)


async def test_calls_that_fail_are_counted_by_status_and_have_no_latency():
    refusal = Refusal("x", "x", kind=RefusalKind.UNAVAILABLE)
    noted = await _called(FakeEngine(decides=lambda _: refusal), _pace(calls=20))
    assert (noted.statuses, noted.latencies) == ({"UNAVAILABLE": 20}, [])


async def test_degraded_answers_are_counted_by_what_was_missing():
    noted = await _called(FakeEngine(fails=RuntimeError("x")), _pace(calls=10))
    assert noted.degraded == {"COMMIT_UNKNOWN": 10}


def test_what_one_process_noted_is_added_to_what_another_did():
    noted = Noted([0.1], [0.0], Counter({"OK": 1}), Counter({"MODEL_MISSING": 1}))
    noted.add(json.loads(json.dumps(noted.plain())))
    assert noted == Noted([0.1, 0.1], [0.0, 0.0], Counter({"OK": 2}), Counter({"MODEL_MISSING": 2}))


async def test_a_ticker_that_starts_late_tells_all_that_is_due_at_once():
    told: asyncio.Queue[int] = asyncio.Queue()
    ticker = Ticker(time.monotonic() - 1.0, 0.1, told.put_nowait)
    assert await told.get() >= 10
    ticker.stop()


@pytest.mark.parametrize("clients", [1, 2, 4])
def test_arrivals_of_all_clients_together_are_even(clients: int):
    said = {"says": "", "mix": [{"channel": "web"}], "rate": 100, "clients": clients, "connections": clients}
    due = sorted(
        pace.start + call / pace.rate for pace in paces(read("x", said), start=5.0) for call in range(100 // clients)
    )
    assert due == pytest.approx([5.0 + call / 100 for call in range(100)])


class _CountsTogether(FakeEngine):
    """Notes how many decisions were ever in progress at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    async def decide(self, request: Request, now: float) -> Decision | Refusal:
        self.asked.append(request)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        return DECISION
