"""Conditions and amounts that read `action.*`, compiled from CEL's checked tree to numpy columns.

One evaluation gives the values for all actions at once. What is the same for every action stays with CEL: the
largest parts without `action.*` become slots of the decision's one fused evaluation and enter here as scalars.
Covered: comparison, logic, arithmetic of doubles, `in` lists, the ternary, `size`, `startsWith`, `endsWith`,
`contains`, `double`. Anything else beside `action.*` is refused when the policy loads.

An action without the attribute and without a declared default is unknown; a scalar that is unknown makes the
condition unknown for every action. Cost: one numpy call per operator; parts that read `action.*` alone are
computed at load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rules.action_columns import Bools, Column, LiveSlot
from rules.cel_text import NotExpressible, cel_text
from rules.checked_tree import Call, Ident, Node, Tree, walk
from rules.column_part import Evaluate
from rules.column_parts import ARITHMETIC, PartBuilder
from rules.complaints import Explained
from rules.condition import Condition, ConditionCompiler
from rules.fused import Found, Slots


class ColumnProgram:
    """The values of one condition or amount for `count` actions. `slots` of the fused evaluation are read, and `live`
    attributes; without any it is `static`. `known` is what of it is known when the policy loads. `evaluations` counts
    for tests and metrics."""

    def __init__(
        self,
        evaluate: Callable[[Sequence[Found]], Any],
        scalars: Sequence[int],
        known: Bools | None,
        count: int,
        live: Sequence[LiveSlot] = (),
    ) -> None:
        self.evaluations = 0
        self.known = known
        self.slots = tuple(scalars)
        self.live = tuple(live)
        self.static = not scalars and not live
        self._evaluate = evaluate
        self._count = count

    def trusted(self, verdicts: Sequence[Found]) -> Bools | None:
        """Where the values are known now, shape (count,); None = everywhere."""
        masks = [one.known(verdicts) for one in self.live]
        if self.known is not None:
            masks.append(self.known)
        return np.logical_and.reduce(masks) if masks else None

    def values(self, verdicts: Sequence[Found]) -> npt.NDArray[Any] | None:
        """Shape (count,), bool or float64, to be trusted where `trusted`; None = unknown for every action."""
        self.evaluations += 1
        if any(verdicts[slot] is None for slot in self.slots):
            return None
        found = self._evaluate(verdicts)
        return found if np.shape(found) == (self._count,) else np.broadcast_to(found, (self._count,))


def compile_columns(
    compiler: ConditionCompiler, condition: Condition, columns: Mapping[str, Column], slots: Slots
) -> ColumnProgram | None:
    """The program of a condition over these columns; None, with the problem reported, where it is not covered."""
    scalars: list[int] = []

    def scalar(node: Node) -> int:
        slot = slots.add(_part(compiler, condition, node))
        scalars.append(slot)
        return slot

    try:
        part = PartBuilder(condition.tree, columns, scalar).part(condition.tree.root)
    except NotExpressible as refused:
        offset = condition.origin[condition.tree.positions.get(refused.node.id, 0)]
        hint = "ask it of the customer in a rule of its own, or give the action an attribute"
        compiler.refuse(condition.expression, Explained(offset, "not-per-action", refused.why, hint))
        return None
    count = len(next(iter(columns.values())).values)
    read = (columns[name].live for name in condition.reads if name.startswith("action."))
    live = [one for one in read if one is not None]
    evaluate = _quietly(part.evaluate) if _computes(condition.tree) else part.evaluate
    return ColumnProgram(evaluate, scalars, _known(condition, columns), count, live)


def _computes(tree: Tree) -> bool:
    """Whether numpy may warn of what becomes of a number."""
    return any(isinstance(node, Call) and node.function in ARITHMETIC for node in walk(tree.root))


def _quietly(evaluate: Evaluate) -> Evaluate:
    def evaluated(values: Sequence[Found]) -> Any:
        with np.errstate(all="ignore"):
            return evaluate(values)

    return evaluated


def _part(compiler: ConditionCompiler, condition: Condition, node: Node) -> Condition:
    """A part of a condition as a condition of its own."""
    text = cel_text(condition.tree, node)
    try:
        program = compiler.env.compile(text)
        compiler.env.compile(f"[{text}]")
    except RuntimeError:
        raise NotExpressible(node, "this part is nested too deep beside action.*") from None
    names = {each.name for each in walk(node) if isinstance(each, Ident)}
    reads = tuple(sorted(names & compiler.variables.keys()))
    tree = Tree(node, condition.tree.types, condition.tree.positions)
    return Condition(text, condition.expression, condition.origin, program, tree, reads)


def _known(condition: Condition, columns: Mapping[str, Column]) -> Bools | None:
    read = [columns[name] for name in condition.reads if name.startswith("action.")]
    masks = [column.known for column in read if column.live is None]
    partial = [mask for mask in masks if mask is not None]
    return np.logical_and.reduce(partial) if partial else None
