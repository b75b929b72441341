"""Where events are entered and what falls due is found. Every method raises StoreUnavailable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.events.change import EventWrite
from engine.events.realtime import ThingKind
from engine.ids import CustomerKey


@dataclass(frozen=True, slots=True)
class Due:
    """A customer's thing that fell due at `at` (s), and of which nobody was told yet."""

    customer: CustomerKey
    kind: ThingKind
    id: str
    at: float


@dataclass(frozen=True, slots=True)
class Note:
    """An event that is about no customer, for the log; `about` names what it is about."""

    tenant: str
    about: str
    event_id: str
    record: bytes


class EventStore(Protocol):
    """Implementations: `engine/redis/events.py`, `engine/memory/events.py`."""

    async def record(self, write: EventWrite) -> bool:
        """Enter an event; False when its id was entered before. A linked visitor's goes to the customer."""
        ...

    async def note(self, note: Note) -> bool:
        """Log an event; False when its id was logged before."""
        ...

    async def due(self, now: float, most: int) -> tuple[Due, ...]:
        """What fell due by `now` (s), at most `most` of each partition. A few round trips."""
        ...

    async def settle(self, due: Due) -> None:
        """Somebody was told of it; nothing happens where it falls due at another time by now."""
        ...

    async def lead(self, milliseconds: int) -> bool:
        """Whether this process is the one that looks for what falls due, for so long."""
        ...
