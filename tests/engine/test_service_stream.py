"""DecideStream: side by side, told apart, one bad question never costs the others."""

from __future__ import annotations

import asyncio

import grpc
import pytest

from befit.v1.decide_pb2 import DecideRequest
from befit.v1.decision_pb2 import DecideStreamRequest, DecideStreamResponse
from engine.decision import Decision, Request
from engine.service.stream import MOST_AT_ONCE
from tests.engine.service_fakes import DECISION, FakeEngine, Served, all_ports, serving

PATH = "/befit.v1.DecisionService/DecideStream"


def _question(sequence: int, channel: str = "web") -> bytes:
    request = DecideRequest(customer_id=f"c{sequence}", channel=channel)
    return DecideStreamRequest(sequence=sequence, request=request).SerializeToString()


async def _all(served: Served, questions: list[bytes]) -> list[DecideStreamResponse]:
    call = served.channel.stream_stream(PATH, None, DecideStreamResponse.FromString)(iter(questions), timeout=20)
    return [answer async for answer in call]


async def test_every_question_is_answered_once_by_its_sequence():
    async with serving(all_ports(FakeEngine())) as served:
        answers = await _all(served, [_question(n) for n in range(300)])
    assert sorted(answer.sequence for answer in answers) == list(range(300))
    assert {answer.WhichOneof("answer") for answer in answers} == {"response"}


async def test_a_refused_question_is_answered_with_its_problem_and_the_stream_goes_on():
    async with serving(all_ports(FakeEngine())) as served:
        answers = await _all(served, [_question(1), _question(2, "fax"), _question(3)])
    found = {answer.sequence: answer for answer in answers}
    assert found[2].problem.field == "channel"
    assert found[1].response.decision_id == found[3].response.decision_id == DECISION.decision_id


async def test_a_message_that_cannot_be_read_ends_the_stream_in_plain_words():
    async with serving(all_ports(FakeEngine())) as served:
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await _all(served, [b"\xff\xff"])
    assert ended.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_slow_question_does_not_hold_up_the_others():
    gate = asyncio.Event()
    fake = _SlowForFirst(gate)
    async with serving(all_ports(fake)) as served:
        call = served.channel.stream_stream(PATH, None, DecideStreamResponse.FromString)(timeout=20)
        for sequence in (1, 2, 3):
            await call.write(_question(sequence))
        first, second = await call.read(), await call.read()
        assert {first.sequence, second.sequence} == {2, 3}
        gate.set()
        assert (await call.read()).sequence == 1
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF


async def test_only_so_many_questions_are_in_progress_at_once():
    fake = FakeEngine(gate=asyncio.Event())
    async with serving(all_ports(fake)) as served:
        call = served.channel.stream_stream(PATH, None, DecideStreamResponse.FromString)(timeout=20)
        for sequence in range(MOST_AT_ONCE + 20):
            await call.write(_question(sequence))
        for _ in range(MOST_AT_ONCE):
            await fake.arrivals.acquire()
        assert len(fake.asked) == MOST_AT_ONCE
        fake.gate.set()
        await call.done_writing()
        assert len([answer async for answer in call]) == MOST_AT_ONCE + 20


async def test_a_client_that_leaves_ends_what_it_asked_for():
    fake = _NotesCancelling(gate=asyncio.Event())
    async with serving(all_ports(fake)) as served:
        call = served.channel.stream_stream(PATH, None, DecideStreamResponse.FromString)(timeout=20)
        await call.write(_question(1))
        await fake.asked_first.wait()
        call.cancel()
        await asyncio.wait_for(fake.cancelled.wait(), 10)


class _SlowForFirst(FakeEngine):
    def __init__(self, gate: asyncio.Event) -> None:
        super().__init__()
        self._first = gate

    async def decide(self, request: Request, now: float) -> Decision:
        if request.customer.customer == "c1":
            await self._first.wait()
        return DECISION


class _NotesCancelling(FakeEngine):
    def __init__(self, gate: asyncio.Event) -> None:
        super().__init__(gate=gate)
        self.asked_first, self.cancelled = asyncio.Event(), asyncio.Event()

    async def decide(self, request: Request, now: float) -> Decision:
        self.asked_first.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return DECISION
