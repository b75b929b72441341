"""The methods of AdminService that are about outcomes whose decisions are not known."""

from __future__ import annotations

from typing import Any

from befit.v1 import parked_pb2
from engine.refusal import Refusal, RefusalKind
from engine.service.calls import Answer, Caller, Limits, Method, Unary
from engine.service.ports import Clock, Parking
from engine.wire.alert import LISTED, MAX_LISTED
from engine.wire.parked import parked_message
from engine.wire.request import id_refusal

_UNKNOWN = Refusal("outcome-unknown", "must be the id of a parked outcome", "outcome_id", RefusalKind.NOT_FOUND)
_TOO_MANY = Refusal("too-many", f"must be at most {MAX_LISTED}", "limit")


class ParkedMethods:
    """Lists parked outcomes and lets them be tried again."""

    def __init__(self, parking: Parking, clock: Clock, limits: Limits) -> None:
        self._parking = parking
        self._clock = clock
        self._limits = limits

    def unaries(self) -> tuple[Unary[Any], ...]:
        """The methods."""
        most, seconds = self._limits.most_bytes, self._limits.seconds
        listed = Method("ListParkedOutcomes", parked_pb2.ListParkedOutcomesRequest, most, seconds)
        retried = Method("RetryOutcome", parked_pb2.RetryOutcomeRequest, most, seconds)
        return Unary(listed, self.list_parked), Unary(retried, self.retry)

    async def list_parked(self, wire: parked_pb2.ListParkedOutcomesRequest, context: Caller) -> Answer:
        """Those put aside, or those that wait."""
        del context
        if wire.limit > MAX_LISTED:
            return _TOO_MANY
        found = await self._parking.newest(aside=not wire.waiting, most=wire.limit or LISTED)
        return parked_pb2.ListParkedOutcomesResponse(outcomes=map(parked_message, found)).SerializeToString()

    async def retry(self, wire: parked_pb2.RetryOutcomeRequest, context: Caller) -> Answer:
        """Let one wait for its decision anew."""
        del context
        if refusal := id_refusal(wire.outcome_id, "outcome_id"):
            return refusal
        if not await self._parking.retry(wire.outcome_id, self._clock()):
            return _UNKNOWN
        return parked_pb2.RetryOutcomeResponse().SerializeToString()
