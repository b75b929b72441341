"""Windows of answers in memory."""

from __future__ import annotations

from collections.abc import Callable

from engine.memory.answer_windows import NOTED
from engine.memory.book import MemoryBook
from engine.outcomes.windows import ENDED, DueWindow


class MemoryWindows:
    """Obeys engine/outcomes/windows.py over a book; `check` raises what every call of the store raises."""

    def __init__(self, book: MemoryBook, check: Callable[[], None]) -> None:
        self._book = book
        self._check = check

    async def due(self, now: float, most: int) -> tuple[DueWindow, ...]:
        self._check()
        found = [
            DueWindow.of(customer, member, closes)
            for customer, own in self._book.windows.by_customer.items()
            for member, closes in sorted(own.items(), key=lambda one: one[1])
            if closes <= now
        ]
        return tuple(sorted(found, key=lambda one: one.closes)[: most * self._book.partitions])

    async def settle(self, window: DueWindow) -> None:
        self._check()
        own = self._book.windows.by_customer.get(window.customer, {})
        closes = own.pop(window.member, None)
        if closes is not None and not window.ended:
            own[ENDED + window.member] = closes + NOTED
