"""Events in memory: the changes applied as plain Python says them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import orjson

from engine.events.change import EventWrite, apply
from engine.events.realtime import Realtime, ThingState, read_realtime
from engine.events.store import Due, Note
from engine.ids import CustomerKey
from engine.memory.book import MemoryBook
from engine.memory.outbox import MemoryOutbox
from engine.memory.rules import Customer, changed_consent
from engine.store import StoreUnavailable


class MemoryEvents:
    """Obeys engine/events/store.py over a book; `check` raises what every call of the store raises."""

    def __init__(self, book: MemoryBook, outbox: MemoryOutbox, check: Callable[[], None]) -> None:
        self._book = book
        self._outbox = outbox
        self._check = check
        self._entered: set[tuple[int, str, str]] = set()

    async def record(self, write: EventWrite) -> bool:
        self._check()
        for customer in self._book.chain(write.customer):
            mark = (customer.partition(self._book.partitions), customer.tenant, write.event_id)
            if mark in self._entered:
                return False
            if self._book.customers.get(customer, Customer()).linked is None:
                self._enter(customer, write)
                self._entered.add(mark)
                return True
        raise StoreUnavailable("linked")

    def _enter(self, customer: CustomerKey, write: EventWrite) -> None:
        self._book.append("event", write.event_id, customer, write.record)
        self._outbox.run_triggers(customer, write)
        if not any(write.changes.packed()):
            return
        held = self._book.customers.setdefault(customer, Customer())
        state, news = read_realtime(held.realtime), write.changes.consents
        if state is not None:
            news = apply(state, write.changes, write.at, write.now)
            held.realtime = state.pack()
        if news:
            said = orjson.dumps({"consent": {one.key: one.given for one in news}})
            held.consent = changed_consent(held.consent, said)

    async def note(self, note: Note) -> bool:
        self._check()
        about = CustomerKey(note.tenant, f"\0{note.about}")
        mark = (about.partition(self._book.partitions), note.tenant, note.event_id)
        if mark in self._entered:
            return False
        self._book.append("event", note.event_id, about, note.record)
        self._entered.add(mark)
        return True

    async def due(self, now: float, most: int) -> tuple[Due, ...]:
        self._check()
        found: dict[int, list[Due]] = {}
        for customer, held in self._book.customers.items():
            state = read_realtime(held.realtime) or Realtime()
            for thing in state.things.values():
                if (when := thing.falls_due) is not None and when <= now:
                    due = Due(customer, thing.kind, thing.id, when)
                    found.setdefault(customer.partition(self._book.partitions), []).append(due)
        ordered = (sorted(found[number], key=lambda one: one.at)[:most] for number in sorted(found))
        return tuple(due for one in ordered for due in one)

    async def settle(self, due: Due) -> None:
        self._check()
        held = self._book.customers.get(due.customer, Customer())
        state = read_realtime(held.realtime)
        thing = state.things.get((due.kind, due.id)) if state else None
        if state and thing and thing.state is not ThingState.ENDED and thing.falls_due == due.at:
            state.things[due.kind, due.id] = replace(thing, alerted=True)
            held.realtime = state.pack()

    async def lead(self, milliseconds: int) -> bool:
        del milliseconds
        self._check()
        return True
