"""The whole review of a policy that loads: every finding at its place, in the order of the file."""

from __future__ import annotations

from documents.node import Source
from rules.compiled import CompiledPolicy
from rules.facts import FactSchema
from rules.review.constant import review_amounts, review_conditions
from rules.review.finding import Finding
from rules.review.idle import review_idle
from rules.review.limits import review_limits
from rules.review.pricing import review_prices
from rules.review.purposes import review_purposes
from rules.review.rationing import review_rationing
from rules.review.reach import review_actions, review_tiers
from rules.review.shadows import review_shadows
from rules.review.subject import Subject
from rules.review.triggering import review_triggers
from rules.review.used import other_expressions, used_conditions

_PARTS = (
    review_tiers,
    review_shadows,
    review_actions,
    review_limits,
    review_rationing,
    review_prices,
    review_purposes,
    review_idle,
    review_triggers,
)


def review(compiled: CompiledPolicy, facts: FactSchema, source: Source, now: float) -> tuple[Finding, ...]:
    """What is wrong or suspicious in a policy; `source` is the file it was read from, `now` (s) tells what is over."""
    subject = Subject.of(compiled, facts, source, now)
    review_conditions(subject, used_conditions(subject))
    review_amounts(subject, other_expressions(subject))
    for part in _PARTS:
        part(subject)
    return tuple(sorted(subject.findings, key=lambda one: (one.problem.place.line, one.problem.place.column)))
