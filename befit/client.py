"""The client for programs that wait: one connection, usable from many threads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import methodcaller
from typing import Self, TypeVar, Unpack

import grpc
from google.protobuf.message import Message

from befit import calls
from befit.connection import CHANNEL_OPTIONS, Access, failure
from befit.decision import Decision, without_server
from befit.errors import Unanswered, Unreachable
from befit.items import CustomerFields, EventFields, OutcomeFields
from befit.operating import Operating
from befit.push import PATH, Messages, Paused
from befit.questions import DecideOptions
from befit.v1.customer_pb2 import GetCustomerResponse, PutCustomersResponse
from befit.v1.feedback_pb2 import Receipt
from befit.v1.push_pb2 import SubscribeResponse
from befit.v1.record_pb2 import DecisionRecord

R = TypeVar("R", bound=Message)
_SERIALIZE = methodcaller("SerializeToString")


class Client(Operating):
    """Asks a Befit server. Every method raises what `befit.errors` lists.

    `deadline_ms` is the time that a decision may take, `timeout_ms` the time for any other call. The first call
    also opens the connection: where that matters, call `wait_until_ready` before. Make it after a fork.
    """

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
        credentials = access.credentials
        self._channel = (
            grpc.secure_channel(address, credentials, CHANNEL_OPTIONS)
            if credentials
            else grpc.insecure_channel(address, CHANNEL_OPTIONS)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._channel.close()

    def wait_until_ready(self, seconds: float = 10.0) -> None:
        """Wait until the connection stands. Raises Unreachable when it does not within `seconds`."""
        try:
            grpc.channel_ready_future(self._channel).result(timeout=seconds)
        except grpc.FutureTimeoutError as error:
            raise Unreachable(f"no server within {seconds:g} s") from error

    def decide(
        self,
        customer_id: str,
        channel: str,
        *,
        fallback: Mapping[str, str] | None = None,
        deadline_ms: float | None = None,
        **options: Unpack[DecideOptions],
    ) -> Decision:
        """What befits the customer now. When no answer comes in time, it is `fallback` (placement to action id,
        "" = nothing), flagged as local; without a fallback, Unanswered is raised."""
        call = calls.decide(customer_id, channel, options)
        seconds = self._deadline if deadline_ms is None else deadline_ms / 1000
        try:
            return Decision(self.run(call, seconds))
        except Unanswered as error:
            return without_server(fallback, error)

    def get_decision(self, decision_id: str) -> DecisionRecord:
        """The logged record of a decision, with its full trace."""
        return self.run(calls.get_decision(decision_id)).record

    def record_outcomes(self, outcomes: Iterable[OutcomeFields]) -> tuple[Receipt, ...]:
        """Tell what came of decisions; one receipt per outcome, in order. Safe to repeat."""
        return tuple(receipt for call in calls.record_outcomes(outcomes) for receipt in self.run(call).receipts)

    def record_events(self, events: Iterable[EventFields]) -> tuple[Receipt, ...]:
        """Tell what happened at a touchpoint; one receipt per event, in order. Safe to repeat."""
        return tuple(receipt for call in calls.record_events(events) for receipt in self.run(call).receipts)

    def get_customer(self, customer_id: str, *, audience: str = "AGENT") -> GetCustomerResponse:
        """Everything that is known of the customer; the tier and what would lift it not for a CUSTOMER."""
        return self.run(calls.get_customer(customer_id, audience))

    def put_customers(self, customers: Iterable[CustomerFields]) -> PutCustomersResponse:
        """Write customers, any number of them, as one stream without a time limit."""
        stream = calls.CustomerStream(customers)
        method = calls.PUT_CUSTOMERS
        send = self._channel.stream_unary(method.path, _SERIALIZE, method.reply.FromString)
        try:
            reply: PutCustomersResponse = send(iter(stream), metadata=self._metadata)
        except grpc.RpcError as error:
            raise failure(error) from error
        stream.finish()
        return reply

    def link_identity(self, visitor_id: str, customer_id: str) -> bool:
        """Tell that a visitor is a customer; False when the visitor is another customer already."""
        return self.run(calls.link_identity(visitor_id, customer_id)).linked

    def erase_customer(self, customer_id: str) -> None:
        """Forget the customer."""
        self.run(calls.erase_customer(customer_id))

    def messages(self, channels: Sequence[str], *, in_flight: int = 10, paused: Paused | None = None) -> Messages:
        """What is to be sent over these outbound channels, as its time comes."""
        serialize, read = _SERIALIZE, SubscribeResponse.FromString
        stream = self._channel.stream_stream(PATH, serialize, read)
        return Messages(lambda said: stream(said, metadata=self._metadata), channels, in_flight, paused)

    def run(self, call: calls.Call[R], seconds: float | None = None) -> R:
        """The reply to any call that `befit.calls` makes."""
        send = self._channel.unary_unary(call.method.path, _SERIALIZE, call.method.reply.FromString)
        try:
            reply: R = send(call.request, timeout=seconds or self._timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise failure(error) from error
        return reply
