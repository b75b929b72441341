"""Outcomes in memory: entered into contacts, pauses and windows."""

from __future__ import annotations

from dataclasses import replace

from engine.ids import CustomerKey, partition_of
from engine.memory.book import MemoryBook
from engine.memory.rules import Customer, paused, told
from engine.outcomes.write import LateOutcome, OutcomeWrite
from engine.store import StoredSlate, StoreUnavailable
from rules.ledger import SETTLED, stable_id


class MemoryOutcomes(MemoryBook):
    """A book that takes outcomes; `fail` set to a code makes every call raise StoreUnavailable with it."""

    fail = ""

    def check(self) -> None:
        """Raise what every call raises while `fail` says so."""
        if self.fail:
            raise StoreUnavailable(self.fail)

    async def record_outcome(self, write: OutcomeWrite) -> bool:
        self.check()
        for customer in self.chain(write.customer):
            mark = (customer.partition(self.partitions), customer.tenant, write.outcome_id)
            if mark in self.outcomes:
                return False
            moved = self.customers.get(customer, Customer()).linked is not None
            entered = self.windows.close(customer, write, moved)
            if entered is None:
                return False
            write = entered
            if not moved:
                self._enter_outcome(customer, write)
                self.outcomes.add(mark)
                return True
        raise StoreUnavailable("linked")

    async def record_late(self, late: LateOutcome) -> bool:
        self.check()
        number = (partition_of(late.decision_id) or 0) % self.partitions
        mark = (number, late.customer.tenant, late.outcome_id)
        if mark in self.outcomes:
            return False
        self.append_in(number, ("outcome", late.outcome_id, late.record, ()), late.customer)
        self.outcomes.add(mark)
        return True

    async def read_slate(self, decision_id: str) -> StoredSlate | None:
        self.check()
        return self.decisions[decision_id].slate if decision_id in self.decisions else None

    async def read_offered(self, decision_id: str) -> StoredSlate | None:
        return await self.read_slate(decision_id)

    async def settle_contact(self, customer: CustomerKey, decision_id: str, action: int) -> bool:
        self.check()
        return self._settle_contact(customer, decision_id, action)

    def _enter_outcome(self, customer: CustomerKey, write: OutcomeWrite) -> None:
        """Enter an outcome into its contact, and the pauses that it brings about."""
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
        self.append("outcome", write.outcome_id, customer, write.record)

    def _settle_contact(self, customer: CustomerKey, decision_id: str, action: int) -> bool:
        """Note that what a contact's outcome complained of was put right."""
        held = self.customers.get(self.chain(customer)[-1], Customer())
        about = (action, stable_id(decision_id))
        found = [(one.action, one.decision) == about for one in held.contacts or []]
        if held.contacts is not None:
            told = zip(held.contacts, found, strict=True)
            held.contacts = [replace(one, flags=one.flags | SETTLED) if own else one for one, own in told]
        return any(found)
