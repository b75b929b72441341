"""What a policy and a bundle would do on each choice: every action's chance of the first place that was at stake.

A choice's place is the placement of its channel that takes the chosen action. Nothing is committed and nothing drawn:
the chances are those that the draw is made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.arbitrate import NOTHING, first_place_probabilities
from engine.decide import resolve
from engine.evaluation.tried import Tried
from engine.resolution import Placed, Resolution
from engine.snapshot import Snapshot

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Chances:
    """Per choice and tried action, (n, k): `policy` the chance that the policy takes it, `likeliest` 1 for the allowed
    one with the highest propensity, `allowed` whether the policy allows it. Per choice, (n,): `nothing` the chance that
    nothing is proposed, `untried` that of actions which were never tried, `tiers` the customer's tier, an index."""

    policy: Floats
    likeliest: Floats
    allowed: npt.NDArray[np.bool_]
    nothing: Floats
    untried: Floats
    tiers: Indexes


def chances_of(snapshot: Snapshot, tried: Tried) -> Chances:
    """Ask every question of the choices under the snapshot."""
    n, k = len(tried.logged), len(tried.tried)
    found = Chances(
        np.zeros((n, k)), np.zeros((n, k)), np.zeros((n, k), dtype=np.bool_), np.zeros(n), np.zeros(n), _indexes(n)
    )
    place_of = {action: place for place, action in enumerate(tried.tried.tolist())}
    for row, question in enumerate(tried.questions):
        resolution = resolve(snapshot, question)
        found.tiers[row] = resolution.tier.index
        named = tried.placements[row] if tried.placements else ""
        placed = _at_stake(snapshot, resolution, named, int(tried.actions[row]))
        if placed is None:
            _note(found, row, {NOTHING: 1.0}, place_of)
            continue
        _note(found, row, first_place_probabilities(placed.candidates, placed.slot), place_of)
        _note_allowed(found, row, placed, resolution, place_of)
    return found


def _note(found: Chances, row: int, chances: Mapping[int, float], place_of: Mapping[int, int]) -> None:
    found.nothing[row] = chances.get(NOTHING, 0.0)
    for action, chance in chances.items():
        if action in place_of:
            found.policy[row, place_of[action]] = chance
        elif action != NOTHING:
            found.untried[row] += chance


def _at_stake(snapshot: Snapshot, resolution: Resolution, named: str, action: int) -> Placed | None:
    """The placement of this name, or the one that takes the chosen action in this channel; None where none does."""
    question = resolution.question
    placements = snapshot.policy.catalogue.placements
    for placed in resolution.placed:
        if named:
            if placed.placement.name == named:
                return placed
        elif placements[question.request.channel, placed.placement.name] >> action & 1:
            return placed
    return None


def _note_allowed(found: Chances, row: int, placed: Placed, resolution: Resolution, place_of: dict[int, int]) -> None:
    choosable = placed.candidates.actions[: placed.candidates.choosable]
    known = [action for action in choosable if action in place_of]
    if not known:
        return
    places = [place_of[action] for action in known]
    found.allowed[row, places] = True
    scored = resolution.scored
    chances = [float(scored.propensity[scored.rows[action]]) for action in known]
    found.likeliest[row, places[int(np.argmax(chances))]] = 1.0


def _indexes(n: int) -> Indexes:
    return np.zeros(n, dtype=np.intp)
