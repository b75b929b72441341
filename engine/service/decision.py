"""DecisionService on the wire: reads the question, asks for a decision, encodes the answer.

A decision that fails or takes too long is answered with the policy's fallbacks, because a caller with a customer on
the line needs an answer more than a status. Cost beside the decision itself: about 25 us.
"""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from befit.v1.decide_pb2 import DecideRequest
from befit.v1.decision_pb2 import DecideStreamRequest, GetDecisionRequest, GetDecisionResponse
from engine.decision import Decision, Request
from engine.declared import Declared
from engine.ids import partition_of
from engine.refusal import Refusal, RefusalKind
from engine.service.calls import Answer, Caller, Calls, Limits, Method, Unary, UnforeseenError, contained, tenant_of
from engine.service.ports import Ports
from engine.service.stream import decide_stream
from engine.store import StoreUnavailable
from engine.wire.decision import DecisionEncoder
from engine.wire.record import record_message
from engine.wire.request import read_request
from rules.policy import Policy

NAME = "befit.v1.DecisionService"
_NO_ID = Refusal("id-invalid", "must be a decision id", "decision_id")
_UNKNOWN = Refusal("decision-unknown", "no decision of this id is kept", "decision_id", RefusalKind.NOT_FOUND)


class DecisionService:
    """Answers the methods of DecisionService; a decision gets `limits.seconds`, then the fallbacks are answered."""

    def __init__(self, ports: Ports, calls: Calls, limits: Limits) -> None:
        self._ports = ports
        self._calls = calls
        self._limits = limits
        self._encoder = DecisionEncoder()
        self._policy: Policy | None = None
        self._declared = Declared({}, None, {})

    def handler(self) -> grpc.GenericRpcHandler:
        """The service for a server."""
        questions = Method("DecideStream", DecideStreamRequest, self._limits.most_bytes, None)
        streams = {"DecideStream": decide_stream(self._calls, questions, self.decide)}
        return grpc.method_handlers_generic_handler(NAME, self._calls.unaries(self.unaries()) | streams)

    def unaries(self) -> tuple[Unary[Any], ...]:
        """The methods that take one message and give one."""
        most = self._limits.most_bytes
        decide = Unary(Method("Decide", DecideRequest, most, None), self.decide)
        if self._ports.recalling is None:
            return (decide,)
        return decide, Unary(Method("GetDecision", GetDecisionRequest, most, self._limits.seconds), self.get_decision)

    async def decide(self, wire: DecideRequest, context: Caller) -> Answer:
        """The answer to one question."""
        request = read_request(wire, self._declared_now(), tenant_of(context))
        if isinstance(request, Refusal):
            return request
        decision = await self._decided(request, _seconds(self._limits.seconds, context))
        if isinstance(decision, Refusal):
            return decision
        return self._encoder.encode(decision, request.audience)

    async def get_decision(self, wire: GetDecisionRequest, context: Caller) -> Answer:
        """The logged record of a decision."""
        del context
        if partition_of(wire.decision_id) is None:
            return _NO_ID
        assert self._ports.recalling is not None
        recalled = await self._ports.recalling.get_decision(wire.decision_id)
        if recalled is None:
            return _UNKNOWN
        return GetDecisionResponse(record=record_message(recalled, self._encoder)).SerializeToString()

    def _declared_now(self) -> Declared:
        policy = self._ports.policy()
        if policy is not self._policy:
            self._policy, self._declared = policy, Declared.of(policy)
        return self._declared

    async def _decided(self, request: Request, seconds: float) -> Decision | Refusal:
        now = self._ports.clock()
        try:
            async with asyncio.timeout(seconds):
                return await contained(self._ports.deciding.decide(request, now))
        except UnforeseenError as met:
            self._calls.note_unforeseen("Decide", met)
        except (StoreUnavailable, TimeoutError):
            self._calls.counts.add("befit_unforeseen", ("Decide",))
        return self._ports.deciding.fallback(request, now)


def _seconds(most: float, caller: Caller) -> float:
    """How long a decision may take: the caller's deadline, where it is sooner than the server's own limit."""
    remaining = caller.time_remaining()
    return most if remaining is None else min(most, remaining)
