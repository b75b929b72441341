"""The Store in Redis or Valkey: every method one round trip to the customer's partition, writes by the functions.

Nothing here reads a clock: times come in with the values. See engine/store.py for what every method promises.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from engine.ids import CustomerKey
from engine.outcomes.write import LateOutcome, OutcomeWrite
from engine.redis.activations import RedisActivations
from engine.redis.alerts import RedisAlerts
from engine.redis.customers import put_customers
from engine.redis.decisions import RedisDecisions
from engine.redis.events import RedisEvents
from engine.redis.facts import RedisFacts
from engine.redis.identity import RedisIdentity
from engine.redis.keyspace import Keyspace, StoreOptions
from engine.redis.learned import RedisLearned
from engine.redis.limits import RedisLimits
from engine.redis.log import RedisLog
from engine.redis.outbox import RedisOutbox
from engine.redis.outcomes import RedisOutcomes
from engine.redis.parked import RedisParked
from engine.redis.pauses import RedisPauses
from engine.redis.revisions import RedisRevisions
from engine.redis.settings import RedisSettings
from engine.redis.sinks import RedisSinks
from engine.redis.vitals import RedisVitals
from engine.redis.windows import RedisWindows
from engine.store import CommitRequest, CommitResult, CustomerWrite, LogEntry, Profile, Settings, StoredSlate


class RedisStore:
    """`writer` names this process in the log; it must be unique among all that write at the same time."""

    def __init__(self, url: str, writer: str, options: StoreOptions | None = None) -> None:
        self._keyspace = Keyspace(url, writer, options or StoreOptions())
        self._decisions = RedisDecisions(self._keyspace)
        self._outcomes = RedisOutcomes(self._keyspace)
        self._settings = RedisSettings(self._keyspace)
        self._log = RedisLog(self._keyspace)
        self.alerts = RedisAlerts(self._keyspace)
        self.outbox = RedisOutbox(self._keyspace)
        self._identity = RedisIdentity(self._keyspace, self._log, self.alerts, self.outbox)
        self.revisions = RedisRevisions(self._keyspace)
        self.activations = RedisActivations(self._keyspace)
        self.limits = RedisLimits(self._keyspace)
        self.events = RedisEvents(self._keyspace)
        self.facts = RedisFacts(self._keyspace)
        self.pauses = RedisPauses(self._keyspace)
        self.sinks = RedisSinks(self._keyspace)
        self.learned = RedisLearned(self._keyspace)
        self.answers = RedisWindows(self._keyspace)
        self.parked = RedisParked(self._keyspace)
        self.vitals = RedisVitals(self._keyspace)

    async def open(self) -> None:
        """May be repeated until it succeeds; before that, every other method raises StoreUnavailable("not-open").

        Raises StoreMismatch, StoreUnavailable.
        """
        await self._keyspace.open()

    async def close(self) -> None:
        await self._keyspace.topology.close()

    async def read_profile(self, customer: CustomerKey, request_id: str) -> Profile:
        return await self._decisions.read_profile(customer, request_id)

    async def commit(self, request: CommitRequest) -> CommitResult:
        return await self._decisions.commit(request)

    async def void(self, customer: CustomerKey, decision_id: str) -> None:
        await self._decisions.void(customer, decision_id)

    async def read_slate(self, decision_id: str) -> StoredSlate | None:
        return await self._decisions.read_slate(decision_id)

    async def read_offered(self, decision_id: str) -> StoredSlate | None:
        return await self._decisions.read_offered(decision_id)

    async def settle_contact(self, customer: CustomerKey, decision_id: str, action: int) -> bool:
        return await self._outcomes.settle_contact(customer, decision_id, action)

    async def read_record(self, decision_id: str) -> LogEntry | None:
        return await self._log.read_record(decision_id)

    async def record_outcome(self, write: OutcomeWrite) -> bool:
        return await self._outcomes.record(write)

    async def record_late(self, late: LateOutcome) -> bool:
        return await self._outcomes.record_late(late)

    async def put_customers(self, writes: Sequence[CustomerWrite]) -> None:
        await put_customers(self._keyspace, writes)

    async def link(self, visitor: CustomerKey, customer: CustomerKey) -> bool:
        return await self._identity.link(visitor, customer)

    async def erase(self, customer: CustomerKey) -> None:
        await self._identity.erase(customer)

    async def read_settings(self) -> Settings:
        return await self._settings.read()

    async def stop_action(self, action: str, stopped: bool) -> None:
        await self._settings.stop_action(action, stopped)

    async def keep_schema(self, hash_hex: str, schema: bytes) -> None:
        await self._settings.keep_schema(hash_hex, schema)

    def read_log(self, partition: int, after: str = "0") -> AsyncIterator[LogEntry]:
        return self._log.read(partition, after)

    def read_newest(self, partition: int, page: int) -> AsyncIterator[LogEntry]:
        return self._log.read_newest(partition, page)
