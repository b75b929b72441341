"""Decisions that the store is told to forget, in the background, because it is not known whether they were written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from engine.ids import CustomerKey
from engine.limits.take import Take
from engine.limits.unlimited import Rationed
from engine.store import Store, StoreUnavailable

VOID_PAUSES = (0.05, 0.2, 1.0, 5.0)
"""Seconds between attempts to void a decision whose commit may or may not have been written."""


class Voids:
    """Tells the store; gives back what the decisions took of the limits over all customers once it is told."""

    def __init__(self, store: Store, limits: Rationed) -> None:
        self._store = store
        self._limits = limits
        self._tasks: set[asyncio.Task[None]] = set()

    def forget(self, customer: CustomerKey, name: str, takes: Sequence[Take]) -> None:
        """Begin to tell the store; `close` waits for it."""
        task = asyncio.create_task(self._void(customer, name, takes))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextmanager
    def unless_awaited(self, customer: CustomerKey, name: str, takes: Sequence[Take]) -> Iterator[None]:
        """Forget the decision where nobody waits any more for what happens within: it was never shown. "" = there is
        nothing to forget."""
        try:
            yield
        except asyncio.CancelledError:
            if name:
                self.forget(customer, name, takes)
            raise

    async def _void(self, customer: CustomerKey, name: str, takes: Sequence[Take]) -> None:
        """Tried a few times: the store that did not answer may still have written. Where it is never known, what was
        taken stays taken."""
        for pause in VOID_PAUSES:
            try:
                await self._store.void(customer, name)
            except StoreUnavailable:
                await asyncio.sleep(pause)
            else:
                self._limits.settle(takes, frozenset(take.action for take in takes))
                return
        self._limits.settle(takes)

    async def close(self) -> None:
        """Wait for what the store still has to be told."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
