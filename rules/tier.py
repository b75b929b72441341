"""Which tier a customer stands in, and where the customer is heading: rising, steady or losing.

The first tier whose condition is known to hold wins; an unknown condition is not this tier. The last tier
has no condition, so every customer has one. Who rises does so at once; who would fall out of the tier held so far stays
for the policy's minimum stay, and for as long as a condition to keep a tier on the way down is known to hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import msgspec

from rules.condition import Condition, ConditionCompiler
from rules.fused import ConditionError, Found, FusedConditions, Slots
from rules.policy import Policy, Tier, ValueTrend
from rules.situation import Value

RISING, STEADY, LOSING = "rising", "steady", "losing"
NOT_FOR_TIERS = ("tier.name", "action", "moment.channel", "moment.direction")
"""What the tier may not depend on: itself, any one action, or the channel, in each of which it is the same."""


class HeldTier(NamedTuple):
    """The tier that the last decision found, and for how many seconds the customer has held it."""

    name: str
    seconds: float


class Grounds(StrEnum):
    """Why the customer stands in a tier: its condition holds, it is for everyone else, or it is kept."""

    WHEN = "when"
    OTHERWISE = "otherwise"
    KEEP_WHEN = "keep_when"
    MIN_STAY = "min_stay"


class TierVerdict(msgspec.Struct, frozen=True):
    """The customer's tier, its index in the ladder, the direction, and a why that is safe to show to anyone."""

    tier: Tier
    index: int
    direction: str
    why: str
    errors: tuple[ConditionError, ...] = ()
    grounds: Grounds = Grounds.WHEN


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier with the slots of its conditions in the ladder's one evaluation, None where it has none."""

    tier: Tier
    when: int | None
    keep_when: int | None

    def holds(self, values: Sequence[Found]) -> bool:
        return self.when is None or values[self.when] is True

    def keeps(self, values: Sequence[Found]) -> bool:
        return self.keep_when is not None and values[self.keep_when] is True


class TierLadder:
    """The tiers in order, with one evaluation for all their conditions. `sticky`: what was held so far matters."""

    def __init__(self, policy: Policy, conditions: FusedConditions, rungs: Sequence[Rung]) -> None:
        self.tiers = policy.tiers
        self.min_stay = policy.min_stay
        self.conditions = conditions
        self.sticky = policy.min_stay > 0.0 or any(rung.keep_when is not None for rung in rungs)
        self._rungs = tuple(rungs)
        self._index = {tier.name: index for index, tier in enumerate(policy.tiers)}
        self._trend = policy.trend

    @property
    def reads(self) -> tuple[str, ...]:
        """The variables that placing a customer reads."""
        trend = () if self._trend is None else (f"customer.{self._trend.now}", f"customer.{self._trend.before}")
        return (*self.conditions.reads, *trend)

    def place(self, values: Mapping[str, Value], held: HeldTier | None = None) -> TierVerdict:
        """The tier for the variables' values; absent ones are unknown. `held` None = none, or one that is gone."""
        direction = value_direction(self._trend, values)
        verdicts = self.conditions.evaluate({**values, "tier.direction": direction})
        index = self._first(verdicts.values)
        grounds = Grounds.OTHERWISE if self._rungs[index].when is None else Grounds.WHEN
        if held is not None and self.sticky:
            index, grounds = self._kept(index, grounds, held, verdicts.values)
        tier = self.tiers[index]
        return TierVerdict(tier, index, direction, tier.public_why, verdicts.errors, grounds)

    def _first(self, values: Sequence[Found]) -> int:
        last = len(self._rungs) - 1
        return next((index for index, rung in enumerate(self._rungs) if rung.holds(values)), last)

    def _kept(self, fallen: int, grounds: Grounds, held: HeldTier, values: Sequence[Found]) -> tuple[int, Grounds]:
        """Where a fall from the tier held so far down to `fallen` ends."""
        top = self._index.get(held.name, fallen)
        for index in range(top, fallen):
            if self._rungs[index].keeps(values):
                return index, Grounds.KEEP_WHEN
            if index == top and held.seconds < self.min_stay:
                return index, Grounds.MIN_STAY
        return fallen, grounds


def compile_ladder(compiler: ConditionCompiler, policy: Policy) -> TierLadder | None:
    """The ladder; None, with the problems reported, where a condition does not hold or there is no tier."""
    slots = Slots()
    rungs: list[Rung] = []
    sound = bool(policy.tiers)
    for tier in policy.tiers:
        when, keep_when = (
            None if written is None else compiler.condition(written, NOT_FOR_TIERS)
            for written in (tier.when, tier.keep_when)
        )
        sound = sound and (tier.when is None) is (when is None) and (tier.keep_when is None) is (keep_when is None)
        rungs.append(Rung(tier, _slot(slots, when), _slot(slots, keep_when)))
    if not sound:
        return None
    return TierLadder(policy, FusedConditions(slots, compiler.env, compiler.variables), rungs)


def _slot(slots: Slots, condition: Condition | None) -> int | None:
    return None if condition is None else slots.add(condition)


def value_direction(trend: ValueTrend | None, values: Mapping[str, Value]) -> str:
    """Rising when the value now is above `rising` times the value before, losing when below `losing` times.

    Steady when either is unknown or no trend is declared. From nothing to something is rising.
    """
    if trend is None:
        return STEADY
    now, before = values.get(f"customer.{trend.now}"), values.get(f"customer.{trend.before}")
    if now is None or before is None or isinstance(now, str) or isinstance(before, str):
        return STEADY
    if before <= 0:
        return RISING if now > 0 else STEADY
    ratio = now / before
    if ratio > trend.rising:
        return RISING
    return LOSING if ratio < trend.losing else STEADY
