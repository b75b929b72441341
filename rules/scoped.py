"""A condition together with the actions it is about: which of them it is known to hold for, or to fail for.

What is neither known to hold nor known to fail is unknown, and the caller decides what that means: a
permission removes what is not known to hold, an exclusion what is not known to fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rules.catalogue import Catalogue
from rules.columns import ColumnProgram, compile_columns
from rules.condition import Condition, ConditionCompiler
from rules.fused import Found, Slots
from rules.policy import Expression

_MOST_FLAGS = 6
"""With more of them there are too many combinations to keep."""


class Scoped(Protocol):
    """A compiled condition over a scope (a bitmask of actions). `slots` of the fused evaluation are read."""

    @property
    def scope(self) -> int: ...

    @property
    def slots(self) -> tuple[int, ...]: ...

    def known(self, values: Sequence[Found], /) -> tuple[int, int]:
        """The actions of the scope for which the condition is known to hold, and known to fail."""
        ...


@dataclass(frozen=True, slots=True)
class ForAll:
    """The condition is the same for every action: its value stands in a slot of the fused evaluation."""

    scope: int
    slots: tuple[int, ...]

    def known(self, values: Sequence[Found], /) -> tuple[int, int]:
        value = values[self.slots[0]]
        if value is True:
            return self.scope, 0
        return 0, self.scope if value is False else 0


def shared_slot(test: Scoped) -> int:
    """Where the condition stands in the fused evaluation if it is the same for every action, else -1."""
    return test.slots[0] if isinstance(test, ForAll) else -1


@dataclass(frozen=True, slots=True)
class PerAction:
    """The condition reads `action.*` beside the customer or the moment: one column a decision. `complete` are the
    actions of the scope that have every attribute it reads. `kept` is set where only flags are read of the customer and
    the moment: each combination of them is computed once."""

    scope: int
    slots: tuple[int, ...]
    complete: int
    program: ColumnProgram
    catalogue: Catalogue
    kept: dict[tuple[Found, ...], tuple[int, int]] | None = None

    def known(self, values: Sequence[Found], /) -> tuple[int, int]:
        if self.kept is None:
            return self._computed(values)
        flags = tuple([values[slot] for slot in self.slots])
        found = self.kept.get(flags)
        if found is None:
            found = self.kept[flags] = self._computed(values)
        return found

    def _computed(self, values: Sequence[Found]) -> tuple[int, int]:
        found = self.program.values(values)
        if found is None:
            return 0, 0
        holds, complete = self.catalogue.mask_of(found), self.complete
        if self.program.live:
            complete &= self.catalogue.mask_of(np.logical_and.reduce([one.known(values) for one in self.program.live]))
        return complete & holds, complete & ~holds


@dataclass(frozen=True, slots=True)
class Settled:
    """The condition reads nothing but `action.*`: it was settled when the policy loaded."""

    scope: int
    settled: tuple[int, int]
    slots: tuple[int, ...] = ()

    def known(self, _values: Sequence[Found], /) -> tuple[int, int]:
        return self.settled


@dataclass(frozen=True, slots=True)
class ScopedCompiler:
    """Compiles conditions with their scopes into one evaluation. `programs` gathers the columns, for counting."""

    conditions: ConditionCompiler
    catalogue: Catalogue
    slots: Slots
    programs: list[ColumnProgram]

    def compile(self, expression: Expression, scope: int) -> Scoped | None:
        """None, with the problems reported, where the expression does not hold."""
        condition = self.conditions.condition(expression)
        if condition is None:
            return None
        if not condition.per_action:
            return ForAll(scope, (self.slots.add(condition),))
        return self._per_action(condition, scope)

    def _per_action(self, condition: Condition, scope: int) -> Scoped | None:
        program = compile_columns(self.conditions, condition, self.catalogue.columns, self.slots)
        if program is None:
            return None
        complete = scope if program.known is None else scope & self.catalogue.mask_of(program.known)
        kept: dict[tuple[Found, ...], tuple[int, int]] | None = {} if self._reads_flags_only(program) else None
        found = PerAction(scope, program.slots, complete, program, self.catalogue, kept)
        if program.static:
            return Settled(scope, found.known(()))
        self.programs.append(program)
        return found

    def _reads_flags_only(self, program: ColumnProgram) -> bool:
        trees = [self.slots.conditions[slot].tree for slot in program.slots]
        return (
            not program.live and len(trees) <= _MOST_FLAGS and {tree.type_of(tree.root) for tree in trees} == {"bool"}
        )
