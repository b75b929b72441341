"""Messages to be sent, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.events.change import EventWrite
from engine.ids import CustomerKey
from engine.memory.book import MemoryBook
from engine.triggers.message import PENDING, READY, REPLACED, WITHDRAWN, Message, PushRecord, pack_push
from engine.triggers.store import Claimed, Held

_SENDING_LEASE = 60.0
"""s for which a taker may have a message; as in engine/redis/lua/outbox.lua."""


@dataclass
class _Kept:
    state: str
    message: Message
    work_at: float
    ready_at: float | None = None


class MemoryOutbox:
    """Obeys engine/triggers/store.py over a book; `check` raises what every call of the store raises."""

    def __init__(self, book: MemoryBook, check: Callable[[], None]) -> None:
        self._book = book
        self._check = check
        self._kept: dict[Held, _Kept] = {}

    def run_triggers(self, customer: CustomerKey, write: EventWrite) -> None:
        """What an event starts, and before that takes back of what began before it."""
        now = write.now
        for trigger in write.withdraws:
            own = [one for one in self._kept if (one.customer, one.name.trigger) == (customer, trigger)]
            self._take_back([one for one in own if self._kept[one].message.at <= write.at], WITHDRAWN, now)
        for start in write.starts:
            key = (customer, start.name.collapse_key)
            found = [one for one in self._kept if (one.customer, one.name.collapse_key) == key]
            self._take_back(found, REPLACED, now)
            self._kept[Held(customer, start.name)] = _Kept(PENDING, start.message, start.due)

    def _take_back(self, found: Iterable[Held], state: str, now: float) -> None:
        for kept in (self._kept[held] for held in found):
            if kept.state in PENDING + READY:
                until = kept.ready_at or 0.0
                kept.work_at = until if now < until <= now + _SENDING_LEASE else now
                kept.state = state

    def move(self, visitor: CustomerKey, customer: CustomerKey) -> None:
        """What is to be sent to a visitor goes to the customer."""
        for held in [one for one in self._kept if one.customer == visitor]:
            self._kept.setdefault(Held(customer, held.name), self._kept.pop(held))

    def forget(self, customer: CustomerKey) -> None:
        for held in [one for one in self._kept if one.customer == customer]:
            del self._kept[held]

    async def due_work(self, now: float, most: int) -> tuple[Held, ...]:
        self._check()
        found = sorted((kept.work_at, held.name, held) for held, kept in self._kept.items() if kept.work_at <= now)
        return tuple(held for *_, held in found[:most])

    async def due_ready(self, channel: str, now: float, most: int) -> tuple[Held, ...]:
        self._check()
        ready = (
            (kept.ready_at, held.name, held)
            for held, kept in self._kept.items()
            if held.name.channel == channel and kept.ready_at is not None and kept.ready_at <= now
        )
        return tuple(held for *_, held in sorted(ready)[:most])

    async def claim_work(self, held: Held, now: float, until: float) -> Claimed | None:
        self._check()
        kept = self._kept.get(held)
        if kept is None or kept.work_at > now:
            return None
        kept.work_at = until
        return Claimed(held, kept.state, kept.message)

    async def claim_ready(self, held: Held, now: float, until: float) -> Claimed | None:
        self._check()
        kept = self._kept.get(held)
        if kept is None or kept.ready_at is None or kept.ready_at > now:
            return None
        if kept.state != READY:
            kept.ready_at = None
            return None
        kept.ready_at = until
        return Claimed(held, kept.state, kept.message)

    async def of(self, customer: CustomerKey) -> tuple[Claimed, ...]:
        self._check()
        own = ((held, kept) for held, kept in self._kept.items() if held.customer == customer)
        return tuple(Claimed(held, kept.state, kept.message) for held, kept in own)

    async def keep(self, claimed: Claimed, work_at: float, ready_at: float | None) -> bool:
        self._check()
        kept = self._kept.get(claimed.held)
        if kept is None or kept.state not in (claimed.state, _before(claimed, ready_at)):
            return False
        self._kept[claimed.held] = _Kept(claimed.state, claimed.message, work_at, ready_at)
        return True

    async def drop(self, held: Held, states: str, record: PushRecord) -> bool:
        self._check()
        kept = self._kept.get(held)
        if kept is None or kept.state not in states:
            return False
        del self._kept[held]
        self._book.append("push", record.message_id, held.customer, pack_push(record))
        return True


def _before(claimed: Claimed, ready_at: float | None) -> str:
    """The state that a message may have had before this one is kept."""
    return PENDING if claimed.state == READY and ready_at is not None else claimed.state
