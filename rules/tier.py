"""Which tier a customer stands in, and where the customer is heading: rising, steady or losing.

The first tier whose condition is known to hold wins; an unknown condition is not this tier. The last tier
has no condition, so every customer has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.condition import ConditionCompiler
from rules.fused import ConditionError, FusedConditions, Slots
from rules.policy import Tier, ValueTrend
from rules.situation import Value

RISING, STEADY, LOSING = "rising", "steady", "losing"
_NOT_FOR_TIERS = ("tier.name", "action")


@dataclass(frozen=True, slots=True)
class TierVerdict:
    """The customer's tier, its index in the ladder, the direction, and a why that is safe to show to anyone."""

    tier: Tier
    index: int
    direction: str
    why: str
    errors: tuple[ConditionError, ...] = ()


class TierLadder:
    """The tiers in order, with one evaluation for all their conditions."""

    def __init__(
        self, tiers: Sequence[Tier], trend: ValueTrend | None, conditions: FusedConditions, slots: Sequence[int | None]
    ) -> None:
        self.tiers = tuple(tiers)
        self.conditions = conditions
        self._steps = tuple(enumerate(zip(self.tiers, slots, strict=True)))
        self._trend = trend

    @property
    def reads(self) -> tuple[str, ...]:
        """The variables that placing a customer reads."""
        trend = () if self._trend is None else (f"customer.{self._trend.now}", f"customer.{self._trend.before}")
        return (*self.conditions.reads, *trend)

    def place(self, values: Mapping[str, Value]) -> TierVerdict:
        """The tier for the variables' values; absent ones are unknown."""
        direction = value_direction(self._trend, values)
        verdicts = self.conditions.evaluate({**values, "tier.direction": direction})
        for index, (tier, slot) in self._steps:
            if slot is None or verdicts.values[slot] is True:
                return TierVerdict(tier, index, direction, tier.public_why, verdicts.errors)
        last = self.tiers[-1]
        return TierVerdict(last, len(self.tiers) - 1, direction, last.public_why, verdicts.errors)


def compile_ladder(compiler: ConditionCompiler, tiers: Sequence[Tier], trend: ValueTrend | None) -> TierLadder | None:
    """The ladder; None, with the problems reported, where a condition does not hold or there is no tier."""
    slots = Slots()
    steps: list[int | None] = []
    sound = bool(tiers)
    for tier in tiers:
        condition = None if tier.when is None else compiler.condition(tier.when, _NOT_FOR_TIERS)
        sound = sound and (tier.when is None or condition is not None)
        steps.append(None if condition is None else slots.add(condition))
    if not sound:
        return None
    return TierLadder(tiers, trend, FusedConditions(slots, compiler.env, compiler.variables), steps)


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
