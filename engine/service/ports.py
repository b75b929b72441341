"""What the services ask of the engine: small interfaces, so that service files know no storage and no models.

Every coroutine may raise StoreUnavailable, which a service answers with UNAVAILABLE; `Deciding` never does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from documents.problem import Problem
from engine.customer import CustomerChange, KnownCustomer
from engine.decision import Decision, Request
from engine.event import Event
from engine.ids import CustomerKey
from engine.outcome import Outcome, Verdict
from engine.recalled import RecalledDecision
from engine.refusal import Refusal
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


@dataclass(frozen=True, slots=True)
class Activation:
    """What an activation asks for. `bundle` "" = leave the model; paths are relative to the project."""

    bundle: str
    reload_policy: bool
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Activated:
    """What is in force now; `problems` and `bundle_refused` say why nothing changed."""

    activated: bool
    policy_revision: str
    model_revision: str
    problems: tuple[Problem, ...] = ()
    bundle_refused: str = ""


class Administering(Protocol):
    """Runs the service. `stop_action` gives all stopped actions."""

    async def status(self) -> Status: ...

    async def stop_action(self, action: str, stopped: bool, reason: str) -> tuple[str, ...] | Refusal: ...


class Activating(Protocol):
    """Puts another policy or bundle in force."""

    async def activate(self, wanted: Activation) -> Activated | Refusal: ...


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
    admin: Administering | None = None
    activating: Activating | None = None
