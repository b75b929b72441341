"""The Store in plain Python objects: what the Redis store is compared with, and a fake for tests of what uses it.

Written for being read: contacts are a list of Contact, rules are loops. Nothing expires, nothing is concurrent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence

from engine.ids import CustomerKey
from engine.store import (
    ClaimLost,
    CommitRequest,
    CommitResult,
    Committed,
    CustomerWrite,
    Duplicate,
    EarlierRequest,
    LogEntry,
    OutcomeWrite,
    Profile,
    Settings,
    StoredSlate,
    StoreUnavailable,
)
from rules.ledger import stable_id
from tests.engine.memory_rules import (
    Customer,
    Kept,
    changed_consent,
    entered,
    merged_consent,
    merged_contacts,
    merged_pauses,
    paused,
    told,
)


class MemoryStore:
    """Obeys engine/store.py; `fail` set to a code makes every call raise StoreUnavailable with it."""

    def __init__(self, partitions: int = 256, writer: str = "memory") -> None:
        self.partitions = partitions
        self.writer = writer
        self.customers: dict[CustomerKey, Customer] = {}
        self.decisions: dict[str, Kept] = {}
        self.requests: dict[tuple[CustomerKey, str], EarlierRequest] = {}
        self.outcomes: set[tuple[int, str, str]] = set()
        self.logs: dict[int, list[tuple[CustomerKey, LogEntry]]] = {}
        self.sequences: dict[int, int] = {}
        self.settings = Settings()
        self.fail = ""

    async def open(self) -> None:
        self._check()

    async def close(self) -> None: ...

    async def read_profile(self, customer: CustomerKey, request_id: str) -> Profile:
        self._check()
        held = self.customers.get(customer, Customer())
        return Profile(
            vector=held.vector,
            contacts=held.packed_contacts,
            pauses=held.packed_pauses,
            consent=held.consent,
            tier=held.tier,
            linked=held.linked.encode() if held.linked is not None else None,
            earlier=self.requests.get((customer, request_id)) if request_id else None,
        )

    async def commit(self, request: CommitRequest) -> CommitResult:
        self._check()
        earlier = self._committed_before(request)
        if earlier is not None:
            return earlier
        held = self.customers.get(request.customer, Customer())
        touched = bool(request.contacts) or request.tier is not None
        if touched and held.linked is not None:
            raise StoreUnavailable("linked")
        ledger, dropped = entered(held.contacts or [], request)
        if dropped and not request.take:
            return ClaimLost(held.packed_contacts or b"", held.packed_pauses or b"")
        if touched:
            self.customers[request.customer] = held
        if request.contacts:
            held.contacts = ledger[-request.ledger_length :]
        held.tier = request.tier if request.tier is not None else held.tier
        entry = self._append("decision", request.decision_id, request.customer, request.record, dropped)
        mark = (request.customer, request.request_id) if request.request_id else None
        self.decisions[request.decision_id] = Kept(StoredSlate(request.slate, dropped), mark, entry)
        if mark is not None:
            self.requests[mark] = EarlierRequest(request.digest, request.decision_id)
        return Committed(dropped)

    def _committed_before(self, request: CommitRequest) -> CommitResult | None:
        kept = self.decisions.get(request.decision_id)
        if kept is not None:
            if kept.slate is None:
                raise StoreUnavailable("voided")
            return Committed(kept.slate.dropped)
        earlier = self.requests.get((request.customer, request.request_id)) if request.request_id else None
        if earlier is None:
            return None
        return Duplicate(earlier.digest, earlier.decision_id, self.decisions[earlier.decision_id].slate)

    async def void(self, customer: CustomerKey, decision_id: str) -> None:
        self._check()
        kept = self.decisions.get(decision_id, Kept(None, None, None))
        if kept.slate is not None or decision_id not in self.decisions:
            self._append("void", decision_id, customer, b"")
        if kept.request and self.requests[kept.request].decision_id == decision_id:
            del self.requests[kept.request]
        self.decisions[decision_id] = Kept(None, None, kept.entry)
        for held in map(self.customers.get, self._chain(customer)):
            if held is not None and held.contacts is not None:
                held.contacts = [one for one in held.contacts if one.decision != stable_id(decision_id)]

    async def record_outcome(self, write: OutcomeWrite) -> bool:
        self._check()
        for customer in self._chain(write.customer):
            mark = (customer.partition(self.partitions), customer.tenant, write.outcome_id)
            if mark in self.outcomes:
                return False
            held = self.customers.get(customer, Customer())
            if held.linked is None:
                self._enter_outcome(customer, write)
                self.outcomes.add(mark)
                return True
        raise StoreUnavailable("linked")

    def _enter_outcome(self, customer: CustomerKey, write: OutcomeWrite) -> None:
        held = self.customers.get(customer, Customer())
        contacts = list(held.contacts or [])
        own = next(
            (
                index
                for index, one in enumerate(contacts)
                if (one.action, one.decision) == (write.action, stable_id(write.decision_id))
            ),
            None,
        )
        if own is not None:
            contacts[own] = told(contacts[own], write)
            held.contacts = contacts
        if write.pauses:
            held.pauses = paused(dict(held.pauses or {}), write, contacts, own)
            self.customers[customer] = held
        self._append("outcome", write.outcome_id, customer, write.record)

    def _chain(self, customer: CustomerKey) -> list[CustomerKey]:
        chain = [customer]
        while (held := self.customers.get(chain[-1])) is not None and held.linked is not None:
            chain.append(CustomerKey(customer.tenant, held.linked))
        return chain

    async def read_slate(self, decision_id: str) -> StoredSlate | None:
        self._check()
        return self.decisions[decision_id].slate if decision_id in self.decisions else None

    async def read_record(self, decision_id: str) -> LogEntry | None:
        self._check()
        return self.decisions[decision_id].entry if decision_id in self.decisions else None

    async def put_customers(self, writes: Sequence[CustomerWrite]) -> None:
        self._check()
        for write in writes:
            held = self.customers.setdefault(write.customer, Customer())
            held.vector = write.vector if write.vector is not None else held.vector
            held.consent = write.consent if write.consent is not None else held.consent
            held.consent = changed_consent(held.consent, write.consent_change)

    async def link(self, visitor: CustomerKey, customer: CustomerKey) -> bool:
        self._check()
        root = self._chain(customer)[-1]
        if visitor.tenant != customer.tenant or visitor == root:
            return False
        held = self.customers.setdefault(visitor, Customer())
        if held.linked is not None:
            return self._chain(visitor)[-1] == root
        into = self.customers.setdefault(root, Customer())
        into.contacts = merged_contacts(into.contacts or [], held.contacts or [])
        into.pauses = merged_pauses(into.pauses or {}, held.pauses or {})
        into.consent = merged_consent(into.consent, held.consent)
        into.visitors.append(visitor.customer)
        self.customers[visitor] = Customer(held.vector, tier=held.tier, linked=root.customer, visitors=held.visitors)
        self._append("link", visitor.customer, visitor, b"")
        return True

    async def erase(self, customer: CustomerKey) -> None:
        self._check()
        held = self.customers.pop(customer, Customer())
        for visitor in held.visitors:
            await self.erase(CustomerKey(customer.tenant, visitor))
        partition = customer.partition(self.partitions)
        forgotten = [entry.id for who, entry in self.logs.get(partition, []) if who == customer]
        self.logs[partition] = [(who, entry) for who, entry in self.logs.get(partition, []) if who != customer]
        for decision in forgotten:
            self.decisions.pop(decision, None)
        self.requests = {mark: earlier for mark, earlier in self.requests.items() if mark[0] != customer}
        self._append("erase", customer.customer, customer, b"")

    async def read_settings(self) -> Settings:
        self._check()
        return self.settings

    async def stop_action(self, action: str, stopped: bool) -> None:
        self._check()
        actions = self.settings.stopped | {action} if stopped else self.settings.stopped - {action}
        self.settings = dataclasses.replace(self.settings, stopped=actions)

    async def keep_schema(self, hash_hex: str, schema: bytes) -> None:
        self._check()
        self.settings = dataclasses.replace(self.settings, schemas={**self.settings.schemas, hash_hex: schema})

    async def keep_revision(self, name: str, revision: str) -> None:
        self._check()
        self.settings = dataclasses.replace(self.settings, revisions={**self.settings.revisions, name: revision})

    async def read_log(self, partition: int, after: str = "0") -> AsyncIterator[LogEntry]:
        self._check()
        for _, entry in list(self.logs.get(partition, [])):
            if int(entry.stream_id.split("-")[0]) > int(after.split("-", maxsplit=1)[0]):
                yield entry

    def _append(
        self, kind: str, about: str, customer: CustomerKey, body: bytes, dropped: tuple[int, ...] = ()
    ) -> LogEntry:
        partition = customer.partition(self.partitions)
        sequence = self.sequences[partition] = self.sequences.get(partition, 0) + 1
        entry = LogEntry(f"{sequence}-0", kind, about, self.writer, sequence, body, dropped)
        self.logs.setdefault(partition, []).append((customer, entry))
        return entry

    def _check(self) -> None:
        if self.fail:
            raise StoreUnavailable(self.fail)
