"""A server in the test's own loop over ports that answer what the test tells them to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import Message
from msgspec import structs

from befit.v1 import decide_pb2
from befit.v1.problem_pb2 import RequestProblem
from documents.problem import Place
from engine.activation.in_force import NO_OVERVIEW, InForce, Overview, Stop
from engine.config import ListenConfig
from engine.counts import Counts
from engine.customer import CustomerChange, KnownCustomer
from engine.decision import Cause, CustomerView, Decision, Degraded, Factors, Filled, RankedAction, Request
from engine.event import Event
from engine.ids import CustomerKey
from engine.outcome import Disposition, Outcome, Verdict
from engine.recalled import RecalledDecision
from engine.refusal import Refusal, RefusalKind
from engine.service.admin import ThisWorker
from engine.service.calls import Calls
from engine.service.ports import Ports, ScorerKind, Status
from engine.service.server import Server
from rules.policy import (
    Channel,
    ContactPolicy,
    Content,
    ContextField,
    Direction,
    Exploration,
    Kind,
    Levers,
    Placement,
    Policy,
)
from tests.engine.activation_fakes import FakeActivating

NOW = 1_763_000_000.0
IN_FORCE = InForce(3, "aaaaaaaaaaaa", "", NOW - 60, author="mia")
DECISION_ID = "0007-019a7cbb8c00-00000000ff"
PLACE = Place("policy.yaml", 1, 1)
FACTORS = Factors(0.2, 0.0, 120.0, 0.8, 0.0, 1.0, 1.0, 0.0, 23.2)
OFFER = RankedAction(
    1, "upgrade", Kind.OFFER, "sales", "tariffs", "upgrade.web", Content(title="More"), (), None, FACTORS, 0.9
)
DECISION = Decision(DECISION_ID, (Filled("offer", (OFFER,)),), "prospect", "new here", "aaaaaaaaaaaa", "bbbbbbbbbbbb")


def _placements(*names: str) -> dict[str, Placement]:
    return {name: Placement(name, frozenset({Kind.OFFER}), 1, None, True, False) for name in names}


POLICY = Policy(
    revision="aaaaaaaaaaaa",
    company="Corner Shop",
    currency="EUR",
    time_zone="Europe/Berlin",
    vocabulary={},
    channels={
        "web": Channel("web", Direction.INBOUND, _placements("offer", "hero"), PLACE),
        "push": Channel("push", Direction.OUTBOUND, _placements("message"), PLACE),
    },
    intents=("billing", "cancel"),
    context={
        "queue_minutes": ContextField("queue_minutes", "number"),
        "items": ContextField("items", "integer"),
        "page": ContextField("page", "category", ("home", "phones")),
        "roaming": ContextField("roaming", "flag"),
    },
    trend=None,
    tiers=(),
    goals={},
    attributes={},
    outcomes=(),
    actions=(),
    rules=(),
    contact=ContactPolicy(),
    levers=Levers(),
    context_weights=(),
    thresholds=(),
    exploration=Exploration(),
    control_groups=(),
    salt="corner",
)


@dataclass
class FakeEngine(FakeActivating):
    """Every port at once. the test sets `decides` and `fails` (raised by all); `arrivals` counts calls."""

    decides: Callable[[Request], Decision | Refusal] = lambda request: DECISION
    fails: Exception | None = None
    gate: asyncio.Event | None = None
    arrivals: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    recalled: RecalledDecision | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    known: KnownCustomer | None = None
    overview: Overview = NO_OVERVIEW

    def _met(self, *asked: Any) -> None:
        self.asked += asked
        self.arrivals.release()
        if self.fails:
            raise self.fails

    async def decide(self, request: Request, now: float) -> Decision | Refusal:
        self._met(request)
        if self.gate:
            await self.gate.wait()
        return self.decides(request)

    def fallback(self, request: Request, now: float) -> Decision:
        stands_in = structs.replace(DECISION.placements[0], cause=Cause.FALLBACK)
        return structs.replace(DECISION, placements=(stands_in,), degraded=(Degraded.COMMIT_UNKNOWN,))

    async def get_decision(self, decision_id: str) -> RecalledDecision | None:
        self._met(decision_id)
        return self.recalled

    async def record(self, outcomes: Sequence[Outcome], now: float) -> Sequence[Verdict]:
        self._met(*outcomes)
        return [Verdict(outcome.outcome_id, Disposition.ACCEPTED) for outcome in outcomes]

    async def record_events(self, events: Sequence[Event], now: float) -> Sequence[Verdict]:
        self._met(*events)
        return [Verdict(event.event_id, Disposition.DUPLICATE) for event in events]

    async def put(self, changes: Sequence[CustomerChange], now: float) -> Sequence[Verdict]:
        self._met(*changes)
        return [Verdict(change.customer.customer, Disposition.ACCEPTED) for change in changes]

    async def get(self, customer: CustomerKey, now: float) -> KnownCustomer | None:
        self._met(customer)
        return self.known

    async def link(self, visitor: CustomerKey, customer: CustomerKey) -> bool:
        self._met(visitor, customer)
        return True

    async def erase(self, customer: CustomerKey) -> None:
        self._met(customer)

    async def status(self) -> Status:
        self._met("status")
        return Status(
            "aaaaaaaaaaaa",
            "Corner Shop",
            "",
            "",
            "00" * 8,
            ScorerKind.NONE,
            "",
            "timeout",
            ("old",),
            3,
            256,
            IN_FORCE,
            self.overview,
            words=self.words,
        )

    async def stop_action(self, wanted: Stop, stopped: bool) -> tuple[str, ...] | Refusal:
        self._met(wanted, stopped)
        unknown = Refusal("action-unknown", "is not an action of the policy", "action_id", RefusalKind.NOT_FOUND)
        return (wanted.action,) if wanted.action == "upgrade" else unknown


VIEW = CustomerView((), (("upgrade", NOW + 60),), {"age": 40.0}, ())


def all_ports(fake: FakeEngine) -> Ports:
    return Ports(
        policy=lambda: POLICY,
        clock=lambda: NOW,
        deciding=fake,
        recalling=fake,
        recording=fake,
        events=fake,
        customers=fake,
        identifying=fake,
        admin=fake,
        activating=fake,
    )


@dataclass
class Served:
    """A running server, a connection to it, and what it counts."""

    address: str
    channel: grpc.aio.Channel
    server: Server
    counts: Counts

    async def call(
        self, method: str, request: Message | bytes, reply: type[Message] = decide_pb2.DecideResponse
    ) -> Any:
        """One unary call; `method` as in "DecisionService/Decide"; bytes are sent as they are."""
        sent = request if isinstance(request, bytes) else request.SerializeToString()
        return await self.channel.unary_unary(f"/befit.v1.{method}", None, reply.FromString)(sent, timeout=20)

    async def refused(self, method: str, request: Message | bytes) -> tuple[grpc.StatusCode, RequestProblem]:
        """Status and problem of a call that is expected to be refused."""
        try:
            answer = await self.call(method, request)
        except grpc.aio.AioRpcError as error:
            trailing = dict(error.trailing_metadata() or ())
            return error.code(), RequestProblem.FromString(trailing.get("befit-problem-bin", b""))
        raise AssertionError(f"answered: {answer}")


@asynccontextmanager
async def serving(ports: Ports, **listen: Any) -> AsyncIterator[Served]:
    counts = Counts()
    worker = ThisWorker("1.2.3", 2, NOW - 30)
    server = Server(ports, Calls(counts), ListenConfig(**listen), worker)
    port = await server.start("127.0.0.1", 0)
    try:
        address = f"127.0.0.1:{port}"
        async with grpc.aio.insecure_channel(address) as channel:
            yield Served(address, channel, server, counts)
    finally:
        await server.stop(0)
