"""The engagement rules compiled: each removes actions of its scope, in the order of stages and of the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rules.catalogue import Catalogue
from rules.fused import Verdicts
from rules.policy import Action, EngagementRule, Stage
from rules.scoped import Scoped, ScopedCompiler, shared_slot
from rules.wording.code import Code

STAGES = {
    Stage.ELIGIBILITY: Code.NOT_ELIGIBLE,
    Stage.APPLICABILITY: Code.NOT_APPLICABLE,
    Stage.SUITABILITY: Code.NOT_SUITABLE,
}
_ORDER = tuple(STAGES)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule. `allows`: what is not known to be allowed is removed; otherwise what is not known to be clear.

    `slot` is where its condition stands in the fused evaluation when it is the same for every action, else -1.
    Such a rule passes all of its `scope` (a bitmask) at once while that value is `allows`, else none of it.
    """

    id: str
    stage: Stage
    allows: bool
    test: Scoped
    slot: int
    scope: int

    @property
    def code(self) -> Code:
        """Why it removes what it is known to take away."""
        return STAGES[self.stage]

    def removes(self, verdicts: Verdicts) -> tuple[int, int]:
        """The actions that the rule is known to take away, and those it takes away because it is unknown."""
        holds, fails = self.test.known(verdicts.values)
        kept, taken = (holds, fails) if self.allows else (fails, holds)
        return taken, self.scope & ~(kept | taken)


class MetRule(NamedTuple):
    """A rule as one channel meets it, with what is read of it at each decision."""

    slot: int
    allows: bool
    scope: int
    code: Code
    rule: CompiledRule


def met_in(rules: Iterable[CompiledRule], placeable: int) -> tuple[MetRule, ...]:
    """The rules that can matter where only the `placeable` actions, a bitmask, may be proposed."""
    return tuple(MetRule(one.slot, one.allows, one.scope, one.code, one) for one in rules if one.scope & placeable)


def unknown_code(test: Scoped, verdicts: Verdicts) -> Code:
    """Why a condition is unknown: a fact is missing, or its evaluation failed."""
    failed = any(error.slot in test.slots for error in verdicts.errors)
    return Code.CONDITION_ERROR if failed else Code.UNKNOWN_FACT


def compile_rules(compiler: ScopedCompiler, rules: Sequence[EngagementRule]) -> tuple[CompiledRule, ...]:
    """The rules by stage, then by place in the file; those that do not hold are reported and left out."""
    compiled = []
    for rule in sorted(rules, key=lambda rule: _ORDER.index(rule.stage)):
        test = compiler.compile(rule.when, compiler.catalogue.mask(rule.scope))
        if test is not None:
            compiled.append(CompiledRule(rule.id, rule.stage, rule.allows, test, shared_slot(test), test.scope))
    return tuple(compiled)


def by_stage(rules: Iterable[CompiledRule]) -> tuple[CompiledRule, ...]:
    """The rules in the order of their stages; those of one stage as they come."""
    return tuple(sorted(rules, key=lambda rule: _ORDER.index(rule.stage)))


class Validity:
    """Which actions are within their dates, found by bisection over the moments at which that changes."""

    def __init__(self, catalogue: Catalogue) -> None:
        changes = {at for action in catalogue.actions for at in (action.valid_from, action.valid_to) if at is not None}
        self._changes = sorted(changes)
        moments = [float("-inf"), *self._changes]
        self._masks = [
            sum(1 << i for i, action in enumerate(catalogue.actions) if _valid(action, at)) for at in moments
        ]

    def at(self, now: float) -> int:
        """The actions valid at `now` (s): from `valid_from` on, until before `valid_to`."""
        return self._masks[bisect_right(self._changes, now)]


def _valid(action: Action, at: float) -> bool:
    begun = action.valid_from is None or action.valid_from <= at
    return begun and (action.valid_to is None or at < action.valid_to)
