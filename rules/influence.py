"""What earlier outcomes add to the context weight now: a complaint that still weighs, a purchase that still counts.

The latest outcome that an influencer follows counts; outcomes do not add up. With t seconds gone since then,

    percent = start + (end - start) x t / over        while 0 <= t < over, else 0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rules.catalogue import Catalogue
from rules.contact_rows import ContactRows
from rules.influencer import Influencer
from rules.ledger import outcome_code, short_id
from rules.terms import Scope


class Influence(NamedTuple):
    """An influencer at work: `percent` is added to the context weight of the actions in the bitmask `scope`."""

    id: str
    percent: float
    scope: int


@dataclass(frozen=True, slots=True)
class CompiledInfluencer:
    """An influencer over a catalogue. `outcomes` are codes as rules.ledger has them; `about` (n + 1,) says contacts of
    which actions it follows; `reasons` are short ids, none = any."""

    rule: Influencer
    scope: int
    outcomes: frozenset[int]
    about: tuple[bool, ...]
    reasons: frozenset[int]

    def percent(self, rows: ContactRows, now: float) -> float:
        """What it adds at `now` (s), 0 without an outcome that it follows."""
        rule = self.rule
        since, outcomes, about, reasons = now - rule.over, self.outcomes, self.about, self.reasons
        told = zip(rows.outcome_at, rows.outcomes, rows.actions, rows.reasons, strict=True)
        followed = (
            at
            for at, outcome, action, reason in told
            if at > since and outcome in outcomes and about[action] and (not reasons or reason in reasons)
        )
        latest = max(followed, default=None)
        if latest is None:
            return 0.0
        gone = max(0.0, now - latest)
        return rule.start + (rule.end - rule.start) * gone / rule.over


def compile_influencers(catalogue: Catalogue, rules: Sequence[Influencer]) -> tuple[CompiledInfluencer, ...]:
    """The influencers, ready to be asked."""
    return tuple(_compiled(catalogue, rule) for rule in rules)


def _compiled(catalogue: Catalogue, rule: Influencer) -> CompiledInfluencer:
    outcomes = frozenset(outcome_code(name) for name in rule.outcomes)
    followed = catalogue.mask(rule.about)
    about = (*(bool(followed >> action & 1) for action in range(len(catalogue))), rule.about == Scope())
    reasons = frozenset(short_id(reason) for reason in rule.reasons)
    return CompiledInfluencer(rule, catalogue.mask(rule.scope), outcomes, about, reasons)


def influences(
    influencers: Sequence[CompiledInfluencer], rows: ContactRows | None, now: float, pushing: bool = True
) -> tuple[Influence, ...]:
    """Those at work at `now` (s), in the order of the policy. Without `pushing`, only those that hold back."""
    if rows is None:
        return ()
    found = (Influence(one.rule.id, one.percent(rows, now), one.scope) for one in influencers)
    return tuple([one for one in found if one.percent < 0.0 or (one.percent > 0.0 and pushing)])
