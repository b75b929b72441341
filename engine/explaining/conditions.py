"""The conditions of a policy's rules as checked trees, compiled when the first explanation asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rules.checked_tree import Ident, Tree, walk
from rules.compiled import CompiledPolicy
from rules.condition import Condition, ConditionCompiler
from rules.facts import FactSchema, declare
from rules.policy import Expression, Policy

TIER_NAME, TIER_DIRECTION = "tier.name", "tier.direction"


@dataclass(slots=True)
class RuleConditions:
    """The trees of one policy's conditions by rule. Of a table row they are those of all rows of its table, of what
    reads the tier also those of the tiers."""

    policy: Policy
    compiler: ConditionCompiler
    _written: dict[str, tuple[Expression, ...]]
    _trees: dict[str, tuple[Tree, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, compiled: CompiledPolicy, facts: FactSchema) -> RuleConditions:
        policy = compiled.policy
        variables = declare(facts, policy.context, policy.attributes)
        return cls(policy, ConditionCompiler(variables, lambda *_: None), dict(_written(policy)))

    def trees(self, rule: str) -> tuple[Tree, ...]:
        """All trees on which it depends whether the rule acts; none for what is no rule with a condition."""
        found = self._trees.get(rule)
        if found is None:
            own = [self._tree(one) for one in self._written.get(rule, ())]
            found = self._trees[rule] = tuple(self._with_tiers([tree for tree in own if tree is not None]))
        return found

    def rows(self, rule: str) -> tuple[str, ...]:
        """The rows of the table that a row belongs to, by id; of anything else that alone."""
        for table in self.policy.tables:
            ids = tuple(row.id for row in table.rows)
            if rule in ids:
                return ids
        return (rule,)

    def cost(self, action: int) -> tuple[Tree, ...]:
        """The tree of what an action (a catalogue index) costs; none where that is a number."""
        cost = self.policy.actions[action].cost
        amount = self.compiler.amount(cost) if isinstance(cost, Expression) else None
        return () if amount is None else (amount.tree,)

    def _with_tiers(self, trees: list[Tree]) -> list[Tree]:
        if not any(TIER_NAME in reads(tree) for tree in trees):
            return trees
        written = (when for tier in self.policy.tiers for when in (tier.when, tier.keep_when) if when is not None)
        found = (self._tree(one) for one in written)
        return [*trees, *(tree for tree in found if tree is not None)]

    def _tree(self, expression: Expression) -> Tree | None:
        condition: Condition | None = self.compiler.condition(expression)
        return None if condition is None else condition.tree


def reads(tree: Tree) -> frozenset[str]:
    """The names in a tree."""
    return frozenset(node.name for node in walk(tree.root) if isinstance(node, Ident))


def all_reads(trees: Iterable[Tree]) -> frozenset[str]:
    return frozenset(name for tree in trees for name in reads(tree))


def _written(policy: Policy) -> Iterator[tuple[str, tuple[Expression, ...]]]:
    for rule in policy.rules:
        yield rule.id, (rule.when,)
    for stop in policy.contact.stops:
        if stop.when is not None:
            yield stop.id, (stop.when,)
    for table in policy.tables:
        rows = tuple(row.when for row in table.rows)
        yield from ((row.id, rows) for row in table.rows)
