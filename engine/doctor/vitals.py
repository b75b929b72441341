"""What is measured of a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NodeVitals:
    """A server of the store: its own account of itself (`INFO`), by how much its clock is ahead of ours (s), and the
    median of several round trips (s)."""

    name: str
    info: Mapping[str, str]
    ahead_s: float
    round_trip_s: float


@dataclass(frozen=True, slots=True)
class StreamVitals:
    """A partition's log: how many entries, and the times (s) of the oldest and the newest; None where it is empty.
    `newest` is the id of the newest."""

    entries: int
    oldest_at: float | None
    newest_at: float | None
    newest: str


def seconds_of(stream_id: str) -> float:
    """When an entry was written (s)."""
    return int(stream_id.partition("-")[0]) / 1000
