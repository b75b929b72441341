"""What contacts came to, by action, tier and channel, older ones counting less, and the start that this gives actions.

A contact counts once its window has closed, with 2^-(age / half-life); its answer may have come long before, but a
success that is counted early stands beside silences that are not counted yet, and flatters.

The start of an action (SP in models/evidence.py) for a tier in a channel is shrunk from its group to the cell, as far
as there is evidence; s are successes, n closed windows, all decayed; W and SP are what the policy declares and
training saw:

    R_g    = (W x SP  + s_g)   / (W + n_g)      the action's group
    R_gc   = (K x R_g + s_gc)  / (K + n_gc)     the group in the channel
    R_gct  = (K x R_gc + s_gct) / (K + n_gct)   the group in the channel, for the tier
    lift_a = (W x SP + s_a) / (W x SP + e_a),   e_a = sum over cells of n_act x R_gct
    SP_act = min(1, lift_a x R_gct)

`lift_a` is how the action does beside what its group does where it was shown: observed over expected successes, with a
gamma prior of mean 1 (Clayton and Kaldor, Biometrics 1987), so that an action shown to the willing only is not
taken for a better one. Without counts, SP_act = SP.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.evidence import Starting

CELL_WINDOWS = 50.0
"""K: how many closed windows the wider rate counts for in a cell."""
_DIGITS = 6

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


class Cell(NamedTuple):
    """Where contacts are counted."""

    action: str
    tier: str
    channel: str


class Counted(NamedTuple):
    """Decayed numbers of successes and of closed windows."""

    successes: float
    closed: float


@dataclass(frozen=True, slots=True)
class LearnedCounts:
    """Counts as of a moment (s), decayed with `half_life` (s); `windows` so many contacts went into them."""

    as_of: float = 0.0
    half_life: float = 0.0
    windows: int = 0
    cells: Mapping[Cell, Counted] = field(default_factory=dict)

    def packed(self) -> bytes:
        """As a store keeps them."""
        cells = [[*cell, *counted] for cell, counted in sorted(self.cells.items())]
        said = {"as_of": self.as_of, "half_life": self.half_life, "windows": self.windows, "cells": cells}
        return zlib.compress(json.dumps(said, separators=(",", ":"), allow_nan=False).encode())

    @classmethod
    def unpacked(cls, content: bytes) -> LearnedCounts:
        """Raises ValueError where it is none."""
        try:
            said = json.loads(zlib.decompress(content))
            cells = {Cell(*map(str, row[:3])): Counted(*map(float, row[3:])) for row in said["cells"]}
            return cls(float(said["as_of"]), float(said["half_life"]), int(said["windows"]), cells)
        except (zlib.error, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"these are no counts: {error}") from None

    def table(self, tiers: Sequence[str], channels: Sequence[str], ids: Sequence[str]) -> CountTable:
        """The cells of these tiers, channels and actions; what else was counted is passed over."""
        places = [{name: place for place, name in enumerate(names)} for names in (tiers, channels, ids)]
        found = np.zeros((2, len(tiers), len(channels), len(ids)))
        for (action, tier, channel), counted in self.cells.items():
            if tier in places[0] and channel in places[1] and action in places[2]:
                found[:, places[0][tier], places[1][channel], places[2][action]] = counted
        return CountTable(found[0], found[1])


NOTHING_LEARNED = LearnedCounts()


class Counting:
    """Adds up contacts whose window has closed, as of a moment (s)."""

    def __init__(self, as_of: float, half_life: float) -> None:
        self._as_of = as_of
        self._half_life = half_life
        self._sums: dict[Cell, list[float]] = {}
        self._windows = 0

    def add(self, cell: Cell, ended: float, *, success: bool) -> None:
        """A contact whose window ended at `ended` (s), not after the moment."""
        weight = 2.0 ** -((self._as_of - ended) / self._half_life)
        sums = self._sums.setdefault(cell, [0.0, 0.0])
        sums[0] += weight * success
        sums[1] += weight
        self._windows += 1

    def counts(self) -> LearnedCounts:
        cells = {cell: Counted(round(one, _DIGITS), round(all_, _DIGITS)) for cell, (one, all_) in self._sums.items()}
        return LearnedCounts(self._as_of, self._half_life, self._windows, cells)


@dataclass(frozen=True, slots=True)
class CountTable:
    """Counts as arrays, float64 (tiers, channels, actions)."""

    successes: Floats
    closed: Floats

    def of_actions(self) -> Floats:
        """Closed windows of each action anywhere, (actions,)."""
        closed: Floats = self.closed.sum(axis=(0, 1))
        return closed


def start_by_cell(starting: Starting, told: CountTable) -> Floats:
    """SP_act for every tier, channel and action, (tiers, channels, actions); `starting.propensity` is the SP that
    declaration and training give."""
    group, heavy = starting.group, starting.evidence
    shrunk = _shrunk(starting.propensity, heavy, told.successes.sum(axis=(0, 1)), told.closed.sum(axis=(0, 1)), group)
    there = _shrunk(shrunk, CELL_WINDOWS, told.successes.sum(axis=0), told.closed.sum(axis=0), group)
    cell = _shrunk(there, CELL_WINDOWS, told.successes, told.closed, group)
    begun = heavy * starting.propensity
    expected = begun + (told.closed * cell).sum(axis=(0, 1))
    lift = np.divide(begun + told.successes.sum(axis=(0, 1)), expected, out=np.ones_like(expected), where=expected > 0)
    found: Floats = np.minimum(1.0, lift * cell)
    return found


def start_anywhere(starting: Starting, told: CountTable) -> Floats:
    """The start of each action whoever is met wherever, (actions,): where nothing may be looked at."""
    successes, closed = (one.sum(axis=(0, 1), keepdims=True) for one in (told.successes, told.closed))
    found: Floats = start_by_cell(starting, CountTable(successes, closed))[0, 0]
    return found


def _shrunk(wider: Floats, heavy: Floats | float, successes: Floats, closed: Floats, group: Indexes) -> Floats:
    """(heavy x wider + successes of the group) / (heavy + closed of the group), (..., actions)."""
    hits, total = heavy * wider + _by_group(successes, group), heavy + _by_group(closed, group)
    return np.divide(hits, total, out=np.broadcast_to(wider, hits.shape).copy(), where=total > 0)


def _by_group(cells: Floats, group: Indexes) -> Floats:
    """For each action what its whole group has, (..., actions)."""
    members = np.equal.outer(group, np.arange(int(group.max(initial=-1)) + 1)).astype(np.float64)
    found: Floats = (cells @ members)[..., group]
    return found
