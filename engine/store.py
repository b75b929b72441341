"""The one small interface to the store, and the values that cross it.

Every method is one round trip unless it says otherwise, and raises StoreUnavailable when the store
does not answer in time or answers with an error. Implementations: `engine/redis/store.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from documents.problem import BefitError
from engine.activation.store import Activations
from engine.alerts.store import AlertStore
from engine.events.store import EventStore
from engine.facts.store import FactStore
from engine.ids import CustomerKey
from engine.learning.store import LearnedStore
from engine.limits.store import LimitStore
from engine.outcomes.parked import ParkedStore
from engine.outcomes.windows import WindowStore
from engine.outcomes.write import LateOutcome, OutcomeWrite, Window
from engine.pauses.store import PauseStore
from engine.revisions.store import Revisions
from engine.sink.store import Sinks
from engine.triggers.store import Outbox


class StoreUnavailable(BefitError):
    """The store did not answer in time, refused, or is not reachable; `code` is for metrics and logs."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        super().__init__(detail or code)


class StoreMismatch(BefitError):
    """The store was laid out with another number of partitions; serving would lose customers."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer's hash as read, raw: None = field absent.

    vector `v`, realtime `r`, contacts `h` (rules.ledger), pauses `s` (16-byte entries `<I I d`: action,
    crc32 of the cause, until), consent `k` (JSON), tier `t` (JSON), linked `l` (customer id that a
    visitor was merged into). `earlier` is the decision id that this request id already got, or None.
    """

    vector: bytes | None = None
    realtime: bytes | None = None
    contacts: bytes | None = None
    pauses: bytes | None = None
    consent: bytes | None = None
    tier: bytes | None = None
    linked: bytes | None = None
    earlier: EarlierRequest | None = None


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """What a request id was used for before: digest of the request, decision id."""

    digest: bytes
    decision_id: str


class Claim(msgspec.Struct, frozen=True):
    """Contact `contact` (index in CommitRequest.contacts) may be added only while fewer than `limit`
    ledger contacts match: at >= since, action in `actions` (stable ids; empty = any), channel in `channels`
    (short ids; empty = any), direction in `directions` (bit 1 inbound, bit 2 outbound), and either seen
    or at >= release_before. Earlier contacts of the same commit count too, unless `directions` has bit 4."""

    contact: int
    limit: int
    since: float
    release_before: float
    directions: int
    channels: tuple[int, ...]
    actions: tuple[int, ...]


class CommitRequest(msgspec.Struct, frozen=True):
    """What one decision writes, if its claims hold. `take` drops contacts whose claim fails instead of
    refusing. `contacts` are packed rules.ledger contacts. `record` goes to the log, `slate` under the
    decision id. `request_id` "" = not idempotent. `windows` has one for each contact, or is empty; `note` is kept in
    place of the slate when that is gone while one is open. Times are seconds, `at` of the decision."""

    customer: CustomerKey
    decision_id: str
    request_id: str
    digest: bytes
    contacts: tuple[bytes, ...]
    claims: tuple[Claim, ...]
    slate: bytes
    record: bytes
    tier: bytes | None = None
    take: bool = False
    ledger_length: int = 64
    at: float = 0.0
    windows: tuple[Window, ...] = ()
    note: bytes = b""


@dataclass(frozen=True, slots=True)
class Committed:
    """Written. `dropped` are indexes of contacts that lost their claim (take mode only)."""

    dropped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredSlate:
    """A decision's slate as kept under its id; `dropped` are indexes of contacts that lost their claim."""

    slate: bytes
    dropped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The request id was answered before: nothing written."""

    digest: bytes
    decision_id: str
    slate: StoredSlate | None


@dataclass(frozen=True, slots=True)
class ClaimLost:
    """A claim failed: nothing written; the ledger and pauses as they are now."""

    contacts: bytes
    pauses: bytes


CommitResult = Committed | Duplicate | ClaimLost


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of a partition's log. `kind` is decision, outcome, event, void, link, erase or lift. `voided` is told
    by `read_record` and by the log's files only: the decision was taken back after it was written. `tenant` and
    `customer` are whom it is about, "" where that is nobody."""

    stream_id: str
    kind: str
    id: str
    writer: str
    sequence: int
    body: bytes
    dropped: tuple[int, ...] = ()
    voided: bool = False
    tenant: str = ""
    customer: str = ""


