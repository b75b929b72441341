"""AdminService's part that tries a change out, on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from befit.v1 import admin_pb2
from befit.v1.decide_pb2 import DecideResponse
from engine.decision import Decision, Request
from engine.declared import Declared
from engine.refusal import Refusal
from engine.service.calls import Answer, Caller, Limits, Method, Unary, tenant_of
from engine.service.ports import Ports
from engine.simulation.trial import Change, Decided, Tried
from engine.wire.activation import problem_of
from engine.wire.codec import problem_message
from engine.wire.decision import DecisionEncoder
from engine.wire.request import plain_refusal, read_request

MAX_REQUESTS = 1000
MAX_PATH = 1024
MAX_NOW = 253_402_300_800.0
"""s: the first moment that no calendar has."""
SECONDS = 120.0
"""For a trial: a process of its own, compiling, loading a model, deciding."""

_COUNT = Refusal("requests-count", f"must have 1 to {MAX_REQUESTS:,} entries", "requests")
_NOW = Refusal("time-invalid", "must lie within the years 1970 to 9999", "now")
Asked = Request | Refusal


class SimulationMethods:
    """The method of AdminService that tries a change out."""

    def __init__(self, ports: Ports, limits: Limits) -> None:
        self._ports = ports
        self._limits = limits
        self._encoder = DecisionEncoder()

    def unaries(self) -> tuple[Unary[Any], ...]:
        """The method."""
        method = Method("Simulate", admin_pb2.SimulateRequest, self._limits.bulk_bytes, SECONDS)
        return (Unary(method, self.simulate),)

    async def simulate(self, wire: admin_pb2.SimulateRequest, context: Caller) -> Answer:
        """Decide again under a change; a question that does not hold is refused alone."""
        assert self._ports.simulating is not None
        refusal = plain_refusal(wire.bundle, "bundle", MAX_PATH)
        if not 1 <= len(wire.requests) <= MAX_REQUESTS:
            refusal = _COUNT
        now = wire.now.seconds + wire.now.nanos / 1e9 if wire.HasField("now") else self._ports.clock()
        if not 0.0 <= now < MAX_NOW:
            refusal = _NOW
        if refusal:
            return refusal
        declared = Declared.of(self._ports.policy())
        asked = [read_request(one, declared, tenant_of(context)) for one in wire.requests]
        change = Change(wire.policy_yaml.encode(), wire.bundle)
        tried = await self._ports.simulating.simulate(change, [one for one in asked if isinstance(one, Request)], now)
        return tried if isinstance(tried, Refusal) else self._message(wire, asked, tried).SerializeToString()

    def _message(
        self, wire: admin_pb2.SimulateRequest, asked: Sequence[Asked], tried: Tried
    ) -> admin_pb2.SimulateResponse:
        if tried.problems or tried.bundle_refused:
            problems = map(problem_of, tried.problems)
            return admin_pb2.SimulateResponse(problems=problems, bundle_refused=tried.bundle_refused)
        decided = [one for one in tried.decided if isinstance(one, Decided)]
        coming = iter(tried.decided)
        found = [(one, one if isinstance(one, Refusal) else next(coming)) for one in asked]
        names = [one.customer_id for one in wire.requests]
        return admin_pb2.SimulateResponse(
            decisions=[self._one(name, *both) for name, both in zip(names, found, strict=True)],
            changed=sum(one.changed for one in decided),
            priority_before=sum(one.priority_before for one in decided),
            priority_after=sum(one.priority_after for one in decided),
        )

    def _one(self, customer: str, asked: Asked, found: Decided | str | Refusal) -> admin_pb2.SimulatedDecision:
        if isinstance(found, str):
            found = Refusal("cannot-be-asked", f"names {found}")
        if isinstance(found, Refusal) or isinstance(asked, Refusal):
            refused = found if isinstance(found, Refusal) else asked
            assert isinstance(refused, Refusal)
            return admin_pb2.SimulatedDecision(customer_id=customer, problem=problem_message(refused))
        return admin_pb2.SimulatedDecision(
            customer_id=customer,
            before=self._answer(found.before, asked),
            after=self._answer(found.after, asked),
            changed=found.changed,
        )

    def _answer(self, decision: Decision, asked: Request) -> DecideResponse:
        return DecideResponse.FromString(self._encoder.encode(decision, asked.audience))
