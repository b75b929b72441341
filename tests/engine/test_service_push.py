"""Those who send subscribe to a stream: messages come as their time does, and are reported on the same stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import grpc
import pytest

from befit import AsyncClient, Client, InvalidRequest
from befit.v1 import push_pb2
from engine.cli import push as command
from engine.service.ports import Ports
from tests.engine.company import NOW
from tests.engine.service_fakes import serving
from tests.engine.test_triggers import AFTER, pushes
from tests.engine.test_webhook import Duty
from tests.engine.triggered import TriggeredCompany, triggering


class Sender:
    """A company behind a server, whose clock is the test's."""

    def __init__(self) -> None:
        self.shop = TriggeredCompany(triggering())
        self.now = NOW
        self.ports = Ports(
            policy=lambda: self.shop.snapshot.policy.policy,
            clock=lambda: self.now,
            deciding=self.shop.decider,
            pushing=self.shop.sending,
        )

    async def due(self, change: str = "abandoned") -> None:
        await self.shop.happens("basket", change=change)
        self.now = AFTER
        await self.shop.dispatch.run(AFTER)


@pytest.fixture
async def sender() -> AsyncIterator[tuple[Sender, str]]:
    sender = Sender()
    async with serving(sender.ports) as served:
        yield sender, served.address


def taken(address: str, say: str, channels=("push",)) -> dict[str, str]:
    """The first message, after saying what became of it."""
    with Client(address) as client:
        messages = client.messages(channels)
        message = next(iter(messages))
        getattr(messages, say)(message)
        messages.finish()
        return {
            "id": message.message_id,
            "to": message.customer_id,
            "trigger": message.trigger,
            "decision": message.decision_id,
            "title": message.content["title"],
        }


async def test_a_message_is_handed_out_and_reported_as_sent(sender):
    at_work, address = sender
    await at_work.due()
    found = await asyncio.to_thread(taken, address, "sent")
    assert (found["id"], found["to"], found["trigger"]) == ("abandoned:e1", "anna", "abandoned")
    assert found["title"]
    assert found["decision"]
    (record,) = pushes(at_work.shop)
    assert (record.became, record.decision_id) == ("sent", found["decision"])


@pytest.mark.parametrize(("say", "became"), [("failed", []), ("undeliverable", ["undeliverable"])])
async def test_what_is_not_sent_comes_again_or_ends(sender, say, became):
    at_work, address = sender
    await at_work.due()
    await asyncio.to_thread(taken, address, say)
    assert [one.became for one in pushes(at_work.shop)] == became
    assert bool(await at_work.shop.take(AFTER + 3600)) == (say == "failed")


async def test_what_becomes_due_later_reaches_a_subscriber_that_waits(sender):
    at_work, address = sender
    waiting = asyncio.create_task(asyncio.to_thread(taken, address, "sent"))
    await at_work.due()
    assert (await asyncio.wait_for(waiting, 20))["to"] == "anna"


async def test_the_asynchronous_client_takes_and_reports_too(sender):
    at_work, address = sender
    await at_work.due()
    async with AsyncClient(address) as client:
        messages = client.messages(["push"])
        async for message in messages:
            messages.sent(message)
            break
        await messages.finish()
    assert [one.became for one in pushes(at_work.shop)] == ["sent"]


async def test_no_more_than_asked_is_handed_out_before_it_is_reported(sender):
    at_work, address = sender
    await at_work.due()
    async with grpc.aio.insecure_channel(address) as channel:
        call = channel.stream_stream(
            "/befit.v1.PushService/Subscribe",
            push_pb2.SubscribeRequest.SerializeToString,
            push_pb2.SubscribeResponse.FromString,
        )()
        wanted = push_pb2.Subscription(channels=["push"], in_flight=1)
        await call.write(push_pb2.SubscribeRequest(subscription=wanted))
        assert (await call.read()).message.customer_id == "anna"
        call.cancel()


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (push_pb2.SubscribeRequest(report=push_pb2.PushReport(message_id="x")), "subscription"),
        (push_pb2.SubscribeRequest(subscription=push_pb2.Subscription()), "channels"),
        (push_pb2.SubscribeRequest(subscription=push_pb2.Subscription(channels=["web"])), "channels"),
        (push_pb2.SubscribeRequest(subscription=push_pb2.Subscription(channels=["push"], in_flight=1001)), "in_flight"),
    ],
)
async def test_a_subscription_that_does_not_hold_is_refused_with_the_field(sender, request_, field):
    _, address = sender

    def subscribe() -> None:
        with Client(address) as client:
            messages = client.messages(["push"])
            messages.close()
            stream = client._channel.stream_stream("/befit.v1.PushService/Subscribe")
            for _ in stream(iter([request_.SerializeToString()])):
                return

    with pytest.raises(grpc.RpcError) as refused:
        await asyncio.to_thread(subscribe)
    assert field in refused.value.details()


async def test_the_client_tells_of_a_channel_that_is_none(sender):
    _, address = sender

    def subscribe() -> None:
        with Client(address) as client:
            next(iter(client.messages(["letter"])))

    with pytest.raises(InvalidRequest) as refused:
        await asyncio.to_thread(subscribe)
    assert refused.value.field == "channels"


def send(address: str, to: str) -> None:
    """Send one message as the command does."""
    with Client(address) as client:
        command.Sender(client, ["push"], to).send(1)


async def test_the_example_worker_prints_or_posts_and_ends(sender, capsys):
    at_work, address = sender
    desk = Duty(503, 200)
    server = await asyncio.start_server(desk.answer, "127.0.0.1", 0)
    to = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/push"
    await at_work.due()
    async with server:
        await asyncio.to_thread(send, address, to)
        assert pushes(at_work.shop) == []
        at_work.now += 60
        await asyncio.to_thread(send, address, to)
    assert [one.became for one in pushes(at_work.shop)] == ["sent"]
    assert len(desk.bodies) == 2
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line]
    assert json.loads(line)["customer_id"] == "anna"


async def test_the_example_worker_that_is_stopped_while_it_sends_reports_that_first(sender, monkeypatch):
    at_work, address = sender
    await at_work.due()

    def post(*_: object) -> bool:
        worker.stop()
        return True

    with Client(address) as client:
        worker = command.Sender(client, ["push"], "http://desk.example")
        monkeypatch.setattr(command, "taken_by", post)
        assert await asyncio.wait_for(asyncio.to_thread(worker.send), 20) == 1
    assert [one.became for one in pushes(at_work.shop)] == ["sent"]


async def test_the_example_worker_that_is_stopped_while_it_waits_ends(sender):
    _, address = sender
    with Client(address) as client:
        worker = command.Sender(client, ["push"], "")
        sending = asyncio.create_task(asyncio.to_thread(worker.send))
        worker.stop()
        assert await asyncio.wait_for(sending, 20) == 0
