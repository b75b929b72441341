"""The corner shop behind a real server: everything but the process is what users run, the clock is the test's."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from befit.v1 import customer_pb2, decide_pb2, feedback_pb2
from engine.customers import Customers
from engine.decider import Decider, DeciderParts
from engine.feedback import Feedback
from engine.pauses.lifting import Pauses
from engine.service.ports import Ports
from engine.snapshot import Snapshot
from engine.store import Store
from tests.engine.company import NOW
from tests.engine.service_fakes import FakeEngine, Served, serving


@dataclass
class Clock:
    """What the server takes for now."""

    now: float = NOW


@dataclass
class Wired:
    """Asks the served company over gRPC. `snapshot` may be replaced, as a reload does."""

    snapshot: Snapshot
    clock: Clock = field(default_factory=Clock)
    served: Served | None = None

    async def call(self, method: str, request: Any, reply: Any) -> Any:
        assert self.served is not None
        return await self.served.call(method, request, reply)

    async def decide(self, customer: str = "anna", channel: str = "web", **fields: Any) -> Any:
        request = decide_pb2.DecideRequest(customer_id=customer, channel=channel, **fields)
        return await self.call("DecisionService/Decide", request, decide_pb2.DecideResponse)

    async def put(self, **profile: Any) -> Any:
        request = customer_pb2.PutCustomersRequest(customers=[customer_pb2.CustomerProfile(**profile)])
        assert self.served is not None
        put = self.served.channel.stream_unary(
            "/befit.v1.CustomerService/PutCustomers", None, customer_pb2.PutCustomersResponse.FromString
        )
        answer = await put(iter([request.SerializeToString()]), timeout=20)
        assert answer.written == 1, answer
        return answer

    async def get(self, customer: str = "anna", **fields: Any) -> Any:
        request = customer_pb2.GetCustomerRequest(customer_id=customer, **fields)
        return await self.call("CustomerService/GetCustomer", request, customer_pb2.GetCustomerResponse)

    async def tell(self, decision_id: str, type_: str, action: str, **fields: Any) -> Any:
        said = feedback_pb2.Outcome(
            outcome_id=f"{decision_id}:{type_}", decision_id=decision_id, type=type_, action_id=action, **fields
        )
        request = feedback_pb2.RecordOutcomesRequest(outcomes=[said])
        answer = await self.call("FeedbackService/RecordOutcomes", request, feedback_pb2.RecordOutcomesResponse)
        return answer.receipts[0]

    async def lift(self, **fields: Any) -> Any:
        request = customer_pb2.LiftPauseRequest(
            **{"customer_id": "anna", "lifted_by": "carol", "why": "asked", **fields}
        )
        return await self.call("CustomerService/LiftPause", request, customer_pb2.LiftPauseResponse)


@asynccontextmanager
async def wired(snapshot: Snapshot, store: Store, admin: FakeEngine | None = None) -> AsyncIterator[Wired]:
    """The company over a store, on a port of its own."""
    found = Wired(snapshot)
    numbers = itertools.count(1)
    parts = DeciderParts(
        store, lambda: found.snapshot, lambda: next(numbers), lambda: 0, lambda _: None, partitions=256
    )
    ports = Ports(
        policy=lambda: found.snapshot.policy.policy,
        clock=lambda: found.clock.now,
        deciding=Decider(parts),
        recording=Feedback(store, lambda: found.snapshot),
        customers=Customers(store, lambda: found.snapshot),
        admin=admin,
        pauses=Pauses(store.pauses, lambda: found.snapshot, lambda: next(numbers)),
    )
    async with serving(ports) as served:
        found.served = served
        yield found
