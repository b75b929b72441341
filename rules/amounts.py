"""Amounts that are written as expressions: evaluated once per distinct text, then given to all actions that say so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rules.columns import ColumnProgram, compile_columns
from rules.complaints import Explained
from rules.condition import Condition
from rules.facts import FactSchema
from rules.fused import Found
from rules.policy import Action, Expression
from rules.scoped import ScopedCompiler

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class SharedAmount:
    """One expression for the actions with these catalogue `indexes`: a slot of the fused evaluation, or a column."""

    indexes: Indexes
    slot: int
    program: ColumnProgram | None

    def values(self, verdicts: Sequence[Found]) -> Floats:
        """Shape (len(indexes),); NaN where the amount is unknown or not a finite number."""
        if self.program is None:
            amount = verdicts[self.slot]
            number = float(amount) if isinstance(amount, int | float) else math.nan
            return np.full(len(self.indexes), number if math.isfinite(number) else math.nan)
        found = self.program.values(verdicts)
        if found is None:
            return np.full(len(self.indexes), math.nan)
        known = self.program.trusted(verdicts)
        trusted = np.isfinite(found) if known is None else np.isfinite(found) & known
        return np.where(trusted, found, math.nan)


class PlainAmounts:
    """All amounts that do not differ between the actions that share them: read together, once a decision.

    `members`, float64 (n_actions, m), has a 1 where amount m is about the action. Cost: 5 us for 30 amounts.
    """

    __slots__ = ("_slots", "members")

    def __init__(self, actions: int, shared: Sequence[SharedAmount]) -> None:
        self._slots = tuple(one.slot for one in shared)
        self.members = np.zeros((actions, len(shared)))
        for place, one in enumerate(shared):
            self.members[one.indexes, place] = 1.0

    def __len__(self) -> int:
        return len(self._slots)

    def read(self, verdicts: Sequence[Found]) -> tuple[Floats, npt.NDArray[np.bool_] | None]:
        """Each amount, shape (m,), 0 where it is unknown or not a finite number; and where that is, None = nowhere."""
        amounts = np.array([verdicts[slot] for slot in self._slots], dtype=np.float64)
        known = np.isfinite(amounts)
        if np.count_nonzero(known) == len(amounts):
            return amounts, None
        missing = ~known
        amounts[missing] = 0.0
        return amounts, missing

    def about(self, which: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """The actions, shape (n_actions,), that any of these amounts is about."""
        found: npt.NDArray[np.bool_] = np.logical_or.reduce(self.members[:, which] > 0.0, axis=1)
        return found


def share_amounts(
    compiler: ScopedCompiler, facts: FactSchema, amounts: Iterable[tuple[int, Expression]]
) -> Iterator[SharedAmount]:
    """The amounts of actions (by catalogue index) by distinct text; what does not hold is reported."""
    by_text: dict[str, tuple[Condition, list[int]]] = {}
    for index, expression in amounts:
        condition = compiler.conditions.amount(expression)
        if condition is None:
            continue
        _check_purpose(compiler, facts, compiler.catalogue.actions[index], condition)
        by_text.setdefault(condition.text, (condition, []))[1].append(index)
    for condition, indexes in by_text.values():
        shared = _share(compiler, condition, np.array(indexes, dtype=np.intp))
        if shared is not None:
            yield shared


def _share(compiler: ScopedCompiler, condition: Condition, indexes: Indexes) -> SharedAmount | None:
    if not condition.per_action:
        return SharedAmount(indexes, compiler.slots.add(condition), None)
    columns = {name: column.take(indexes) for name, column in compiler.catalogue.columns.items()}
    program = compile_columns(compiler.conditions, condition, columns, compiler.slots)
    if program is None:
        return None
    compiler.programs.append(program)
    return SharedAmount(indexes, -1, program)


def _check_purpose(compiler: ScopedCompiler, facts: FactSchema, action: Action, condition: Condition) -> None:
    """A partner's amount may only read features whose purposes allow it."""
    if action.partner is None:
        return
    for name in condition.reads:
        room, _, feature = name.partition(".")
        purposes = facts[feature].purpose if room == "customer" else ()
        if purposes and action.partner.purpose not in purposes:
            message = f"{name!r} may be used for {', '.join(purposes)}, not for {action.partner.purpose}"
            hint = f"{action.partner.name} is a partner; read other features, or give the feature that purpose"
            why = Explained(max(condition.expression.source.find(name), 0), "purpose", message, hint)
            compiler.conditions.refuse(condition.expression, why)
