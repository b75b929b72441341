"""What earlier outcomes add to the context weight now: a complaint that still weighs, a purchase that still counts.

The latest outcome that an influencer follows counts; outcomes do not add up. With t seconds gone since then,

    percent = start + (end - start) x t / over        while 0 <= t < over, else 0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rules.catalogue import Catalogue
from rules.contact_rows import Bools, ContactRows
from rules.influencer import Influencer
from rules.ledger import OUTCOMES, short_id
from rules.stops import outcome_index
from rules.terms import Scope

Floats = npt.NDArray[np.float64]


class Influence(NamedTuple):
    """An influencer at work: `percent` is added to the context weight of the actions in the bitmask `scope`."""

    id: str
    percent: float
    scope: int


@dataclass(frozen=True, slots=True)
class CompiledInfluencer:
    """An influencer over a catalogue. `outcomes` (len(OUTCOMES),) and `about` (n + 1,) say which contacts it follows;
    the policy's own outcome types share one, OTHER; `reasons` are short ids."""

    rule: Influencer
    scope: int
    outcomes: Bools
    about: Bools
    reasons: tuple[int, ...]

    def percent(self, rows: ContactRows, now: float) -> float:
        """What it adds at `now` (s), 0 without an outcome that it follows."""
        rule = self.rule
        followed = self.outcomes[rows.outcomes] & self.about[rows.actions] & (rows.outcome_at > now - rule.over)
        if self.reasons:
            followed &= np.isin(rows.reasons, self.reasons)
        if not followed.any():
            return 0.0
        gone = max(0.0, now - float(rows.outcome_at[followed].max()))
        return rule.start + (rule.end - rule.start) * gone / rule.over


def compile_influencers(catalogue: Catalogue, rules: Sequence[Influencer]) -> tuple[CompiledInfluencer, ...]:
    """The influencers, ready to be asked."""
    return tuple(_compiled(catalogue, rule) for rule in rules)


def _compiled(catalogue: Catalogue, rule: Influencer) -> CompiledInfluencer:
    outcomes = np.zeros(len(OUTCOMES), dtype=np.bool_)
    outcomes[[outcome_index(name) for name in rule.outcomes]] = True
    about = np.zeros(len(catalogue) + 1, dtype=np.bool_)
    about[catalogue.indexes(catalogue.mask(rule.about))] = True
    about[-1] = rule.about == Scope()
    reasons = tuple(sorted(short_id(reason) for reason in rule.reasons))
    return CompiledInfluencer(rule, catalogue.mask(rule.scope), outcomes, about, reasons)


def influences(
    influencers: Sequence[CompiledInfluencer], rows: ContactRows | None, now: float, pushing: bool = True
) -> tuple[Influence, ...]:
    """Those at work at `now` (s), in the order of the policy. Without `pushing`, only those that hold back."""
    if rows is None:
        return ()
    found = (Influence(one.rule.id, one.percent(rows, now), one.scope) for one in influencers)
    return tuple([one for one in found if one.percent < 0.0 or (one.percent > 0.0 and pushing)])
