"""Real-time features as decayed aggregates: a value and the moment it is of, halving every half-life.

All times in seconds since the epoch; differences are taken in double before anything becomes float32.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Decaying(NamedTuple):
    """A count or sum as it stood at `as_of`."""

    value: float
    as_of: float


def read_at(aggregate: Decaying, now: float, half_life: float) -> float:
    """value x 2^-((now - as_of) / half_life); a moment before `as_of` (a clock behind) reads the value itself."""
    return aggregate.value * math.exp2(-max(now - aggregate.as_of, 0.0) / half_life)


def added(aggregate: Decaying | None, amount: float, at: float, half_life: float) -> Decaying:
    """The aggregate with an event of `amount` at `at` entered; a late event enters decayed, so order is free."""
    if aggregate is None:
        return Decaying(amount, at)
    newest = max(aggregate.as_of, at)
    value = read_at(aggregate, newest, half_life) + read_at(Decaying(amount, at), newest, half_life)
    return Decaying(value, newest)


def age(at: float, now: float) -> float:
    """Seconds since `at`, never negative."""
    return max(now - at, 0.0)
