"""Why a customer stands in a tier, and what would lift them: for agents and analysts, never for the customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.profile import Known
from engine.rights.bound import bound
from engine.snapshot import Snapshot
from engine.tiers.held import held_tier, read_tier
from rules.comparisons import Comparison
from rules.policy import Expression, Tier
from rules.situation import Moment, Value
from rules.tier import Grounds, TierVerdict


@dataclass(frozen=True, slots=True)
class TierStanding:
    """The tier as a decision would find it now, and the condition that decides it. `kept_until` (s) is the end of the
    minimum stay, None where there is none. `lift` are the comparisons of the next higher tier: those that do not hold
    are what would lift the customer."""

    tier: str
    direction: str
    grounds: Grounds
    condition: str
    because: tuple[Comparison, ...]
    kept_until: float | None
    next_tier: str
    next_condition: str
    lift: tuple[Comparison, ...]


def standing_of(snapshot: Snapshot, known: Known, now: float) -> TierStanding:
    """The standing at `now` (s), whatever the channel and the need: a condition that asks for one is unknown."""
    ladder = snapshot.policy.tiers
    values = bound(snapshot, known, Moment(now, ""))
    held = held_tier(snapshot, known, now)
    verdict = snapshot.policy.place(values, held)
    values["tier.direction"] = verdict.direction
    above = ladder.tiers[verdict.index - 1] if verdict.index else None
    decides, lifts = _deciding(verdict), above.when if above else None
    return TierStanding(
        tier=verdict.tier.name,
        direction=verdict.direction,
        grounds=verdict.grounds,
        condition=_said(snapshot, decides),
        because=_compared(snapshot, decides, values),
        kept_until=_kept_until(snapshot, known, verdict.tier),
        next_tier=above.name if above else "",
        next_condition=_said(snapshot, lifts),
        lift=_compared(snapshot, lifts, values),
    )


def _deciding(verdict: TierVerdict) -> Expression | None:
    """The condition that decides the tier: to come into it, or to keep it."""
    return verdict.tier.when if verdict.grounds is Grounds.WHEN else verdict.tier.keep_when


def _kept_until(snapshot: Snapshot, known: Known, tier: Tier) -> float | None:
    stay = snapshot.policy.tiers.min_stay
    name, since = read_tier(known.fields.tier if known.fields else None)
    return since + stay if stay and since is not None and name == tier.name else None


def _said(snapshot: Snapshot, condition: Expression | None) -> str:
    return "" if condition is None else snapshot.reasons.named(" ".join(condition.source.split()))


def _compared(snapshot: Snapshot, condition: Expression | None, values: Mapping[str, Value]) -> tuple[Comparison, ...]:
    """The comparisons of a condition in the company's own words, as all that is told."""
    judged = snapshot.comparing.judge(condition, values)
    return tuple(one._replace(comparison=snapshot.reasons.named(one.comparison)) for one in judged)
