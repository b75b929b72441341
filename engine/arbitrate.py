"""Choosing among the allowed actions of one placement: best first, explored, honoured, or nothing.

The first place is (1 - e) x greedy + e x w / sum(w) over all that may be chosen, `nothing` included (see
`models.explore`); its probability is logged. Lower ranks follow the preference and carry none. What has a negative
priority is never chosen, drawn or not, unless it is mandatory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.decision import Cause
from models.explore import explore, probabilities

NOTHING = -1
Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What one placement may show, in the order of preference: mandatory first, then by priority, then by raw score,
    then in the catalogue's order (issue, group, id).

    `actions` catalogue indexes, shape (n,); `priority`, money, shape (n,), final: thresholds have removed what is
    below them; `weight` > 0, how much exploration favours each, shape (n,), empty where nothing is explored; the first
    `mandatory` of them are; `honoured` is a bitmask of catalogue indexes.
    """

    actions: Indexes
    priority: Floats
    weight: Floats
    mandatory: int = 0
    honoured: int = 0

    def choosable(self) -> Indexes:
        """Those that may be chosen at all: mandatory, or worth no less than nothing."""
        return self.actions[: self.mandatory + int(np.count_nonzero(self.priority[self.mandatory :] >= 0.0))]


@dataclass(frozen=True, slots=True)
class Slot:
    """What the placement asks for. `fallback` is a catalogue index or None; `share` of exploration in [0, 1];
    `draw` in [0, 1)."""

    count: int
    allow_nothing: bool
    fallback: int | None
    share: float
    draw: float


@dataclass(frozen=True, slots=True)
class Picked:
    """The placement's actions by rank (catalogue indexes). `probability` is that of the first place as it came
    out, NOTHING included. `explored`: the draw, not the priority, chose it."""

    actions: tuple[int, ...]
    probability: float
    explored: bool
    cause: Cause


def order_of(mandatory: npt.NDArray[np.bool_], priority: Floats, raw: Floats) -> Indexes:
    """Positions in the order of preference, all arrays of shape (n,), n in the catalogue's order."""
    return np.lexsort((-raw, -priority, ~mandatory))


def fill(candidates: Candidates, slot: Slot) -> Picked:
    """Fill one placement."""
    choosable = candidates.choosable().tolist()
    if _drawn(candidates, slot, len(choosable)):
        return _explore(candidates, slot, choosable)
    worth = _worth(candidates, slot, len(choosable))
    if not worth:
        return _empty(candidates, slot)
    return Picked(_seats(candidates, choosable[:worth], slot), 1.0, False, Cause.NONE)


def first_place_probabilities(candidates: Candidates, slot: Slot) -> dict[int, float]:
    """The distribution that the first place is drawn from: catalogue index (NOTHING where allowed) to probability.

    Sums to 1. For estimates, and for the marginal probability of a decision that was made twice.
    """
    choosable = candidates.choosable().tolist()
    if not _drawn(candidates, slot, len(choosable)):
        picked = fill(candidates, slot).actions
        return {picked[0] if picked else NOTHING: 1.0}
    actions, weights, greedy = _lottery(candidates, slot, choosable)
    return dict(zip(actions, probabilities(weights, greedy, slot.share).tolist(), strict=True))


def _worth(candidates: Candidates, slot: Slot, choosable: int) -> int:
    """How many of the first are better than leaving the placement empty: worth 0 is not, where nothing is allowed."""
    if not slot.allow_nothing or choosable <= candidates.mandatory or candidates.priority[choosable - 1] > 0.0:
        return choosable
    return candidates.mandatory + int(np.count_nonzero(candidates.priority[candidates.mandatory : choosable] > 0.0))


def _empty(candidates: Candidates, slot: Slot) -> Picked:
    if slot.fallback is not None:
        return Picked((slot.fallback,), 1.0, False, Cause.FALLBACK)
    cause = Cause.BEST_IS_NOTHING if len(candidates.actions) else Cause.NONE_ALLOWED
    return Picked((), 1.0, False, cause)


def _drawn(candidates: Candidates, slot: Slot, choosable: int) -> bool:
    """Whether the first place is drawn at all: never against something mandatory, or instead of a fallback."""
    return slot.share > 0.0 and choosable > 0 and not candidates.mandatory


class _Lottery(NamedTuple):
    """What is drawn from: actions, with NOTHING last where it is allowed, their weights, the greedy one's position."""

    actions: list[int]
    weights: Floats
    greedy: int


def _lottery(candidates: Candidates, slot: Slot, choosable: list[int]) -> _Lottery:
    """`nothing` weighs as much as an action on average."""
    weights = candidates.weight[: len(choosable)]
    if not slot.allow_nothing:
        return _Lottery(choosable, weights, 0)
    greedy = 0 if candidates.priority[0] > 0.0 else len(choosable)
    return _Lottery([*choosable, NOTHING], np.append(weights, weights.mean()), greedy)


def _explore(candidates: Candidates, slot: Slot, choosable: list[int]) -> Picked:
    actions, weights, greedy = _lottery(candidates, slot, choosable)
    choice = explore(weights, greedy, slot.share, slot.draw)
    first = actions[choice.index]
    if first == NOTHING:
        return Picked((), choice.probability, choice.explored, Cause.BEST_IS_NOTHING)
    worth = choosable[: _worth(candidates, slot, len(choosable))]
    led = [first, *(action for action in worth if action != first)]
    return Picked(_seats(candidates, led, slot), choice.probability, choice.explored, Cause.NONE)


def _seats(candidates: Candidates, led: list[int], slot: Slot) -> tuple[int, ...]:
    """The first `count`; the best honoured offer that fell behind takes the last seat where there is more than one,
    unless a mandatory action sits there."""
    seated, behind = led[: slot.count], led[slot.count :]
    if 1 < slot.count > candidates.mandatory and behind and candidates.honoured:
        waiting = next((action for action in behind if candidates.honoured >> action & 1), None)
        if waiting is not None and not any(candidates.honoured >> action & 1 for action in seated):
            seated[-1] = waiting
    return tuple(seated)
