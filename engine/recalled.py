"""A decision as it was logged, in the words of those who look it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.decision import Decision, Request, Value


@dataclass(frozen=True, slots=True)
class RecalledDecision:
    """The record of one decision. Times in seconds; `draws` are (purpose, number), `timings` (stage, microseconds),
    `rows` (action, the model's inputs in the bundle's order)."""

    decided_at: float
    request: Request
    decision: Decision
    features: Mapping[str, Value]
    allowed: tuple[str, ...]
    draws: tuple[tuple[str, float], ...]
    attempt: int
    schema_hash: str
    counts_revision: str
    timings: tuple[tuple[str, int], ...]
    writer: str
    sequence: int
    rows: tuple[tuple[str, tuple[float, ...]], ...] = ()
