"""What a decision came to before it is committed: every candidate's fate and factors, and the picks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from engine.arbitrate import Candidates, Picked, Slot
from engine.decision import Degraded, Factors, Request
from engine.limits.take import Take
from engine.profile import Known
from rules.contact import ContactVerdict
from rules.policy import ControlGroup, Placement
from rules.rationing import NO_RATIONS, LimitsSeen, Rations
from rules.removal import Removal
from rules.situation import Moment, Value
from rules.tier import TierVerdict

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Question:
    """One question with all that its answer depends on: pure from here on. `attempt` is 1, or 2 after a lost claim;
    `limits` is what is known of the limits over all customers, `first` the question of the first of two attempts."""

    request: Request
    known: Known
    moment: Moment
    attempt: int = 1
    limits: LimitsSeen = field(default_factory=dict)
    first: Question | None = None

    def under(self, limits: LimitsSeen) -> Question:
        """The same with what is known of the limits."""
        return Question(self.request, self.known, self.moment, self.attempt, limits, self.first)

    @property
    def now(self) -> float:
        return self.moment.now


class Scored(NamedTuple):
    """Factors of the candidates with catalogue indexes `actions` (k,); `rows` tells where each stands.

    Arrays of k float64 in the policy's currency (gain, cost, priority) or plain numbers. `raw` is the propensity
    before calibration and smoothing; `scarcity` None = 0 for all. `customer`, `moment`, `pair` (a row per modelled
    action) are the model's float32 inputs.
    """

    actions: Indexes
    rows: Mapping[int, int]
    propensity: Floats
    raw: Floats
    gain: Floats
    cost: Floats
    context_weight: Floats
    lever: Floats
    priority: Floats
    customer: npt.NDArray[np.float32]
    moment: npt.NDArray[np.float32]
    pair: npt.NDArray[np.float32]
    scarcity: Floats | None = None

    def arrays(self) -> tuple[Floats, ...]:
        """The factors in the order in which they are logged."""
        return (self.propensity, self.gain, self.cost, self.context_weight, self.lever, self.priority)

    def factors(self, row: int) -> Factors:
        """The factors of one candidate, by its row. Baseline and long-term value are 0 until something knows them."""
        return Factors(
            propensity=self.propensity.item(row),
            baseline=0.0,
            gain=self.gain.item(row),
            cost=self.cost.item(row),
            long_term=0.0,
            context_weight=self.context_weight.item(row),
            lever=self.lever.item(row),
            scarcity=0.0 if self.scarcity is None else self.scarcity.item(row),
            priority=self.priority.item(row),
        )


class Placed(msgspec.Struct, frozen=True):
    """One placement's outcome, with all that it was chosen from.

    `probability` is that of the first place as logged: after a retry the marginal one over both attempts, None where
    a retried slate may have more than one action and is left out of estimation. `kept`: the part of it with which the
    first of two attempts would have made and kept this choice (see engine/retried.py). `controlled`: a comparison
    group changed it.
    """

    placement: Placement
    candidates: Candidates
    slot: Slot
    picked: Picked
    probability: float | None
    controlled: bool = False
    kept: float = 0.0


@dataclass(frozen=True, slots=True)
class Resolution:
    """All that `resolve` found. `removals` in the order of the stages; `values` the variables that rules read; `takes`
    what the picks took of limits over all customers, once it is taken."""

    question: Question
    tier: TierVerdict
    placed: tuple[Placed, ...]
    removals: tuple[Removal, ...]
    scored: Scored
    contact: ContactVerdict
    group: ControlGroup | None
    degraded: tuple[Degraded, ...]
    values: Mapping[str, Value]
    rations: Rations = NO_RATIONS
    takes: tuple[Take, ...] = ()

    def having(self, takes: tuple[Take, ...]) -> Resolution:
        """The same with what its picks took."""
        before = (self.question, self.tier, self.placed, self.removals, self.scored, self.contact, self.group)
        return Resolution(*before, self.degraded, self.values, self.rations, takes)

    def row_of(self, action: int) -> int | None:
        """The row in `scored` of a catalogue index, None where it was not scored (a fallback)."""
        return self.scored.rows.get(action)
