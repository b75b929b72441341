"""What a store remembers, in plain Python objects, and what its functions do to it: at once, and without failing.

Written for being read: contacts are a list of Contact, rules are loops. Nothing expires, nothing is concurrent.
"""

from __future__ import annotations

from engine.ids import CustomerKey
from engine.memory.answer_windows import AnswerWindows
from engine.memory.rules import (
    Customer,
    Kept,
    entered,
    merged_consent,
    merged_contacts,
    merged_pauses,
    merged_realtime,
)
from engine.store import (
    ClaimLost,
    CommitRequest,
    CommitResult,
    Committed,
    Duplicate,
    EarlierRequest,
    LogEntry,
    Settings,
    StoredSlate,
    StoreUnavailable,
)
from rules.ledger import stable_id


class MemoryBook:
    """Customers, decisions, requests, outcomes (partition, tenant, id), logs (by partition), windows of answers."""

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
        self.windows = AnswerWindows()

    def write_decision(self, request: CommitRequest) -> CommitResult:
        """Commit, if the claims hold. Raises StoreUnavailable for a voided decision and for a linked visitor."""
        earlier = self._written_before(request)
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
        entry = self.append("decision", request.decision_id, request.customer, request.record, dropped)
        self.windows.open(request, dropped)
        mark = (request.customer, request.request_id) if request.request_id else None
        self.decisions[request.decision_id] = Kept(StoredSlate(request.slate, dropped), mark, entry)
        if mark is not None:
            self.requests[mark] = EarlierRequest(request.digest, request.decision_id)
        return Committed(dropped)

    def _written_before(self, request: CommitRequest) -> CommitResult | None:
        kept = self.decisions.get(request.decision_id)
        if kept is not None:
            if kept.slate is None:
                raise StoreUnavailable("voided")
            return Committed(kept.slate.dropped)
        earlier = self.requests.get((request.customer, request.request_id)) if request.request_id else None
        if earlier is None:
            return None
        return Duplicate(earlier.digest, earlier.decision_id, self.decisions[earlier.decision_id].slate)

    def void_decision(self, customer: CustomerKey, decision_id: str) -> None:
        """Take a decision's contacts back and mark its id dead."""
        kept = self.decisions.get(decision_id, Kept(None, None, None))
        if kept.slate is not None or decision_id not in self.decisions:
            self.append("void", decision_id, customer, b"")
        if kept.request and self.requests[kept.request].decision_id == decision_id:
            del self.requests[kept.request]
        self.decisions[decision_id] = Kept(None, None, kept.entry)
        self.windows.forget_decision(self.chain(customer), decision_id)
        for held in map(self.customers.get, self.chain(customer)):
            if held is not None and held.contacts is not None:
                held.contacts = [one for one in held.contacts if one.decision != stable_id(decision_id)]

    def chain(self, customer: CustomerKey) -> list[CustomerKey]:
        """The customer, and whom it was linked to, and whom that one was linked to."""
        chain = [customer]
        while (held := self.customers.get(chain[-1])) is not None and held.linked is not None:
            chain.append(CustomerKey(customer.tenant, held.linked))
        return chain

    def fold(self, visitor: CustomerKey, root: CustomerKey) -> None:
        """Merge a visitor into a customer."""
        held = self.customers.setdefault(visitor, Customer())
        into = self.customers.setdefault(root, Customer())
        into.contacts = merged_contacts(into.contacts or [], held.contacts or [])
        into.pauses = merged_pauses(into.pauses or {}, held.pauses or {})
        into.consent = merged_consent(into.consent, held.consent)
        into.realtime = merged_realtime(into.realtime, held.realtime)
        into.visitors.append(visitor.customer)
        self.customers[visitor] = Customer(held.vector, tier=held.tier, linked=root.customer, visitors=held.visitors)
        self.append("link", visitor.customer, visitor, b"")

    def forget(self, customer: CustomerKey) -> None:
        """Erase a customer."""
        self.customers.pop(customer, None)
        self.windows.forget(customer)
        partition = customer.partition(self.partitions)
        forgotten = [entry.id for who, entry in self.logs.get(partition, []) if who == customer]
        self.logs[partition] = [(who, entry) for who, entry in self.logs.get(partition, []) if who != customer]
        for decision in forgotten:
            self.decisions.pop(decision, None)
        self.requests = {mark: earlier for mark, earlier in self.requests.items() if mark[0] != customer}
        self.append("erase", customer.customer, customer, b"")

    def append(
        self, kind: str, about: str, customer: CustomerKey, body: bytes, dropped: tuple[int, ...] = ()
    ) -> LogEntry:
        """Write an entry of the log of the customer's partition."""
        return self.append_in(customer.partition(self.partitions), (kind, about, body, dropped), customer)

    def append_in(
        self, partition: int, said: tuple[str, str, bytes, tuple[int, ...]], customer: CustomerKey
    ) -> LogEntry:
        """Write an entry (kind, what it is about, body, dropped) of a partition's log."""
        kind, about, body, dropped = said
        sequence = self.sequences[partition] = self.sequences.get(partition, 0) + 1
        named = (f"{sequence}-0", kind, about, self.writer, sequence, body, dropped)
        entry = LogEntry(*named, tenant=customer.tenant, customer=customer.customer)
        self.logs.setdefault(partition, []).append((customer, entry))
        return entry
