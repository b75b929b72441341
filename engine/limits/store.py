"""What limits over all customers need of a store: leases of units to writers, and the free capacity of queues.

A meter is one hash at `{g}`: units used by interval, and of each writer the units granted to it and those it has said
to be spent. What is granted and not spent is held, and counts as used. A writer's numbers only ever grow within an
interval, and each of its calls has a turn: a call that is repeated, late or lost changes nothing twice.
Implementations: `engine/redis/limits.py`, `engine/memory/limits.py`; what they do is told in
`engine/redis/lua/limits.lua`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

UNITS_PER_LEASE = 4
"""A writer is granted what remains, divided by this and by the number of writers."""

SILENT = 30.0
"""Seconds after its last call for which a writer counts as one among whom what remains is divided."""


class Span(NamedTuple):
    """What a meter counts now: the `period` a writer's numbers are about; the bucket `name`:`number` that spending goes
    to; buckets of that name from `counted_from` on count, those below `forget_before` are forgotten."""

    period: str
    name: str
    number: int
    counted_from: int
    forget_before: int

    @property
    def bucket(self) -> str:
        return f"{self.name}:{self.number}"


class Said(NamedTuple):
    """A writer's own numbers in the span's period: all that it took below or at `low` is settled, with `spent` units
    in all; `taken` are those it has or asks for, settled or not; of what was granted it gives back all beyond `keep`
    (-1 = nothing). `known`: it was answered in this period before."""

    low: int
    spent: int
    taken: int
    keep: int
    known: bool


class Want(NamedTuple):
    """What a writer asks for: `ask` units at once (0 = none) if so many stay free beside the floor of `floor_ppm`
    millionths of the limit; and, with `lease`, a share of the rest, no smaller than `least`."""

    ask: int = 0
    floor_ppm: int = 0
    lease: bool = True
    least: int = 1


@dataclass(frozen=True, slots=True)
class LeaseCall:
    """One writer's word on one meter. `most` is the limit in units; where `queue` is named, the limit is what was
    posted for it within `fresh_for` seconds, and the span that of the post. `pace` (expected, wanted) replaces the
    meter's pace if it is what is expected."""

    meter: str
    turn: int
    now: float
    span: Span
    most: int
    said: Said
    want: Want
    queue: str = ""
    fresh_for: float = 0.0
    pace: tuple[bytes, bytes] = (b"", b"")


class Lease(NamedTuple):
    """The answer, after what was said and granted. `granted` units were given to the writer in this `period` in all,
    `reserved`: the units asked for among them. `free` are those nobody holds, `used` the ones spent, of `most`; between
    `writers`."""

    turn: int
    period: str
    most: int
    granted: int
    reserved: bool
    free: int
    used: int
    writers: int
    pace: bytes


class Unleased(NamedTuple):
    """No lease: why. UNPOSTED = the queue's capacity is not known; FORGOTTEN = the store has nothing of this writer and
    period any more; LATE = a later call was answered before."""

    reason: str


UNPOSTED, FORGOTTEN, LATE = "unposted", "forgotten", "late"


class WriterStanding(NamedTuple):
    """A writer's record in a meter; `at` (s) is when it called last."""

    turn: int
    low: int
    spent: int
    granted: int
    at: float
    period: str


@dataclass(frozen=True, slots=True)
class MeterStanding:
    """A meter as it is kept: units used by bucket ("<name>:<number>"), writers by name, the pace."""

    used: Mapping[str, int] = field(default_factory=dict)
    writers: Mapping[str, WriterStanding] = field(default_factory=dict)
    pace: bytes = b""


class Posted(NamedTuple):
    """The free capacity of a queue as posted `at` (s); `number` counts its posts."""

    number: int
    free: int
    at: float


class LimitStore(Protocol):
    """Every method is one round trip and raises StoreUnavailable. `writer` names this process, as in the log."""

    @property
    def writer(self) -> str: ...

    async def lease(self, calls: Sequence[LeaseCall]) -> Sequence[Lease | Unleased]: ...

    async def standings(self, meters: Sequence[str]) -> Sequence[MeterStanding]: ...

    async def bury(self, meter: str, writer: str, standing: WriterStanding, spent: Mapping[str, int]) -> bool:
        """Take a writer out of a meter, if it still stands as read: what it holds is free again, but for what it
        `spent` in buckets beyond what it had said. False when it moved since."""
        ...

    async def post_capacity(self, queue: str, free: int, at: float) -> bool:
        """Say how much of a queue is free at a moment (s); what was taken before no longer counts. False when a later
        post is known."""
        ...

    async def capacities(self) -> Mapping[str, Posted]: ...
