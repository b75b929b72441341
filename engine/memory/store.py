"""The Store in memory: for suites of cases, for tests, and what the store in Redis is compared with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from engine.ids import CustomerKey
from engine.memory.activations import MemoryActivations
from engine.memory.alerts import MemoryAlerts
from engine.memory.events import MemoryEvents
from engine.memory.facts import MemoryFacts
from engine.memory.learned import MemoryLearned
from engine.memory.limits import MemoryLimits
from engine.memory.outbox import MemoryOutbox
from engine.memory.outcomes import MemoryOutcomes
from engine.memory.parked import MemoryParked
from engine.memory.pauses import MemoryPauses
from engine.memory.revisions import MemoryRevisions
from engine.memory.rules import Customer, changed_consent
from engine.memory.sinks import MemorySinks
from engine.memory.windows import MemoryWindows
from engine.store import (
    CommitRequest,
    CommitResult,
    CustomerWrite,
    LogEntry,
    Profile,
    Settings,
)


class MemoryStore(MemoryOutcomes):
    """Obeys engine/store.py; `fail` set to a code makes every call raise StoreUnavailable with it."""

    def __init__(self, partitions: int = 256, writer: str = "memory") -> None:
        super().__init__(partitions, writer)
        self.revisions = MemoryRevisions(self.check)
        self.activations = MemoryActivations(self.check)
        self.alerts = MemoryAlerts(self.check)
        self.limits = MemoryLimits(self.check, writer)
        self.outbox = MemoryOutbox(self, self.check)
        self.events = MemoryEvents(self, self.outbox, self.check)
        self.facts = MemoryFacts(self.check)
        self.pauses = MemoryPauses(self, self.check)
        self.sinks = MemorySinks(self, self.check)
        self.learned = MemoryLearned(self.check)
        self.answers = MemoryWindows(self, self.check)
        self.parked = MemoryParked(self.check)

    async def open(self) -> None:
        self.check()

    async def close(self) -> None: ...

    async def read_profile(self, customer: CustomerKey, request_id: str) -> Profile:
        self.check()
        held = self.customers.get(customer, Customer())
        return Profile(
            vector=held.vector,
            realtime=held.realtime,
            contacts=held.packed_contacts,
            pauses=held.packed_pauses,
            consent=held.consent,
            tier=held.tier,
            linked=held.linked.encode() if held.linked is not None else None,
            earlier=self.requests.get((customer, request_id)) if request_id else None,
        )

    async def commit(self, request: CommitRequest) -> CommitResult:
        self.check()
        return self.write_decision(request)

    async def void(self, customer: CustomerKey, decision_id: str) -> None:
        self.check()
        self.void_decision(customer, decision_id)

    async def read_record(self, decision_id: str) -> LogEntry | None:
        self.check()
        kept = self.decisions.get(decision_id)
        if kept is None:
            return self._logged(decision_id)
        return replace(kept.entry, voided=kept.slate is None) if kept.entry else None

    def _logged(self, decision_id: str) -> LogEntry | None:
        about = [entry for log in self.logs.values() for _, entry in log if entry.id == decision_id]
        voided = any(one.kind == "void" for one in about)
        return next((replace(one, voided=voided) for one in about if one.kind == "decision"), None)

    async def put_customers(self, writes: Sequence[CustomerWrite]) -> None:
        self.check()
        for write in writes:
            held = self.customers.setdefault(write.customer, Customer())
            held.vector = write.vector if write.vector is not None else held.vector
            held.consent = write.consent if write.consent is not None else held.consent
            held.consent = changed_consent(held.consent, write.consent_change)

    async def link(self, visitor: CustomerKey, customer: CustomerKey) -> bool:
        self.check()
        root = self.chain(customer)[-1]
        if visitor.tenant != customer.tenant or visitor == root:
            return False
        if self.customers.setdefault(visitor, Customer()).linked is not None:
            return self.chain(visitor)[-1] == root
        self.fold(visitor, root)
        self.outbox.move(visitor, root)
        return True

    async def erase(self, customer: CustomerKey) -> None:
        self.check()
        for visitor in self.customers.get(customer, Customer()).visitors:
            await self.erase(CustomerKey(customer.tenant, visitor))
        self.forget(customer)
        self.outbox.forget(customer)
        await self.alerts.forget(customer)

    async def read_settings(self) -> Settings:
        self.check()
        return self.settings

    async def stop_action(self, action: str, stopped: bool) -> None:
        self.check()
        actions = self.settings.stopped | {action} if stopped else self.settings.stopped - {action}
        self.settings = replace(self.settings, stopped=actions)

    async def keep_schema(self, hash_hex: str, schema: bytes) -> None:
        self.check()
        self.settings = replace(self.settings, schemas={**self.settings.schemas, hash_hex: schema})

    async def read_log(self, partition: int, after: str = "0") -> AsyncIterator[LogEntry]:
        self.check()
        for _, entry in list(self.logs.get(partition, [])):
            if int(entry.stream_id.split("-")[0]) > int(after.split("-", maxsplit=1)[0]):
                yield entry

    async def read_newest(self, partition: int, page: int) -> AsyncIterator[LogEntry]:
        del page
        self.check()
        for _, entry in reversed(list(self.logs.get(partition, []))):
            yield entry
