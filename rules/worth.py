"""What each action is worth and costs, and how much the company leans on it: constants ready as arrays per tier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rules.amounts import PlainAmounts, SharedAmount, share_amounts
from rules.catalogue import Catalogue
from rules.facts import FactSchema
from rules.fused import Found
from rules.policy import Amount, ContextWeight, Expression, Levers, Policy, Tier
from rules.scoped import Scoped, ScopedCompiler, shared_slot

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gains:
    """The constant part of the gain in one tier, shape (n,); the tier's money per unit of each goal; and `plain`, shape
    (n, m), the money per unit of each plain amount for each action."""

    constant: Floats
    per_unit: Mapping[str, float]
    plain: Floats


@dataclass(frozen=True, slots=True)
class Leaning:
    """A context weight: adds `add` percent for the actions for which its condition is known to hold. `slot` is where
    the condition stands in the fused evaluation if it is the same for every action, else -1."""

    id: str
    add: float
    test: Scoped
    slot: int = -1

    def holds(self, values: Sequence[Found]) -> int:
        """The actions for which the condition is known to hold, a bitmask."""
        if self.slot < 0:
            return self.test.known(values)[0]
        return self.test.scope if values[self.slot] is True else 0


@dataclass(frozen=True, slots=True)
class Worth:
    """Everything that weighing reads.

    `tiers` by the tier's name; `plain` are the amounts of all goals that are the same for the actions that share
    them, `values` those that read `action.*`, with their goal; `cost` (n,) has 0 where an expression in `costs` says
    it; `lever` (n,) is L; `ones` is C without weights.
    """

    tiers: Mapping[str, Gains]
    plain: PlainAmounts
    values: tuple[tuple[str, SharedAmount], ...]
    cost: Floats
    costs: tuple[SharedAmount, ...]
    lever: Floats
    ones: Floats
    leanings: tuple[Leaning, ...]


def compile_worth(compiler: ScopedCompiler, policy: Policy, facts: FactSchema) -> Worth:
    """The worth of a policy's actions; expressions that do not hold are reported."""
    catalogue = compiler.catalogue
    values = tuple(
        (goal, shared)
        for goal in policy.goals
        for shared in share_amounts(compiler, facts, _written(action.value.get(goal) for action in catalogue.actions))
    )
    plain = [(goal, shared) for goal, shared in values if shared.program is None]
    amounts = PlainAmounts(len(catalogue), [shared for _, shared in plain])
    goals = [goal for goal, _ in plain]
    costs = tuple(share_amounts(compiler, facts, _written(action.cost for action in catalogue.actions)))
    return Worth(
        tiers={tier.name: _gains(catalogue, policy, tier, amounts.members, goals) for tier in policy.tiers},
        plain=amounts,
        values=tuple((goal, shared) for goal, shared in values if shared.program is not None),
        cost=_fixed(_constant(action.cost) for action in catalogue.actions),
        costs=costs,
        lever=_levers(catalogue, policy.levers),
        ones=_fixed(1.0 for _ in catalogue.actions),
        leanings=_leanings(compiler, policy.context_weights),
    )


def _leanings(compiler: ScopedCompiler, weights: Sequence[ContextWeight]) -> tuple[Leaning, ...]:
    compiled = ((weight, compiler.compile(weight.when, compiler.catalogue.mask(weight.scope))) for weight in weights)
    return tuple(
        Leaning(weight.id, weight.add, test, shared_slot(test)) for weight, test in compiled if test is not None
    )


def _gains(catalogue: Catalogue, policy: Policy, tier: Tier, members: Floats, goals: Sequence[str]) -> Gains:
    per_unit = {goal.name: goal.unit_value * tier.weights.get(goal.name, 0.0) for goal in policy.goals.values()}
    constant = (
        sum(_constant(amount) * per_unit.get(goal, 0.0) for goal, amount in action.value.items())
        for action in catalogue.actions
    )
    return Gains(_fixed(constant), per_unit, members * np.array([per_unit[goal] for goal in goals]))


def _levers(catalogue: Catalogue, levers: Levers) -> Floats:
    percents = (
        levers.actions.get(action.id, 0.0) + levers.issues.get(action.issue, 0.0) + levers.groups.get(action.group, 0.0)
        for action in catalogue.actions
    )
    return _fixed(max(0.0, 1.0 + percent / 100.0) for percent in percents)


def _constant(amount: Amount) -> float:
    return 0.0 if isinstance(amount, Expression) else amount


def _written(amounts: Iterator[Amount | None]) -> Iterator[tuple[int, Expression]]:
    return ((index, amount) for index, amount in enumerate(amounts) if isinstance(amount, Expression))


def _fixed(cells: Iterator[float]) -> Floats:
    """A read-only array: decisions share it."""
    array = np.fromiter(cells, dtype=np.float64)
    array.flags.writeable = False
    return array
