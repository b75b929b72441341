"""What two sides would both work out for the same question, worked out once.

Most changes of a policy leave most of it as it was. Where the conditions are the same texts over the same facts, and
where the same model reads the same actions, the second side is given what the first one just found. Held to two sides
that share nothing by a test.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.expectation import Asked, Expectation, Expected, Indexes
from engine.snapshot import Snapshot
from rules.compiled import CompiledPolicy
from rules.fused import FusedConditions, Verdicts
from rules.policy import Policy
from rules.situation import Value

_COMPARED = tuple(name for name in Asked._fields if name != "vector")


def sharing(before: Snapshot, after: Snapshot) -> tuple[Snapshot, Snapshot]:
    """Both sides, handing over to each other what is the same. They must be asked in turns, in one thread."""
    policies = _with_conditions(before, after)
    first, second = replace(before, policy=policies[0]), replace(after, policy=policies[1])
    if not _expect_alike(before, after):
        return first, second
    expectation = SharedExpectation(before.expectation)
    return replace(first, expectation=expectation), replace(second, expectation=expectation)


class SharedConditions(FusedConditions):
    """Conditions that remember what they last gave."""

    def __init__(self, conditions: FusedConditions) -> None:
        vars(self).update(vars(conditions))
        self._asked: Mapping[str, Value] | None = None
        self._found = Verdicts(())

    def evaluate(self, values: Mapping[str, Value]) -> Verdicts:
        if values != self._asked:
            self._asked, self._found = dict(values), super().evaluate(values)
        return self._found


class SharedExpectation(Expectation):
    """An expectation that remembers what it last gave."""

    def __init__(self, expectation: Expectation) -> None:
        vars(self).update(vars(expectation))
        self._last: tuple[Asked, Indexes, Expected] | None = None

    def of(self, asked: Asked, chosen: Indexes) -> Expected:
        last = self._last
        if last is not None and _same(last[0], asked) and np.array_equal(last[1], chosen):
            return last[2]
        found = super().of(asked, chosen)
        self._last = (asked, chosen, found)
        return found


def _same(one: Asked, other: Asked) -> bool:
    """By identity where the parts are large: both sides were given the very same customer."""
    return one.vector is other.vector and all(getattr(one, name) == getattr(other, name) for name in _COMPARED)


def _with_conditions(before: Snapshot, after: Snapshot) -> tuple[CompiledPolicy, CompiledPolicy]:
    first, second = before.policy, after.policy
    if before.schema != after.schema or first.policy.context != second.policy.context:
        return first, second
    if first.conditions.texts == second.conditions.texts:
        shared = SharedConditions(first.conditions)
        first, second = replace(first, conditions=shared), replace(second, conditions=shared)
    if first.tiers.conditions.texts == second.tiers.conditions.texts:
        ladder, other = copy.copy(first.tiers), copy.copy(second.tiers)
        ladder.conditions = other.conditions = SharedConditions(ladder.conditions)
        first, second = replace(first, tiers=ladder), replace(second, tiers=other)
    return first, second


def _expect_alike(before: Snapshot, after: Snapshot) -> bool:
    first, second = before.expectation, after.expectation
    if first.bundle is not second.bundle or first.learned != second.learned:
        return False
    return _modelled(before.policy.policy) == _modelled(after.policy.policy)


def _modelled(policy: Policy) -> object:
    """All that an expectation reads of a policy."""
    read = [
        (one.id, one.kind, one.issue, one.group, one.success, one.success_within, one.attributes, one.starting)
        for one in policy.actions
    ]
    channels = {name: one.direction for name, one in policy.channels.items()}
    return read, policy.attributes, channels, [tier.name for tier in policy.tiers]
