"""The client for asyncio: the calls of `befit.client`, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from operator import methodcaller
from typing import Self, TypeVar, Unpack

import grpc
import grpc.aio
from google.protobuf.message import Message

from befit import calls
from befit.async_push import Messages
from befit.connection import CHANNEL_OPTIONS, Access, failure
from befit.decision import Decision, without_server
from befit.errors import Unanswered, Unreachable
from befit.items import CustomerFields, EventFields, OutcomeFields
from befit.push import PATH, Paused
from befit.questions import DecideOptions
from befit.v1.admin_pb2 import ActivateResponse, GetStatusResponse, SimulateRequest, SimulateResponse
from befit.v1.alert_pb2 import Alert
from befit.v1.customer_pb2 import GetCustomerResponse, PutCustomersResponse
from befit.v1.feedback_pb2 import Receipt
from befit.v1.parked_pb2 import ParkedOutcome
from befit.v1.push_pb2 import SubscribeResponse
from befit.v1.record_pb2 import DecisionRecord

R = TypeVar("R", bound=Message)
_SERIALIZE = methodcaller("SerializeToString")


class AsyncClient:
    """As Client, for one event loop: make it inside the loop that uses it. Every method is told there."""

    def __init__(
        self,
        address: str = "127.0.0.1:50051",
        *,
        access: Access | None = None,
        deadline_ms: float = 50.0,
        timeout_ms: float = 10_000.0,
    ) -> None:
        access = access or Access()
        self._deadline = deadline_ms / 1000
        self._timeout = timeout_ms / 1000
        self._metadata = access.metadata
        self._channel = _channel(address, access)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._channel.close()

    async def wait_until_ready(self, seconds: float = 10.0) -> None:
        try:
            await asyncio.wait_for(self._channel.channel_ready(), seconds)
        except TimeoutError as error:
            raise Unreachable(f"no server within {seconds:g} s") from error

    async def decide(
        self,
        customer_id: str,
        channel: str,
        *,
        fallback: Mapping[str, str] | None = None,
        deadline_ms: float | None = None,
        **options: Unpack[DecideOptions],
    ) -> Decision:
        call = calls.decide(customer_id, channel, options)
        seconds = self._deadline if deadline_ms is None else deadline_ms / 1000
        try:
            return Decision(await self.run(call, seconds))
        except Unanswered as error:
            return without_server(fallback, error)

    async def get_decision(self, decision_id: str) -> DecisionRecord:
        return (await self.run(calls.get_decision(decision_id))).record

    async def record_outcomes(self, outcomes: Iterable[OutcomeFields]) -> tuple[Receipt, ...]:
        replies = [await self.run(call) for call in calls.record_outcomes(outcomes)]
        return tuple(receipt for reply in replies for receipt in reply.receipts)

    async def record_events(self, events: Iterable[EventFields]) -> tuple[Receipt, ...]:
        replies = [await self.run(call) for call in calls.record_events(events)]
        return tuple(receipt for reply in replies for receipt in reply.receipts)

    async def get_customer(self, customer_id: str, *, audience: str = "AGENT") -> GetCustomerResponse:
        return await self.run(calls.get_customer(customer_id, audience))

    async def put_customers(self, customers: Iterable[CustomerFields]) -> PutCustomersResponse:
        stream = calls.CustomerStream(customers)
        method = calls.PUT_CUSTOMERS
        send = self._channel.stream_unary(method.path, _SERIALIZE, method.reply.FromString)
        try:
            reply: PutCustomersResponse = await send(iter(stream), metadata=self._metadata)
        except grpc.RpcError as error:
            raise failure(error) from error
        stream.finish()
        return reply

    async def link_identity(self, visitor_id: str, customer_id: str) -> bool:
        return (await self.run(calls.link_identity(visitor_id, customer_id))).linked

    async def erase_customer(self, customer_id: str) -> None:
        await self.run(calls.erase_customer(customer_id))

    async def status(self) -> GetStatusResponse:
        return await self.run(calls.status())

    async def stop_action(self, action_id: str, stopped: bool = True, *, reason: str = "") -> tuple[str, ...]:
        return tuple((await self.run(calls.stop_action(action_id, stopped, reason))).stopped_actions)

    async def activate(
        self, bundle: str = "", *, reload_policy: bool = False, dry_run: bool = False
    ) -> ActivateResponse:
        return await self.run(calls.activate(bundle, reload_policy, dry_run))

    async def alerts(self, *, resolved: bool = False, limit: int = 100) -> tuple[Alert, ...]:
        return tuple((await self.run(calls.list_alerts(resolved, limit))).alerts)

    async def resolve_alert(self, alert_id: str, by: str, *, note: str = "") -> Alert:
        return (await self.run(calls.resolve_alert(alert_id, by, note))).alert

    async def parked_outcomes(self, *, waiting: bool = False, limit: int = 100) -> tuple[ParkedOutcome, ...]:
        return tuple((await self.run(calls.list_parked(waiting, limit))).outcomes)

    async def retry_outcome(self, outcome_id: str) -> None:
        await self.run(calls.retry_outcome(outcome_id))

    async def simulate(self, request: SimulateRequest) -> SimulateResponse:
        return await self.run(calls.simulate(request))

    def messages(self, channels: Sequence[str], *, in_flight: int = 10, paused: Paused | None = None) -> Messages:
        stream = self._channel.stream_stream(PATH, _SERIALIZE, SubscribeResponse.FromString)
        return Messages(lambda said: stream(said, metadata=self._metadata), channels, in_flight, paused)

    async def run(self, call: calls.Call[R], seconds: float | None = None) -> R:
        send = self._channel.unary_unary(call.method.path, _SERIALIZE, call.method.reply.FromString)
        try:
            reply: R = await send(call.request, timeout=seconds or self._timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise failure(error) from error
        return reply


def _channel(address: str, access: Access) -> grpc.aio.Channel:
    if access.credentials:
        return grpc.aio.secure_channel(address, access.credentials, CHANNEL_OPTIONS)
    return grpc.aio.insecure_channel(address, CHANNEL_OPTIONS)
