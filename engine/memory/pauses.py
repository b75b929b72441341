"""Pauses lifted in memory."""

from __future__ import annotations

from collections.abc import Callable

from engine.memory.book import MemoryBook
from engine.memory.rules import Customer
from engine.pauses.store import Lifted, LiftWrite


class MemoryPauses:
    """Obeys engine/pauses/store.py over one book. `check` raises StoreUnavailable while the store is away."""

    def __init__(self, book: MemoryBook, check: Callable[[], None]) -> None:
        self._book = book
        self._check = check

    async def lift(self, write: LiftWrite) -> tuple[Lifted, ...]:
        self._check()
        customer = self._book.chain(write.customer)[-1]
        held = self._book.customers.get(customer, Customer())
        resting = {who: until for who, until in (held.pauses or {}).items() if until > write.now}
        lifted = {
            (action, cause): until
            for (action, cause), until in resting.items()
            if write.action in (None, action) and write.cause in (None, cause)
        }
        if lifted:
            held.pauses = {who: until for who, until in resting.items() if who not in lifted}
            self._book.append("lift", write.lift_id, customer, write.record)
        return tuple((action, cause, until) for (action, cause), until in lifted.items())
