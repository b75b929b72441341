"""Where messages are held until they are sent. Every method raises StoreUnavailable.

A message has up to two times: when something is to be decided or tidied up (work), and when it may be sent (ready).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.ids import CustomerKey
from engine.triggers.message import Message, Name, PushRecord


@dataclass(frozen=True, slots=True)
class Held:
    """Which message: of whom, and what it is called."""

    customer: CustomerKey
    name: Name


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that nobody else gets for a while, as it is now."""

    held: Held
    state: str
    message: Message


@dataclass(frozen=True, slots=True)
class Start:
    """A message to begin with an event, to be decided at `due` (s)."""

    name: Name
    message: Message
    due: float


class Outbox(Protocol):
    """Implementations: `engine/redis/outbox.py`, `engine/memory/outbox.py`. Messages begin, and are taken back, with
    the event that says so (engine/events/store.py)."""

    async def due_work(self, now: float, most: int) -> tuple[Held, ...]:
        """Those to be decided or tidied up by `now` (s), at most `most` of each partition. A few round trips."""
        ...

    async def due_ready(self, channel: str, now: float, most: int) -> tuple[Held, ...]:
        """Those that may be sent over a channel by `now` (s), at most `most` of each partition. A few round trips."""
        ...

    async def claim_work(self, held: Held, now: float, until: float) -> Claimed | None:
        """Take one that is due, until `until` (s); None where another has it, or it is gone."""
        ...

    async def claim_ready(self, held: Held, now: float, until: float) -> Claimed | None:
        """Take one that may be sent, until `until` (s); None where another has it, or it is gone or taken back."""
        ...

    async def of(self, customer: CustomerKey) -> tuple[Claimed, ...]:
        """All of a customer, as they are now, whoever has them."""
        ...

    async def keep(self, claimed: Claimed, work_at: float, ready_at: float | None) -> bool:
        """Keep a claimed message as it is now, in the state it has now; False where it was taken back meanwhile."""
        ...

    async def drop(self, held: Held, states: str, record: PushRecord) -> bool:
        """Forget a message that is in one of these states, and log what became of it; False where it is in another."""
        ...
