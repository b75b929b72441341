"""Choosing among the allowed actions of one placement: best first, explored, honoured, or nothing.

The first place is (1 - e) x greedy + e x w / sum(w) over all that may be chosen, `nothing` included (see
`models.explore`); its probability is logged. Lower ranks follow the preference and carry none. What has a negative
priority is never chosen, drawn or not, unless it is mandatory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from engine.decision import Cause
from models.explore import explore, probabilities

NOTHING = -1
Floats = npt.NDArray[np.float64]
UNDRAWN: Floats = np.empty(0)
"""The weights where nothing is drawn."""


class Candidates(NamedTuple):
    """What one placement may show: catalogue indexes in the order of preference (see `Preference`).

    The first `mandatory` are; the first `choosable` may be chosen at all, being mandatory or worth no less than
    nothing; the first `worthwhile` are mandatory or worth more. `weight` > 0, float64 (choosable,), is how much
    exploration favours each, empty where nothing is explored; `honoured` a bitmask of catalogue indexes.
    """

    actions: Sequence[int]
    mandatory: int
    choosable: int
    worthwhile: int
    weight: Floats
    honoured: int = 0


NO_CANDIDATES = Candidates((), 0, 0, 0, UNDRAWN)


class Slot(msgspec.Struct, frozen=True):
    """What the placement asks for. `fallback` is a catalogue index or None; `share` of exploration in [0, 1];
    `draw` in [0, 1)."""

    places: int
    allow_nothing: bool
    fallback: int | None
    share: float
    draw: float


class Picked(msgspec.Struct, frozen=True):
    """The placement's actions by rank (catalogue indexes). `probability` is that of the first place as it came
    out, NOTHING included. `explored`: the draw, not the priority, chose it."""

    actions: tuple[int, ...]
    probability: float
    explored: bool
    cause: Cause


class Preference(NamedTuple):
    """All scored actions in the order of preference: mandatory first, then by priority, then by raw score, then in the
    catalogue's order (issue, group, id).

    `listed` are their catalogue indexes; the bitmasks have those that are mandatory, choosable, worthwhile, as in
    Candidates. Plain lists: half of what arrays of so few cost.
    """

    listed: list[int]
    mandatory: int
    choosable: int
    worthwhile: int

    @classmethod
    def of(cls, actions: Sequence[int], mandatory: int, priority: Floats, raw: Floats) -> Preference:
        """From scored actions in the catalogue's order, with final priorities in money, both arrays (k,)."""
        ordered = sorted(zip((-priority).tolist(), (-raw).tolist(), actions, strict=True))
        if mandatory:
            ordered.sort(key=lambda one: not mandatory >> one[2] & 1)
        choosable = worthwhile = mandatory
        for falling, _, action in ordered:
            if falling < 0.0:
                worthwhile |= 1 << action
            elif falling == 0.0:
                choosable |= 1 << action
        return cls([action for _, _, action in ordered], mandatory, choosable | worthwhile, worthwhile)

    def among(self, allowed: int, honoured: int) -> Candidates:
        """The candidates among the `allowed` actions, a bitmask of scored ones; not yet weighed."""
        return Candidates(
            [action for action in self.listed if allowed >> action & 1],
            (allowed & self.mandatory).bit_count(),
            (allowed & self.choosable).bit_count(),
            (allowed & self.worthwhile).bit_count(),
            UNDRAWN,
            honoured,
        )


def fill(candidates: Candidates, slot: Slot) -> Picked:
    """Fill one placement."""
    if _drawn(candidates, slot):
        return _explore(candidates, slot)
    worth = _worth(candidates, slot)
    if not worth:
        return _empty(candidates, slot)
    return Picked(_seats(candidates, candidates.actions[:worth], slot), 1.0, False, Cause.NONE)


def first_place_probabilities(candidates: Candidates, slot: Slot) -> dict[int, float]:
    """The distribution that the first place is drawn from: catalogue index (NOTHING where allowed) to probability.

    Sums to 1. For estimates, and for the marginal probability of a decision that was made twice.
    """
    if not _drawn(candidates, slot):
        picked = fill(candidates, slot).actions
        return {picked[0] if picked else NOTHING: 1.0}
    actions, weights, greedy = _lottery(candidates, slot)
    return dict(zip(actions, probabilities(weights, greedy, slot.share).tolist(), strict=True))


def _worth(candidates: Candidates, slot: Slot) -> int:
    """How many of the first are better than an empty placement: what is worth 0 is not, where nothing is allowed."""
    return candidates.worthwhile if slot.allow_nothing else candidates.choosable


def _empty(candidates: Candidates, slot: Slot) -> Picked:
    if slot.fallback is not None:
        return Picked((slot.fallback,), 1.0, False, Cause.FALLBACK)
    return Picked((), 1.0, False, Cause.BEST_IS_NOTHING if candidates.actions else Cause.NONE_ALLOWED)


def _drawn(candidates: Candidates, slot: Slot) -> bool:
    """Whether the first place is drawn at all: never against something mandatory, or instead of a fallback."""
    return slot.share > 0.0 and candidates.choosable > 0 and not candidates.mandatory


class _Lottery(NamedTuple):
    """What is drawn from: actions, with NOTHING last where it is allowed, their weights, the greedy one's position."""

    actions: list[int]
    weights: Floats
    greedy: int


def _lottery(candidates: Candidates, slot: Slot) -> _Lottery:
    """`nothing` weighs as much as an action on average."""
    actions = list(candidates.actions[: candidates.choosable])
    if not slot.allow_nothing:
        return _Lottery(actions, candidates.weight, 0)
    greedy = 0 if candidates.worthwhile else len(actions)
    average = candidates.weight.sum() / len(actions)
    return _Lottery([*actions, NOTHING], np.concatenate((candidates.weight, (average,))), greedy)


def _explore(candidates: Candidates, slot: Slot) -> Picked:
    actions, weights, greedy = _lottery(candidates, slot)
    choice = explore(weights, greedy, slot.share, slot.draw)
    first = actions[choice.index]
    if first == NOTHING:
        cause = Cause.NOTHING_DRAWN if choice.explored else Cause.BEST_IS_NOTHING
        return Picked((), choice.probability, choice.explored, cause)
    led = candidates.actions[: _worth(candidates, slot)]
    if not led or led[0] != first:
        led = [first, *(action for action in led if action != first)]
    return Picked(_seats(candidates, led, slot), choice.probability, choice.explored, Cause.NONE)


def _seats(candidates: Candidates, led: Sequence[int], slot: Slot) -> tuple[int, ...]:
    """The first `count`; the best honoured offer that fell behind takes the last seat where there is more than one,
    unless a mandatory action sits there."""
    seated, behind = tuple(led[: slot.places]), led[slot.places :]
    if 1 < slot.places > candidates.mandatory and behind and candidates.honoured:
        waiting = next((action for action in behind if candidates.honoured >> action & 1), None)
        if waiting is not None and not any(candidates.honoured >> action & 1 for action in seated):
            return (*seated[:-1], waiting)
    return seated
