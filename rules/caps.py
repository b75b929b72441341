"""How often a customer may be contacted: which caps are reached, and what a new contact must claim.

Each cap of a channel looks at the contacts of its own window: the cost does not depend on the number of actions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from rules.catalogue import Catalogue
from rules.contact_rows import ContactRows, Ways
from rules.ledger import short_id
from rules.local_time import calendar_start
from rules.policy import CONTACT_KINDS, Cap, CountedTogether, Direction, Scope

Indexes = npt.NDArray[np.intp]
IMPRESSION = "IMPRESSION"
INBOUND, OUTBOUND = 0, 1
BITS = {Direction.INBOUND: 1, Direction.OUTBOUND: 2}
EARLIER_ONLY = 4
"""Beside the bits of a claim's directions: contacts of the same commit do not count."""


class CapClaim(msgspec.Struct, frozen=True):
    """A contact may be added only while fewer than `limit` contacts match: at >= `since`, and seen or at >=
    `release_before`, in `directions` (bit 1 inbound, bit 2 outbound; bit 4 is EARLIER_ONLY), over `channels` (short
    ids; empty = any), of `actions` (stable ids; empty = any)."""

    cap_id: str
    limit: int
    since: float
    release_before: float
    directions: int
    channels: tuple[int, ...]
    actions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CompiledCap:
    """A cap over a catalogue. `keys` (n + 1,) say with which others each action is counted, -1 for none; the last
    is for contacts of actions that the policy no longer has. `together` has the actions of each key as a bitmask,
    `stable` their stable ids as a claim names them; `directions` and `channels` as in CapClaim."""

    cap: Cap
    keys: Indexes
    together: tuple[int, ...]
    stable: tuple[tuple[int, ...], ...]
    directions: int
    channels: tuple[int, ...]

    def since(self, now: float, zone: ZoneInfo) -> float:
        """From when on contacts count."""
        return calendar_start(self.cap.calendar, now, zone) if self.cap.calendar else now - self.cap.within

    def release_before(self, now: float, since: float) -> float:
        """From when on contacts count that nobody has seen yet."""
        return max(since, now - self.cap.release_after) if self.cap.counts == IMPRESSION else since

    def claim(self, action: int, since: float, released: float) -> CapClaim | None:
        """What a new contact with the action must claim; None where the cap is not about it."""
        key: int = self.keys.item(action)
        if key < 0:
            return None
        return CapClaim(self.cap.id, self.cap.limit, since, released, self.directions, self.channels, self.stable[key])


class CapWindow(NamedTuple):
    """From when on (s) contacts count at one moment, and those that nobody has seen yet."""

    cap: CompiledCap
    since: float
    release_before: float


class CapTable:
    """The caps that a contact over one channel meets."""

    def __init__(self, caps: Sequence[CompiledCap], ways: Ways) -> None:
        self.caps = tuple(caps)
        self._tables = tuple((one.keys.tolist(), _ways(one.cap, ways)) for one in caps)

    def windows(self, now: float, zone: ZoneInfo) -> tuple[CapWindow, ...]:
        """What counts at a moment."""
        since = [cap.since(now, zone) for cap in self.caps]
        return tuple(
            [CapWindow(cap, at, cap.release_before(now, at)) for cap, at in zip(self.caps, since, strict=True)]
        )

    def reached(self, rows: ContactRows, now: float, zone: ZoneInfo) -> Iterator[tuple[str, int]]:
        """(cap id, bitmask of the actions that may not be contacted again now)."""
        at, actions, through, seen = rows.at, rows.actions, rows.ways, rows.seen
        for (cap, since, released), (keys, ways) in zip(self.windows(now, zone), self._tables, strict=True):
            counts: dict[int, int] = {}
            for place in range(bisect_left(at, since), len(at)):
                key = keys[actions[place]]
                if key >= 0 and ways[through[place]] and (seen[place] or at[place] >= released):
                    counts[key] = counts.get(key, 0) + 1
            mask = 0
            for key, count in counts.items():
                if count >= cap.cap.limit:
                    mask |= cap.together[key]
            if mask:
                yield cap.cap.id, mask


def compile_cap(catalogue: Catalogue, cap: Cap) -> CompiledCap:
    """The cap over the contacts of its scope. Without a scope, `per: scope` counts every contact there ever was."""
    contacts = catalogue.mask(Scope(kinds=tuple(CONTACT_KINDS)))
    scope = catalogue.mask(cap.scope) & contacts
    everything = cap.per == CountedTogether.SCOPE and cap.scope == Scope()
    keys = np.full(len(catalogue) + 1, -1, dtype=np.intp)
    numbers: dict[str, int] = {}
    for index in catalogue.indexes(scope):
        action = catalogue.actions[index]
        name = {"action": action.id, "group": action.group, "issue": action.issue, "scope": ""}[cap.per]
        keys[index] = numbers.setdefault(name, len(numbers))
    together = tuple(scope & catalogue.mask_of(keys[:-1] == key) for key in range(len(numbers)))
    stable = tuple(() if everything else tuple(catalogue.stable[catalogue.indexes(mask)].tolist()) for mask in together)
    if everything and together:
        keys[:] = 0
    directions = sum(BITS[direction] for direction in cap.directions)
    return CompiledCap(cap, keys, together, stable, directions, tuple(short_id(channel) for channel in cap.channels))


def _ways(cap: Cap, ways: Ways) -> tuple[bool, ...]:
    directions = [OUTBOUND if direction == Direction.OUTBOUND else INBOUND for direction in cap.directions]
    return ways.through(cap.channels, directions)
