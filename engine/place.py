"""Fills the placements of a channel one after the other: comparison groups, exploration, and what is taken already."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.arbitrate import NOTHING, Candidates, Picked, Slot, fill, first_place_probabilities
from engine.decision import Cause
from engine.experiment import Draws
from engine.resolution import Placed, Resolution, Scored
from engine.snapshot import Snapshot
from rules.policy import CONTACT_KINDS, ControlGroup, Kind, Placement

COMPARED = frozenset({Kind.OFFER, Kind.MESSAGE})
"""What comparison groups change; service never depends on them."""

RANDOM, NOTHING_ARM, PROPENSITY_ONLY, NO_LEVERS = "random", "nothing", "propensity_only", "no_levers"


@dataclass(frozen=True, slots=True)
class Board:
    """What the placements of one decision are filled from. `allowed` and `honoured` are bitmasks; `first` is the
    attempt that lost its claim, if there was one."""

    snapshot: Snapshot
    channel: str
    scored: Scored
    allowed: int
    honoured: int
    group: ControlGroup | None
    draws: Draws
    first: Resolution | None


def place(board: Board, placements: tuple[Placement, ...], share: float) -> tuple[Placed, ...]:
    """Each placement's outcome, in order; an action is proposed once. `share` of exploration in [0, 1]."""
    found: list[Placed] = []
    taken = 0
    for placement in placements:
        placed = _place(board, placement, share, taken)
        taken |= sum(1 << action for action in placed.picked.actions)
        found.append(placed)
    return tuple(_with_marginals(board, found)) if board.first else tuple(found)


def _place(board: Board, placement: Placement, share: float, taken: int) -> Placed:
    compared = board.group if board.group and placement.kinds & COMPARED else None
    candidates = _candidates(board, placement, taken, compared.arm if compared else "")
    slot = _slot(board, placement, share, compared)
    picked = fill(candidates, slot)
    if compared and compared.arm == NOTHING_ARM and not picked.actions:
        picked = replace(picked, cause=Cause.CONTROL_GROUP)
    return Placed(placement, candidates, slot, picked, picked.probability, compared is not None)


def _candidates(board: Board, placement: Placement, taken: int, arm: str) -> Candidates:
    catalogue, scored = board.snapshot.policy.catalogue, board.scored
    mask = board.allowed & catalogue.placements[board.channel, placement.name] & ~taken
    if arm == NOTHING_ARM:
        mask &= ~(catalogue.kinds[Kind.OFFER] | catalogue.kinds[Kind.MESSAGE])
    rows = np.flatnonzero(catalogue.chosen(mask)[scored.actions])
    actions = scored.actions[rows]
    return Candidates(
        actions=actions,
        priority=_priority(scored, arm)[rows],
        weight=np.ones(len(rows)) if arm == RANDOM else board.snapshot.expectation.curiosity[actions],
        mandatory=board.snapshot.mandatory[actions],
        honoured=catalogue.chosen(board.honoured)[actions],
    )


def _priority(scored: Scored, arm: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if arm == PROPENSITY_ONLY:
        return scored.propensity
    if arm == NO_LEVERS:
        return scored.context_weight * scored.propensity * scored.gain - scored.cost
    return scored.priority


def _slot(board: Board, placement: Placement, share: float, compared: ControlGroup | None) -> Slot:
    catalogue = board.snapshot.policy.catalogue
    fallback = catalogue.index[placement.fallback] if placement.fallback else None
    if compared and compared.arm == RANDOM:
        return Slot(placement.count, False, fallback, 1.0, board.draws.first_place(placement.name))
    if share <= 0.0 or not _explores(board, placement):
        return Slot(placement.count, placement.allow_nothing, fallback, 0.0, 0.0)
    return Slot(placement.count, placement.allow_nothing, fallback, share, board.draws.first_place(placement.name))


def _explores(board: Board, placement: Placement) -> bool:
    named = board.snapshot.policy.policy.exploration.placements
    return placement.kinds <= CONTACT_KINDS and (not named or placement.name in named)


def _with_marginals(board: Board, found: list[Placed]) -> list[Placed]:
    """After a lost claim the probability of the pick over both attempts, p1(a) + p1(lost) x p2(a); None where the slate
    has more than one contact, since then it is not known."""
    before = {placed.placement.name: placed for placed in board.first.placed} if board.first else {}
    contacts = sum(len(placed.picked.actions) for placed in found if placed.placement.kinds <= CONTACT_KINDS)
    single = contacts <= 1 and sum(len(p.picked.actions) for p in before.values() if _contact(p)) == 1
    return [_marginal(placed, before.get(placed.placement.name), single) for placed in found]


def _contact(placed: Placed) -> bool:
    return placed.placement.kinds <= CONTACT_KINDS


def _marginal(placed: Placed, before: Placed | None, single: bool) -> Placed:
    if before is None or not _contact(placed) or before.picked.actions == ():
        return placed
    if not single:
        return replace(placed, probability=None)
    first = first_place_probabilities(before.candidates, before.slot)
    pick, lost = _first(placed.picked), _first(before.picked)
    direct = 0.0 if pick == lost else first.get(pick, 0.0)
    return replace(placed, probability=direct + first.get(lost, 0.0) * placed.picked.probability)


def _first(picked: Picked) -> int:
    return picked.actions[0] if picked.actions else NOTHING
