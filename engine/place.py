"""Fills the placements of a channel one after the other: comparison groups, exploration, and what is taken already."""

from __future__ import annotations

import msgspec
import numpy as np
from msgspec import structs

from engine.arbitrate import NO_CANDIDATES, Floats, Preference, Slot, fill
from engine.decision import Cause
from engine.experiment import Draws
from engine.resolution import Placed, Scored
from engine.snapshot import Snapshot
from rules.policy import ControlGroup, Kind, Placement
from rules.rationing import NO_RATIONS, Rations

COMPARED = frozenset({Kind.OFFER, Kind.MESSAGE})
"""What comparison groups change; service never depends on them."""

RANDOM, NOTHING_ARM, PROPENSITY_ONLY, NO_LEVERS = "random", "nothing", "propensity_only", "no_levers"


class Board(msgspec.Struct, frozen=True):
    """What the placements of one decision are filled from. `allowed` and `honoured` are bitmasks; `share` of
    exploration in [0, 1]."""

    snapshot: Snapshot
    channel: str
    scored: Scored
    allowed: int
    honoured: int
    group: ControlGroup | None
    draws: Draws
    share: float
    rations: Rations = NO_RATIONS


def place(board: Board, placements: tuple[Placement, ...]) -> tuple[Placed, ...]:
    """Each placement's outcome, in order; an action is proposed once."""
    usual = _preference(board, "")
    compared = _preference(board, board.group.arm) if board.group else usual
    found: list[Placed] = []
    taken = 0
    for placement in placements:
        group = board.group if board.group and placement.kinds & COMPARED else None
        preference, out = compared if group else usual, taken
        placed = _place(board, placement, preference, group, out)
        while beyond := _beyond(board, (*found, placed)):
            out |= beyond
            placed = _place(board, placement, preference, group, out)
        for action in placed.picked.actions:
            taken |= 1 << action
        found.append(placed)
    return tuple(found)


def _beyond(board: Board, placed: tuple[Placed, ...]) -> int:
    """The first pick, a bitmask, for which a limit over all customers has too little left beside the others."""
    if not board.rations.short:
        return 0
    filled = (one.picked for one in placed if one.picked.cause is not Cause.FALLBACK)
    return board.rations.beyond(action for picked in filled for action in picked.actions)


def _preference(board: Board, arm: str) -> Preference:
    scored = board.scored
    mandatory = board.snapshot.mandatory_mask & board.allowed
    return Preference.of(list(scored.rows), mandatory, _priority(board, arm), scored.raw)


def _priority(board: Board, arm: str) -> Floats:
    """What an arm ranks by. None of them proposes at a loss: what is worth less than nothing stays so."""
    scored = board.scored
    if arm == NO_LEVERS:
        worth = scored.context_weight * scored.propensity * scored.gain - scored.cost
        return worth if scored.scarcity is None else worth - scored.scarcity
    if arm == PROPENSITY_ONLY:
        return np.where(scored.priority > 0.0, scored.propensity, scored.priority)
    if arm == RANDOM:
        ids = board.snapshot.policy.catalogue.ids
        drawn = np.array([board.draws.of_action(ids[action]) for action in scored.actions.tolist()])
        return np.where(scored.priority >= 0.0, drawn, scored.priority)
    return scored.priority


def _place(
    board: Board, placement: Placement, preference: Preference, group: ControlGroup | None, taken: int
) -> Placed:
    catalogue, arm = board.snapshot.policy.catalogue, group.arm if group else ""
    mask = board.allowed & catalogue.placements[board.channel, placement.name] & ~taken
    if arm == NOTHING_ARM:
        mask &= ~(catalogue.kinds[Kind.OFFER] | catalogue.kinds[Kind.MESSAGE])
    slot = _slot(board, placement, group)
    candidates = preference.among(mask, board.honoured) if mask else NO_CANDIDATES
    if slot.share > 0.0 and candidates.choosable:
        drawn = candidates.actions[: candidates.choosable]
        weight = np.ones(len(drawn)) if arm == RANDOM else board.snapshot.expectation.curiosity.take(drawn)
        candidates = candidates._replace(weight=weight)
    picked = fill(candidates, slot)
    if arm == NOTHING_ARM and not picked.actions:
        picked = structs.replace(picked, cause=Cause.CONTROL_GROUP)
    return Placed(placement, candidates, slot, picked, picked.probability, group is not None)


def _slot(board: Board, placement: Placement, group: ControlGroup | None) -> Slot:
    catalogue = board.snapshot.policy.catalogue
    fallback = catalogue.index[placement.fallback] if placement.fallback else None
    if group and group.arm == RANDOM:
        return Slot(placement.count, False, fallback, 1.0, board.draws.first_place(placement.name))
    if board.share <= 0.0 or (board.channel, placement.name) not in board.snapshot.explored:
        return Slot(placement.count, placement.allow_nothing, fallback, 0.0, 0.0)
    drawn = board.draws.first_place(placement.name)
    return Slot(placement.count, placement.allow_nothing, fallback, board.share, drawn)
