"""What is counted of each decision: channel, tier, first actions, removals, what was missing, time by stage."""

from __future__ import annotations

from collections.abc import Callable

from engine.counts import Counts
from engine.decider import Observation
from engine.decision import Decision


class DecisionCounts:
    """Takes observations of a decider. Cost: 2 us for a decision with two placements and five stages."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._stages: dict[str, Callable[[float], None]] = {}

    def observe(self, seen: Observation) -> None:
        """Count one decision."""
        count_answer(self._counts, seen.channel, seen.decision)
        count = self._counts.add
        for removal in seen.removals:
            count("befit_removed", (removal.stage._value_, removal.rule_id), removal.mask.bit_count())
        for stage, micros in seen.micros:
            self._stage(stage)(micros * 1e-6)

    def _stage(self, stage: str) -> Callable[[float], None]:
        try:
            return self._stages[stage]
        except KeyError:
            return self._stages.setdefault(stage, self._counts.observer("befit_stage_seconds", stage))


def count_answer(counts: Counts, channel: str, decision: Decision) -> None:
    """Count what was answered."""
    tier = decision.tier
    counts.add("befit_decisions", (channel, tier))
    for filled in decision.placements:
        action = filled.actions[0].action if filled.actions else "nothing"
        counts.add("befit_proposed", (channel, tier, action))
    for code in decision.degraded:
        counts.add("befit_degraded", (code._value_,))
