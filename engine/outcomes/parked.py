"""Outcomes of decisions that nobody knows yet: kept for a while, then put aside for people; never dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import msgspec

from engine.outcome import Outcome

MOST_KEPT = 100_000
"""Outcomes that may wait or lie aside; beyond it callers are told to send again later."""


@dataclass(frozen=True, slots=True)
class Parked:
    """An outcome that waits for its decision since `since` (s), `tries` times in vain; `aside_at` (s) is when it was
    put aside, None while it waits, and `reason` says why."""

    outcome: Outcome
    since: float
    tries: int = 0
    aside_at: float | None = None
    reason: str = ""

    @property
    def id(self) -> str:
        return self.outcome.outcome_id

    def pack(self) -> bytes:
        """Its bytes."""
        return _ENCODER.encode(self)

    @staticmethod
    def unpack(packed: bytes) -> Parked:
        """Raises msgspec.DecodeError or msgspec.ValidationError where the bytes are none."""
        return _DECODER.decode(packed)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Parked)


class ParkedStore(Protocol):
    """Implementations: `engine/redis/parked.py`, `engine/memory/parked.py`. Raises StoreUnavailable."""

    async def park(self, parked: Parked, due: float) -> bool:
        """Keep it, to be tried at `due` (s); one that is kept already stays as it is. False = there are too many."""
        ...

    async def due(self, now: float, most: int) -> tuple[Parked, ...]:
        """Those to be tried by `now` (s)."""
        ...

    async def postpone(self, parked: Parked, due: float) -> None:
        """Keep it as it is now, to be tried at `due` (s); one that lies aside waits again."""
        ...

    async def put_aside(self, parked: Parked) -> None:
        """Keep it as it is now, until somebody looks at it."""
        ...

    async def forget(self, outcome_id: str) -> None:
        """It is entered: keep it no more."""
        ...

    async def find(self, outcome_id: str) -> Parked | None:
        """One by its id, waiting or aside."""
        ...

    async def newest(self, *, aside: bool, most: int) -> tuple[Parked, ...]:
        """Those that lie aside, or those that wait, latest first."""
        ...