@dataclass(frozen=True, slots=True)
class CustomerWrite:
    """Fields of one customer to set; None leaves a field as it is. `consent` replaces the record; `consent_change` is
    a record whose keys are merged into it, atomically, and which leaves what it does not name."""

    customer: CustomerKey
    vector: bytes | None = None
    consent: bytes | None = None
    consent_change: bytes | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What all workers share, at `{g}`: stopped actions, schemas by hash (hex -> JSON)."""

    stopped: frozenset[str] = frozenset()
    schemas: Mapping[str, bytes] = field(default_factory=dict)


class Store(Protocol):
    """State in Redis or Valkey. See the module docstring for what every method raises."""

    @property
    def revisions(self) -> Revisions: ...

    @property
    def activations(self) -> Activations: ...

    @property
    def alerts(self) -> AlertStore: ...

    @property
    def limits(self) -> LimitStore: ...

    @property
    def events(self) -> EventStore: ...

    @property
    def facts(self) -> FactStore: ...

    @property
    def pauses(self) -> PauseStore: ...

    @property
    def sinks(self) -> Sinks: ...

    @property
    def learned(self) -> LearnedStore: ...

    @property
    def answers(self) -> WindowStore: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def parked(self) -> ParkedStore: ...

    async def read_profile(self, customer: CustomerKey, request_id: str) -> Profile: ...

    async def commit(self, request: CommitRequest) -> CommitResult: ...

    async def void(self, customer: CustomerKey, decision_id: str) -> None:
        """Release the decision's contacts and mark its id dead; harmless when it was never written."""
        ...

    async def read_slate(self, decision_id: str) -> StoredSlate | None: ...

    async def read_offered(self, decision_id: str) -> StoredSlate | None:
        """What a decision proposed, for as long as answers to it count: the slate, or what was noted instead."""
        ...

    async def settle_contact(self, customer: CustomerKey, decision_id: str, action: int) -> bool:
        """Note at a contact that what its outcome complained of was put right; False where the ledger lacks it."""
        ...

    async def read_record(self, decision_id: str) -> LogEntry | None:
        """The logged record of a decision (two round trips)."""
        ...

    async def record_outcome(self, write: OutcomeWrite) -> bool:
        """True when entered, False when this outcome id was entered before."""
        ...

    async def record_late(self, late: LateOutcome) -> bool:
        """Log an outcome of a decision that is past remembering; False when this id was logged before."""
        ...

    async def put_customers(self, writes: Sequence[CustomerWrite]) -> None:
        """Pipelined: one round trip per node."""
        ...

    async def link(self, visitor: CustomerKey, customer: CustomerKey) -> bool:
        """Fold the visitor's contacts, pauses and consent into the customer; idempotent; False when the
        visitor is linked to someone else already. Three round trips (two slots)."""
        ...

    async def erase(self, customer: CustomerKey) -> None: ...

    async def read_settings(self) -> Settings: ...

    async def stop_action(self, action: str, stopped: bool) -> None: ...

    async def keep_schema(self, hash_hex: str, schema: bytes) -> None: ...

    def read_log(self, partition: int, after: str = "0") -> AsyncIterator[LogEntry]: ...

    def read_newest(self, partition: int, page: int) -> AsyncIterator[LogEntry]:
        """The log backwards: the newest entry first, read `page` entries at a time."""
        ...

    async def open(self) -> None:
        """Connect, load functions on every master, check the partition count (StoreMismatch)."""
        ...

    async def close(self) -> None: ...
