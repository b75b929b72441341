"""The comparisons that a tier's condition is made of, each with what was found and what is required.

For people who ask why a customer stands in a tier; no decision asks. Built when the first of them asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from documents.problem import Place
from rules.checked_tree import Call, Constant, Ident, ListOf, Node, walk
from rules.condition import Condition, ConditionCompiler
from rules.facts import FactSchema, declare
from rules.fused import Found, FusedConditions, Slots
from rules.live import LiveColumn
from rules.policy import Expression, Policy
from rules.situation import Value
from rules.spelling import spelled
from rules.template import shown

_SIGNS: Mapping[str, str] = {
    "_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=", "@in": "in",
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NOWHERE = Place("", 1, 1)
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "in": "not in"}


class Comparison(NamedTuple):
    """One comparison as written, what was observed ("" = not known), what is required, whether it holds (None = not
    known)."""

    comparison: str
    observed: str
    required: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a comparison: constant text, a variable's name, or the slot of an amount."""

    text: str
    name: str = ""
    slot: int | None = None

    def told(self, values: Mapping[str, Value], found: Sequence[Found]) -> str:
        """What stands there, "" where it is not known."""
        if not self.name and self.slot is None:
            return self.text
        value = values.get(self.name) if self.slot is None else found[self.slot]
        return "" if isinstance(value, list | LiveColumn) else shown(value) or ""


@dataclass(frozen=True, slots=True)
class _Part:
    """One comparison, compiled. `sign` is "" for a part that is true or false by itself."""

    text: str
    test: int
    left: _Side
    sign: str
    right: _Side

    def judged(self, values: Mapping[str, Value], found: Sequence[Found]) -> Comparison:
        holds = found[self.test]
        required = f"{self.sign} {self.right.told(values, found) or self.right.text}".strip()
        observed = self.left.told(values, found)
        return Comparison(self.text, observed, required, holds if isinstance(holds, bool) else None)


class TierComparisons:
    """The comparisons of all tiers of one policy."""

    def __init__(self, policy: Policy, facts: FactSchema) -> None:
        variables = declare(facts, policy.context, policy.attributes)
        self._compiler = ConditionCompiler(variables, lambda *_: None)
        self._slots = Slots()
        written = [one for tier in policy.tiers for one in (tier.when, tier.keep_when) if one is not None]
        self._parts = {one.source: tuple(self._of(one)) for one in written}
        self._fused = FusedConditions(self._slots, self._compiler.env, variables)

    def judge(self, condition: Expression | None, values: Mapping[str, Value]) -> tuple[Comparison, ...]:
        """The comparisons of a tier's condition, given the variables' values; none for None."""
        if condition is None:
            return ()
        found = self._fused.evaluate(values).values
        return tuple(part.judged(values, found) for part in self._parts[condition.source])

    def _of(self, written: Expression) -> Iterator[_Part]:
        condition = self._compiler.condition(written)
        for node, holds in () if condition is None else _leaves(condition.tree.root, True):
            part = self._part(node, holds)
            if part is not None:
                yield part

    def _part(self, node: Node, holds: bool) -> _Part | None:
        text = spelled(node)
        if text is None:
            return None
        text = text if holds else f"!{text}" if isinstance(node, Ident) else f"!({text})"
        test = self._slot(self._compiler.condition(Expression(text, _NOWHERE)))
        if test is None:
            return None
        if isinstance(node, Call) and node.function in _SIGNS:
            return self._compared(node, holds, text, test)
        names = sorted({one.name for one in walk(node) if isinstance(one, Ident)})
        left = self._side(Ident(0, names[0])) if len(names) == 1 else _Side("")
        return _Part(text, test, left, "", _Side(("yes" if holds else "no") if isinstance(node, Ident) else text))

    def _compared(self, node: Call, holds: bool, text: str, test: int) -> _Part:
        left, right, sign = *node.arguments, _SIGNS[node.function]
        if isinstance(left, Constant) and sign in _TURNED:
            left, right, sign = right, left, _TURNED[sign]
        return _Part(text, test, self._side(left), sign if holds else _OPPOSITE[sign], self._side(right))

    def _side(self, node: Node) -> _Side:
        text = spelled(node) or ""
        if isinstance(node, Constant | ListOf):
            return _Side(text)
        if isinstance(node, Ident):
            return _Side(text, node.name)
        return _Side(text, slot=self._slot(self._compiler.amount(Expression(text, _NOWHERE))))

    def _slot(self, condition: Condition | None) -> int | None:
        return None if condition is None else self._slots.add(condition)


def _leaves(node: Node, holds: bool) -> Iterator[tuple[Node, bool]]:
    """The parts that a condition asks, each with whether it has to hold or to fail."""
    match node:
        case Call(function="!_", arguments=(part,)):
            yield from _leaves(part, not holds)
        case Call(function="_&&_" | "_||_" | "_?_:_", arguments=parts):
            for part in parts:
                yield from _leaves(part, holds)
        case _:
            yield node, holds
