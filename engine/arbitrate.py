"""Choosing among the allowed actions of one placement: best first, explored, honoured, or nothing.

The first place is (1 - e) x greedy + e x w / sum(w) over all that may be chosen, `nothing` included (see
`models.explore`); its probability is logged. Lower ranks follow the priority and carry none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.decision import Cause
from models.explore import explore, probabilities

NOTHING = -1
Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What one placement may show, in the catalogue's order (issue, group, id), which settles ties.

    `actions` catalogue indexes, shape (n,); `priority`, money, shape (n,); `weight` > 0, how much exploration
    favours each, shape (n,); `mandatory` and `honoured`, bool, shape (n,). Priorities are final: thresholds have
    removed what is below them.
    """

    actions: Indexes
    priority: Floats
    weight: Floats
    mandatory: npt.NDArray[np.bool_]
    honoured: npt.NDArray[np.bool_]


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


def fill(candidates: Candidates, slot: Slot) -> Picked:
    """Fill one placement."""
    order = _order(candidates, _worthwhile(candidates, slot))
    if _drawn(candidates, order, slot):
        return _explore(candidates, order, slot)
    if not len(order):
        return _empty(candidates, slot)
    return Picked(_seats(candidates, order, slot), 1.0, False, Cause.NONE)


def first_place_probabilities(candidates: Candidates, slot: Slot) -> dict[int, float]:
    """The distribution that the first place is drawn from: catalogue index (NOTHING where allowed) to probability.

    Sums to 1. For estimates, and for the marginal probability of a decision that was made twice.
    """
    order = _order(candidates, _worthwhile(candidates, slot))
    if not _drawn(candidates, order, slot):
        picked = fill(candidates, slot).actions
        return {picked[0] if picked else NOTHING: 1.0}
    actions, weights, greedy = _lottery(candidates, order, slot)
    return dict(zip(actions.tolist(), probabilities(weights, greedy, slot.share).tolist(), strict=True))


def _worthwhile(candidates: Candidates, slot: Slot) -> npt.NDArray[np.bool_]:
    floor = candidates.priority > 0.0 if slot.allow_nothing else candidates.priority >= 0.0
    return floor | candidates.mandatory


def _order(candidates: Candidates, worth: npt.NDArray[np.bool_]) -> Indexes:
    positions = np.flatnonzero(worth)
    if len(positions) < 2:
        return positions
    keys = (-candidates.priority[positions], ~candidates.mandatory[positions])
    return positions[np.lexsort(keys)]


def _empty(candidates: Candidates, slot: Slot) -> Picked:
    if slot.fallback is not None:
        return Picked((slot.fallback,), 1.0, False, Cause.FALLBACK)
    cause = Cause.BEST_IS_NOTHING if len(candidates.actions) else Cause.NONE_ALLOWED
    return Picked((), 1.0, False, cause)


def _drawn(candidates: Candidates, order: Indexes, slot: Slot) -> bool:
    """Whether the first place is drawn at all: never against something mandatory, or instead of a fallback."""
    if slot.share <= 0.0 or not len(candidates.actions) or bool(candidates.mandatory.any()):
        return False
    return bool(len(order)) or slot.allow_nothing


def _lottery(candidates: Candidates, order: Indexes, slot: Slot) -> tuple[Indexes, Floats, int]:
    """What is drawn from: actions with NOTHING last where it is allowed, their weights, the greedy one's position.
    `nothing` weighs as much as an action on average."""
    if not slot.allow_nothing:
        return candidates.actions, candidates.weight, int(order[0])
    actions = np.append(candidates.actions, NOTHING)
    weights = np.append(candidates.weight, candidates.weight.mean())
    return actions, weights, int(order[0]) if len(order) else len(actions) - 1


def _explore(candidates: Candidates, order: Indexes, slot: Slot) -> Picked:
    actions, weights, greedy = _lottery(candidates, order, slot)
    choice = explore(weights, greedy, slot.share, slot.draw)
    first = int(actions[choice.index])
    if first == NOTHING:
        return Picked((), choice.probability, choice.explored, Cause.BEST_IS_NOTHING)
    led = np.concatenate(([choice.index], order[candidates.actions[order] != first]))
    return Picked(_seats(candidates, led, slot), choice.probability, choice.explored, Cause.NONE)


def _seats(candidates: Candidates, order: Indexes, slot: Slot) -> tuple[int, ...]:
    """The first `count`; an honoured offer that fell behind takes the last seat where there is more than one."""
    seated = order[: slot.count]
    if slot.count > 1 and len(order) > slot.count and not candidates.honoured[seated].any():
        waiting = [position for position in order[slot.count :] if candidates.honoured[position]]
        if waiting:
            seated = np.append(seated[:-1], waiting[0])
    return tuple(int(index) for index in candidates.actions[seated])
