"""FeedbackService on the wire: every item is answered for itself; a bad one never costs a good one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import grpc

from befit.v1.feedback_pb2 import (
    RecordEventsRequest,
    RecordEventsResponse,
    RecordOutcomesRequest,
    RecordOutcomesResponse,
)
from engine.outcome import Verdict
from engine.service.calls import Answer, Caller, Calls, Limits, Method, Unary, tenant_of
from engine.service.ports import Ports
from engine.wire.items import count_refusal, merged, read_event, read_outcome, receipt, split

NAME = "befit.v1.FeedbackService"


class FeedbackService:
    """Answers the methods of FeedbackService that the ports allow."""

    def __init__(self, ports: Ports, calls: Calls, limits: Limits) -> None:
        self._ports = ports
        self._calls = calls
        self._limits = limits

    def handler(self) -> grpc.GenericRpcHandler:
        """The service for a server."""
        return grpc.method_handlers_generic_handler(NAME, self._calls.unaries(self.unaries()))

    def unaries(self) -> tuple[Unary[Any], ...]:
        """The methods."""
        most, seconds = self._limits.bulk_bytes, self._limits.bulk_seconds
        methods: list[Unary[Any]] = []
        if self._ports.recording is not None:
            outcomes = Method("RecordOutcomes", RecordOutcomesRequest, most, seconds)
            methods.append(Unary(outcomes, self.record_outcomes))
        if self._ports.events is not None:
            methods.append(Unary(Method("RecordEvents", RecordEventsRequest, most, seconds), self.record_events))
        return tuple(methods)

    async def record_outcomes(self, wire: RecordOutcomesRequest, context: Caller) -> Answer:
        """One receipt per outcome."""
        del context
        assert self._ports.recording is not None
        if refusal := count_refusal(wire.outcomes, "outcomes"):
            return refusal
        outcomes, refused = split(map(read_outcome, wire.outcomes))
        verdicts = await self._ports.recording.record(outcomes, self._ports.clock()) if outcomes else ()
        answered = merged([outcome.outcome_id for outcome in wire.outcomes], refused, verdicts)
        self._count("outcome", answered)
        return RecordOutcomesResponse(receipts=map(receipt, answered)).SerializeToString()

    async def record_events(self, wire: RecordEventsRequest, context: Caller) -> Answer:
        """One receipt per event."""
        assert self._ports.events is not None
        if refusal := count_refusal(wire.events, "events"):
            return refusal
        tenant = tenant_of(context)
        events, refused = split(read_event(event, tenant) for event in wire.events)
        verdicts = await self._ports.events.record_events(events, self._ports.clock()) if events else ()
        answered = merged([event.event_id for event in wire.events], refused, verdicts)
        self._count("event", answered)
        return RecordEventsResponse(receipts=map(receipt, answered)).SerializeToString()

    def _count(self, what: str, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            self._calls.counts.add("befit_receipts", (what, verdict.disposition.value))
