"""What a policy and a bundle would do on each choice: every action's chance of the first place that was at stake.

A choice of the log names its placement. A row of a history is one contact: where its channel has several placements
for contacts, the policy's one contact is the first place of the one whose pick is worth most, and whatever any of them
would take could have been chosen. Nothing is committed and nothing drawn: the chances are those that the draw is made
with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from engine.arbitrate import NOTHING, first_place_probabilities
from engine.decide import resolve
from engine.evaluation.tried import Tried
from engine.resolution import Placed, Resolution, Scored
from engine.snapshot import Snapshot
from rules.policy import CONTACT_KINDS

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
        stake = _at_stake(snapshot, resolution, named, int(tried.actions[row]))
        leading = _leading(stake, resolution)
        chances = first_place_probabilities(leading.candidates, leading.slot) if leading else {NOTHING: 1.0}
        _note(found, row, chances, place_of)
        _note_allowed(found, row, stake, resolution.scored, place_of)
    return found


def _note(found: Chances, row: int, chances: Mapping[int, float], place_of: Mapping[int, int]) -> None:
    found.nothing[row] = chances.get(NOTHING, 0.0)
    for action, chance in chances.items():
        if action in place_of:
            found.policy[row, place_of[action]] = chance
        elif action != NOTHING:
            found.untried[row] += chance


def _at_stake(snapshot: Snapshot, resolution: Resolution, named: str, action: int) -> list[Placed]:
    """The placement of this name; else all of the channel that take contacts, where the chosen action is one, or the
    one that takes the action."""
    if named:
        return [placed for placed in resolution.placed if placed.placement.name == named]
    catalogue, channel = snapshot.policy.catalogue, resolution.question.request.channel
    if snapshot.expectation.modelled[action]:
        return [placed for placed in resolution.placed if placed.placement.kinds & CONTACT_KINDS]
    taking = (one for one in resolution.placed if catalogue.placements[channel, one.placement.name] >> action & 1)
    return list(islice(taking, 1))


def _leading(stake: Sequence[Placed], resolution: Resolution) -> Placed | None:
    """The one whose usual pick comes first: mandatory before all, then by worth. None without any."""

    def standing(placed: Placed) -> tuple[bool, float]:
        candidates = placed.candidates
        row = resolution.row_of(candidates.actions[0]) if candidates.worthwhile else None
        return candidates.mandatory > 0, -math.inf if row is None else float(resolution.scored.priority[row])

    return max(stake, key=standing, default=None)


def _note_allowed(
    found: Chances, row: int, stake: Sequence[Placed], scored: Scored, place_of: Mapping[int, int]
) -> None:
    choosable = {action for one in stake for action in one.candidates.actions[: one.candidates.choosable]}
    known = sorted(action for action in choosable if action in place_of)
    if not known:
        return
    places = [place_of[action] for action in known]
    found.allowed[row, places] = True
    chances = [float(scored.propensity[scored.rows[action]]) for action in known]
    found.likeliest[row, places[int(np.argmax(chances))]] = 1.0


def _indexes(n: int) -> Indexes:
    return np.zeros(n, dtype=np.intp)
