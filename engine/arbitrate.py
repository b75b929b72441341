"""Choosing among the allowed actions of one placement: best first, explored, honoured, or nothing.

The first place is (1 - e) x greedy + e x w / sum(w) over all that may be chosen, `nothing` included; its
probability is logged. Lower ranks follow the priority and carry none. Cost: a few microseconds per placement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.decision import Cause

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
    worth = _worthwhile(candidates, slot)
    order = _order(candidates, worth)
    if not len(order) and not (slot.allow_nothing and slot.share > 0.0 and len(candidates.actions)):
        return _empty(candidates, slot)
    if bool(candidates.mandatory.any()) or slot.share <= 0.0:
        return Picked(_seats(candidates, order, slot), 1.0, False, Cause.NONE)
    return _explore(candidates, order, slot)


def first_place_probabilities(candidates: Candidates, slot: Slot) -> tuple[Indexes, Floats]:
    """The distribution of the first place: catalogue indexes (NOTHING where allowed) and probabilities.

    Sums to 1. What `fill` draws from; for tests and estimates.
    """
    order = _order(candidates, _worthwhile(candidates, slot))
    return _distribution(candidates, order, slot)


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


def _distribution(candidates: Candidates, order: Indexes, slot: Slot) -> tuple[Indexes, Floats]:
    greedy = int(order[0]) if len(order) else NOTHING
    weight = candidates.weight / candidates.weight.sum()
    actions = candidates.actions
    if slot.allow_nothing:
        weight = np.append(weight, 1.0 / (len(weight) + 1))
        weight[:-1] *= 1.0 - weight[-1]
        actions = np.append(actions, NOTHING)
    chance = slot.share * weight
    chance[greedy] += 1.0 - slot.share
    return actions, chance


def _explore(candidates: Candidates, order: Indexes, slot: Slot) -> Picked:
    actions, chance = _distribution(candidates, order, slot)
    position = min(int(np.searchsorted(np.cumsum(chance), slot.draw, side="right")), len(chance) - 1)
    first = int(actions[position])
    greedy = int(candidates.actions[order[0]]) if len(order) else NOTHING
    probability = float(chance[position])
    if first == NOTHING:
        return Picked((), probability, first != greedy, Cause.BEST_IS_NOTHING)
    rest = order[candidates.actions[order] != first]
    led = np.concatenate(([position], rest))
    return Picked(_seats(candidates, led, slot), probability, first != greedy, Cause.NONE)


def _seats(candidates: Candidates, order: Indexes, slot: Slot) -> tuple[int, ...]:
    """The first `count`; an honoured offer that fell behind takes the last seat where there is more than one."""
    seated = order[: slot.count]
    if slot.count > 1 and len(order) > slot.count and not candidates.honoured[seated].any():
        waiting = [position for position in order[slot.count :] if candidates.honoured[position]]
        if waiting:
            seated = np.append(seated[:-1], waiting[0])
    return tuple(int(index) for index in candidates.actions[seated])
