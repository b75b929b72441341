"""Leaves a small share of choices to chance, with a known probability, so that what is never tried can be learned.

    probability(a) = (1 - share) x [a is greedy]  +  share x w(a) / sum(w)

The draw is a keyed hash, not a generator: the same customer, need, placement and day draw the same number in
every channel and in every replay.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BITS = 53


@dataclass(frozen=True, slots=True)
class Choice:
    """Candidate `index` was chosen; `probability` is its total chance in (0, 1]; `explored`: it is not the greedy."""

    index: int
    probability: float
    explored: bool


def explore(weights: NDArray[np.float64], greedy: int, share: float, drawn: float) -> Choice:
    """Choose among candidates with `weights` (k,) >= 0, of which `greedy` is the best, for `share` in [0, 1] and a
    uniform `drawn` in [0, 1). Weights that all are 0 leave the greedy one, with certainty."""
    total = float(weights.sum())
    if share <= 0.0 or total <= 0.0:
        return Choice(greedy, 1.0, False)
    likely = float(weights[greedy]) * (share / total) + (1.0 - share)
    if drawn < likely:
        return Choice(greedy, likely, False)
    chances = probabilities(weights, greedy, share)
    rest = chances.copy()
    rest[greedy] = 0.0
    reached = np.cumsum(rest)
    index = int(reached.searchsorted(drawn - chances[greedy], side="right"))
    if index >= len(rest):
        index = int(np.flatnonzero(rest)[-1]) if reached[-1] > 0.0 else greedy
    return Choice(index, float(chances[index]), index != greedy)


def probabilities(weights: NDArray[np.float64], greedy: int, share: float) -> NDArray[np.float64]:
    """Every candidate's chance of being chosen, (k,), summing to 1."""
    total = float(weights.sum())
    if total <= 0.0 or share <= 0.0:
        share, total = 0.0, 1.0
    chances: NDArray[np.float64] = weights * (share / total)
    chances[greedy] += 1.0 - share
    return chances


def draw(salt: str, *parts: str) -> float:
    """A uniform number in [0, 1) that only the salt and the parts decide (BLAKE2b, 53 bits). The parts hold no unit
    separator (0x1f), so that no two lists of parts read alike."""
    digest = hashlib.blake2b("\x1f".join((salt, *parts)).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> (64 - _BITS)) * 2.0**-_BITS
