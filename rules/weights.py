"""The policy's factors of a priority, for every action at once: context weight C, lever L, gain G, cost K;
and the price S of what is scarce, where it has one.

    C = max(0, 1 + sum of the context weights that hold and of the influencers at work / 100)
    L = max(0, 1 + (action + issue + group) / 100)
    G = sum over goals of unit value x tier weight x the action's value for the goal

An amount that is unknown for the customer is never a silent number: an unknown value counts nothing, and an
action whose cost is unknown is `unpriced` and must not compete.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import structs

from rules.compiled import CompiledPolicy
from rules.fused import Found, Verdicts
from rules.influence import Influence
from rules.tier import TierVerdict
from rules.worth import Gains, Worth

Floats = npt.NDArray[np.float64]


class Weights(msgspec.Struct, frozen=True):
    """Per action of the catalogue, shape (n,), float64, read-only: factors and money. Bitmasks: `unpriced` actions have
    an unknown cost, `undervalued` ones an unknown value for some goal, which counted nothing. `tier` is the customer's,
    an index."""

    context: Floats
    lever: Floats
    gain: Floats
    cost: Floats
    unpriced: int
    undervalued: int
    scarcity: Floats | None = None
    tier: int = 0

    def under(self, scarcity: Floats | None) -> Weights:
        """The same with the price S of what is scarce, per action (n,), None = 0."""
        return self if scarcity is None else structs.replace(self, scarcity=scarcity)


def weigh(
    compiled: CompiledPolicy, verdicts: Verdicts, tier: TierVerdict, influences: Sequence[Influence] = ()
) -> Weights:
    """The factors for a customer of this tier, given what the conditions and amounts said and which earlier outcomes
    still count."""
    worth = compiled.worth
    gain, undervalued = _gain(worth, verdicts.values, tier.tier.name)
    cost, unpriced = _cost(worth, verdicts.values)
    return Weights(
        context=_context(compiled, verdicts.values, influences),
        lever=worth.lever,
        gain=gain,
        cost=cost,
        unpriced=_mask(compiled, unpriced),
        undervalued=_mask(compiled, undervalued),
        tier=tier.index,
    )


def _context(compiled: CompiledPolicy, values: Sequence[Found], influences: Sequence[Influence]) -> Floats:
    percents: Floats | None = None
    for leaning in compiled.worth.leanings:
        holds = leaning.holds(values)
        if holds:
            percents = np.zeros(len(compiled.catalogue)) if percents is None else percents
            percents[compiled.catalogue.indexes(holds)] += leaning.add
    for influence in influences:
        percents = np.zeros(len(compiled.catalogue)) if percents is None else percents
        percents[compiled.catalogue.indexes(influence.scope)] += influence.percent
    return compiled.worth.ones if percents is None else np.maximum(1.0 + percents / 100.0, 0.0)


def _gain(worth: Worth, values: Sequence[Found], tier: str) -> tuple[Floats, npt.NDArray[np.bool_] | None]:
    gains = worth.tiers[tier]
    gain, unknown = _plain_gain(worth, gains, values)
    for goal, shared in worth.values:
        amounts = shared.values(values)
        missing = np.isnan(amounts)
        if missing.any():
            unknown = np.zeros(len(gain), dtype=np.bool_) if unknown is None else unknown
            unknown[shared.indexes] |= missing
        gain[shared.indexes] += np.where(missing, 0.0, amounts) * gains.per_unit[goal]
    return gain, unknown


def _plain_gain(worth: Worth, gains: Gains, values: Sequence[Found]) -> tuple[Floats, npt.NDArray[np.bool_] | None]:
    if not len(worth.plain):
        return (gains.constant.copy() if worth.values else gains.constant), None
    amounts, missing = worth.plain.read(values)
    gain = gains.constant + gains.plain @ amounts
    return gain, None if missing is None else worth.plain.about(missing)


def _cost(worth: Worth, values: Sequence[Found]) -> tuple[Floats, npt.NDArray[np.bool_] | None]:
    if not worth.costs:
        return worth.cost, None
    cost, unknown = worth.cost.copy(), np.zeros(len(worth.cost), dtype=np.bool_)
    for shared in worth.costs:
        amounts = shared.values(values)
        missing = np.isnan(amounts)
        unknown[shared.indexes] = missing
        cost[shared.indexes] = np.where(missing, 0.0, np.maximum(amounts, 0.0))
    return cost, unknown


def _mask(compiled: CompiledPolicy, unknown: npt.NDArray[np.bool_] | None) -> int:
    return 0 if unknown is None else compiled.catalogue.mask_of(unknown)
