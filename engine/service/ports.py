"""What the services ask of the engine: small interfaces, so that service files know no storage and no models.

Every coroutine may raise StoreUnavailable, which a service answers with UNAVAILABLE; `Deciding` never does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from engine.activation.asked import Activated, Activation, Challenging, Revisions, ToldChallenge
from engine.activation.in_force import NO_OVERVIEW, InForce, Overview, Stop
from engine.alerts.alert import Alert, Resolution
from engine.customer import CustomerChange, KnownCustomer
from engine.decision import Decision, Request
from engine.event import Event
from engine.ids import CustomerKey
from engine.limits.standing import LimitStanding
from engine.outcome import Outcome, Verdict
from engine.outcomes.parked import Parked
from engine.pauses.lifting import Lift, PausesLifted
from engine.recalled import RecalledDecision
from engine.refusal import Refusal
from engine.simulation.trial import Change, Tried
from engine.triggers.sending import Report
from engine.triggers.store import Claimed
from rules.policy import Policy

PolicyInForce = Callable[[], Policy]
Clock = Callable[[], float]


class Deciding(Protocol):
    """Decides. A refusal is for requests that only the state can refuse, as a request id used for another question."""

    async def decide(self, request: Request, now: float) -> Decision | Refusal: ...

    def fallback(self, request: Request, now: float) -> Decision:
        """The policy's fallbacks and nothing else, without the store: for when deciding failed."""
        ...


class Recalling(Protocol):
    """Looks up logged decisions."""

    async def get_decision(self, decision_id: str) -> RecalledDecision | None: ...


class Recording(Protocol):
    """Enters outcomes; one verdict each, in order."""

    async def record(self, outcomes: Sequence[Outcome], now: float) -> Sequence[Verdict]: ...


class RecordingEvents(Protocol):
    """Enters events; one verdict each, in order."""

    async def record_events(self, events: Sequence[Event], now: float) -> Sequence[Verdict]: ...


class KeepingCustomers(Protocol):
    """Writes and reads customers; `put` gives one verdict each, in order, with the customer's id."""

    async def put(self, changes: Sequence[CustomerChange], now: float) -> Sequence[Verdict]: ...

    async def get(self, customer: CustomerKey, now: float) -> KnownCustomer | None: ...


class LiftingPauses(Protocol):
    """Lets what rests for a customer be proposed again; what no longer rests, or why nothing was tried."""

    async def lift(self, lift: Lift, now: float) -> PausesLifted | Refusal: ...


class Identifying(Protocol):
    """Says who is who. `link` gives False when the visitor is linked to another customer already."""

    async def link(self, visitor: CustomerKey, customer: CustomerKey) -> bool: ...

    async def erase(self, customer: CustomerKey) -> None: ...


class ScorerKind(StrEnum):
    """How the model is evaluated."""

    NONE = "NONE"
    NATIVE = "NATIVE"
    FALLBACK = "FALLBACK"


@dataclass(frozen=True, slots=True)
class Status:
    """What is active and whether all is well; see GetStatusResponse. Times in seconds."""

    policy_revision: str
    company: str
    model_revision: str
    model_name: str
    schema_hash: str
    scorer: ScorerKind
    scorer_reason: str
    store_problem: str
    stopped_actions: tuple[str, ...]
    actions: int
    partitions: int
    in_force: InForce | None = None
    overview: Overview = NO_OVERVIEW
    limits: tuple[LimitStanding, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)


class Administering(Protocol):
    """Runs the service. `stop_action` gives all stopped actions."""

    async def status(self) -> Status: ...

    async def stop_action(self, wanted: Stop, stopped: bool) -> tuple[str, ...] | Refusal: ...


class Alerting(Protocol):
    """Lists what people have to look at, latest first, and takes what was done about it: nothing about the customers of
    another tenant."""

    async def newest(self, *, resolved: bool, most: int, tenant: str | None) -> Sequence[Alert]: ...

    async def resolve(self, alert_id: str, resolution: Resolution, tenant: str | None) -> Alert | Refusal: ...


class Pushing(Protocol):
    """Hands out what may be sent, and takes what became of it."""

    def take(self, channels: Sequence[str], most: int, now: float) -> AsyncIterator[Claimed]: ...

    async def report(self, claimed: Claimed, report: Report, now: float) -> None: ...

    async def report_of(self, customer: CustomerKey, message_id: str, report: Report, now: float) -> None: ...


class Parking(Protocol):
    """Lists outcomes whose decisions are not known, and lets one be tried again; False where it is not kept."""

    async def newest(self, *, aside: bool, most: int) -> Sequence[Parked]: ...

    async def retry(self, outcome_id: str, now: float) -> bool: ...


class Activating(Protocol):
    """Changes what is in force. Each answer tells what is in force then; a refusal is for what cannot be tried."""

    async def activate(self, wanted: Activation) -> Activated | Refusal: ...

    async def approve(self, revision: str, approver: str) -> Activated | Refusal: ...

    async def roll_back(self, revision: str, author: str, note: str) -> Activated | Refusal: ...

    async def challenge(self, wanted: Challenging) -> Activated | Refusal: ...

    async def end_challenge(self, author: str, promote: bool) -> Activated | Refusal: ...

    async def told_challenge(self) -> ToldChallenge | None: ...

    async def revisions(self, newest: int) -> Revisions: ...


class Simulating(Protocol):
    """Decides questions as dry runs, under what is in force and under a change; remembers nothing."""

    async def simulate(self, change: Change, requests: Sequence[Request], now: float) -> Tried | Refusal: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """All that the services are built from; what is None is answered with UNIMPLEMENTED."""

    policy: PolicyInForce
    clock: Clock
    deciding: Deciding
    recalling: Recalling | None = None
    recording: Recording | None = None
    events: RecordingEvents | None = None
    customers: KeepingCustomers | None = None
    identifying: Identifying | None = None
    pauses: LiftingPauses | None = None
    admin: Administering | None = None
    activating: Activating | None = None
    alerting: Alerting | None = None
    simulating: Simulating | None = None
    parking: Parking | None = None
    pushing: Pushing | None = None
