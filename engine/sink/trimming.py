"""Streams are trimmed where all folders safely have them, and never what the store itself still needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.sink.layout import order_of
from engine.store import Store

LEAST_KEPT_S = 72 * 3600
"""Slates and outcome ids live so long: GetDecision, outcomes and erasure find a decision's entry until then."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What one round of trimming did: entries removed; folders, by id, that hold back partitions which others have."""

    entries: int = 0
    holding: tuple[str, ...] = ()


async def trim(store: Store, partitions: int, now: float, keep_s: float) -> Trimmed:
    """Remove what every folder has and what is older than `keep_s` (s, at least LEAST_KEPT_S) at `now` (s).

    Raises StoreUnavailable.
    """
    aged = f"{max(0, int((now - max(keep_s, LEAST_KEPT_S)) * 1000))}-0"
    reached = await store.sinks.reached()
    before = await store.sinks.trimmed()
    gone, holding = 0, set[str]()
    for partition in range(partitions):
        safe = safe_before(reached, partition)
        until = min(aged, safe, key=order_of)
        behind = _behind(reached, partition, aged) - holding
        if behind and await _has_aged(store, partition, aged):
            holding |= behind
        if order_of(until) > order_of(before.get(partition, "0")):
            gone += await store.sinks.trim(partition, until)
    return Trimmed(gone, tuple(sorted(holding)))


def safe_before(reached: Mapping[str, Mapping[int, str]], partition: int) -> str:
    """The stream id below which every folder has all of a partition."""
    return min((offsets.get(partition, "0") for offsets in reached.values()), key=order_of, default="0")


async def _has_aged(store: Store, partition: int, aged: str) -> bool:
    """Whether anything of a partition is old enough to go."""
    oldest = await store.sinks.oldest(partition)
    return bool(oldest) and order_of(oldest) < order_of(aged)


def _behind(reached: Mapping[str, Mapping[int, str]], partition: int, aged: str) -> set[str]:
    """The folders that lack what others have and what is old enough to go."""
    at = {folder: order_of(offsets.get(partition, "0")) for folder, offsets in reached.items()}
    furthest = min(max(at.values(), default=(0, 0)), order_of(aged))
    return {folder for folder, one in at.items() if one < furthest}
