"""A server that stops sends its subscribers on at once; they begin again elsewhere and lose no report."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from befit import AsyncClient, Client, Unreachable
from befit.v1 import push_pb2
from engine.config import ListenConfig, WorkersConfig
from engine.counts import Counts
from engine.service.admin import ThisWorker
from engine.service.calls import Calls
from engine.service.server import Server
from tests.engine.company import ANNA, NOW
from tests.engine.test_service_push import Sender
from tests.engine.test_triggers import pushes

AT_ONCE = WorkersConfig(drain_pause_seconds=0, drain_grace_seconds=600)
"""A subscriber that is not sent on holds this up for ten minutes."""
SUBSCRIBE = push_pb2.SubscribeRequest(subscription=push_pb2.Subscription(channels=["push"]))


@dataclass
class Served:
    server: Server
    port: int

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def drain(self) -> None:
        await asyncio.wait_for(self.server.drain(AT_ONCE), 60)


@contextlib.asynccontextmanager
async def worker(sender: Sender, port: int = 0) -> AsyncIterator[Served]:
    server = Server(sender.ports, Calls(Counts()), ListenConfig(), ThisWorker("1", 1, NOW))
    try:
        yield Served(server, await server.start("127.0.0.1", port))
    finally:
        await server.stop(0)


@contextlib.asynccontextmanager
async def subscribed(address: str, *, silent: bool = False) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(address) as channel:
        call = channel.stream_stream(
            "/befit.v1.PushService/Subscribe",
            push_pb2.SubscribeRequest.SerializeToString,
            push_pb2.SubscribeResponse.FromString,
        )()
        if not silent:
            await call.write(SUBSCRIBE)
        yield call


def report(message: push_pb2.PushMessage, customer: str = "") -> push_pb2.SubscribeRequest:
    said = push_pb2.PushReport(message_id=message.message_id, customer_id=customer, result=push_pb2.PUSH_RESULT_SENT)
    return push_pb2.SubscribeRequest(report=said)


@pytest.fixture
async def sender(monkeypatch: pytest.MonkeyPatch) -> Sender:
    monkeypatch.setattr("engine.service.push.tenant_of", lambda _: ANNA.tenant)
    return Sender()


async def test_a_waiting_subscriber_is_sent_on_at_once_when_the_server_stops(sender):
    async with worker(sender) as served, subscribed(served.address) as call:
        await call.initial_metadata()
        await served.drain()
        assert (await call.code(), await call.details()) == (
            grpc.StatusCode.UNAVAILABLE,
            "the server stops; subscribe again",
        )


async def test_a_stream_on_which_nothing_was_said_holds_no_stop_up(sender):
    async with (
        worker(sender) as served,
        subscribed(served.address, silent=True) as call,
        subscribed(served.address) as other,
    ):
        await other.initial_metadata()
        await served.drain()
        assert await call.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_server_that_stops_waits_for_the_report_of_what_it_handed_out(sender):
    await sender.due()
    async with worker(sender) as served, subscribed(served.address) as call:
        message = (await call.read()).message
        stopping = asyncio.create_task(served.drain())
        await served.server.health.enter_graceful_shutdown()
        await call.write(report(message))
        await stopping
        assert await call.code() is grpc.StatusCode.UNAVAILABLE
    assert [one.became for one in pushes(sender.shop)] == ["sent"]


async def test_what_one_stream_handed_out_is_reported_on_another_that_names_the_customer(sender):
    await sender.due()
    async with worker(sender) as served:
        async with subscribed(served.address) as first:
            message = (await first.read()).message
        async with subscribed(served.address) as second:
            for _ in range(2):
                await second.write(report(message, message.customer_id))
            await second.done_writing()
            assert await second.code() is grpc.StatusCode.OK
    assert [one.became for one in pushes(sender.shop)] == ["sent"]


async def test_a_report_of_a_message_that_is_none_is_refused(sender):
    async with worker(sender) as served, subscribed(served.address) as call:
        await call.write(report(push_pb2.PushMessage(message_id="made:up")))
        assert await call.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_client_goes_on_with_another_server_and_says_again_what_it_said_last(sender):
    paused: list[str] = []
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()

    def take(address: str) -> list[str]:
        with Client(address) as client:
            messages = client.messages(["push"], paused=lambda why: paused.append(type(why).__name__))
            found = []
            for message in messages:
                found.append(message.message_id)
                messages.sent(message)
                loop.call_soon_threadsafe(ready.set)
                if len(found) == 2:
                    messages.finish()
            return found

    async with worker(sender) as first:
        await sender.due()
        taking = asyncio.create_task(asyncio.to_thread(take, first.address))
        await asyncio.wait_for(ready.wait(), 20)
        async with worker(sender, first.port):
            await first.drain()
            await sender.shop.happens("basket", change="abandoned", at=sender.now)
            sender.now += 3600
            await sender.shop.dispatch.run(sender.now)
            assert await asyncio.wait_for(taking, 30) == ["abandoned:e1", "abandoned:e2"]
    assert set(paused) == {"Unreachable"}
    assert [one.became for one in pushes(sender.shop)] == ["sent", "sent"]


async def test_the_asynchronous_client_goes_on_too(sender):
    async with worker(sender) as first, AsyncClient(first.address) as client:
        messages = client.messages(["push"])
        coming = asyncio.create_task(anext(aiter(messages)))
        async with worker(sender, first.port):
            await first.drain()
            await sender.due()
            assert (await asyncio.wait_for(coming, 30)).customer_id == "anna"
            messages.close()


async def test_a_client_that_reaches_nobody_from_the_first_says_so(sender):
    async with worker(sender) as served:
        gone = served.address

    def take() -> None:
        with Client(gone) as client:
            next(iter(client.messages(["push"])))

    with pytest.raises(Unreachable):
        await asyncio.to_thread(take)
    async with AsyncClient(gone) as client:
        with pytest.raises(Unreachable):
            await anext(aiter(client.messages(["push"])))
