"""Conditions and amounts as Python functions of the variables' values: what CEL would say, without asking it.

Covered is what cannot fail and means the same in both: doubles, texts and flags compared, `&&`, `||`, `!`, the
ternary, `in` a list written out, arithmetic of doubles, tests of texts. The rest stays with CEL. Asking CEL costs 75 us
a decision of a policy with 90 conditions, much of it for handing the variables over; these functions cost 15 us.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from rules.checked_tree import Call, Constant, Ident, ListOf, Node, Tree
from rules.situation import Value

Read = Callable[[Mapping[str, Value]], Any]
"""From the values of all variables to the condition's."""

Binary = Callable[[Read, Read], Read]
_PLAIN = frozenset({"bool", "double", "string"})

_VARIABLE_WITH_CONSTANT: Mapping[str, Callable[[str, Any], Read]] = {
    "_<_": lambda name, bound: lambda values: values[name] < bound,
    "_<=_": lambda name, bound: lambda values: values[name] <= bound,
    "_>_": lambda name, bound: lambda values: values[name] > bound,
    "_>=_": lambda name, bound: lambda values: values[name] >= bound,
    "_==_": lambda name, bound: lambda values: values[name] == bound,
    "_!=_": lambda name, bound: lambda values: values[name] != bound,
    "_*_": lambda name, factor: lambda values: values[name] * factor,
}
"""What most parts are, with one call less than the general form."""

_PAIRS: Mapping[str, Binary] = {
    "_<_": lambda left, right: lambda values: left(values) < right(values),
    "_<=_": lambda left, right: lambda values: left(values) <= right(values),
    "_>_": lambda left, right: lambda values: left(values) > right(values),
    "_>=_": lambda left, right: lambda values: left(values) >= right(values),
    "_==_": lambda left, right: lambda values: left(values) == right(values),
    "_!=_": lambda left, right: lambda values: left(values) != right(values),
    "_&&_": lambda left, right: lambda values: left(values) and right(values),
    "_||_": lambda left, right: lambda values: left(values) or right(values),
}
_ARITHMETIC: Mapping[str, Binary] = {
    "_+_": lambda left, right: lambda values: left(values) + right(values),
    "_-_": lambda left, right: lambda values: left(values) - right(values),
    "_*_": lambda left, right: lambda values: left(values) * right(values),
    "_/_": lambda left, right: lambda values: divided(left(values), right(values)),
}
_SINGLE: Mapping[tuple[str, str], Callable[[Read], Read]] = {
    ("!_", "bool"): lambda inner: lambda values: not inner(values),
    ("-_", "double"): lambda inner: lambda values: -inner(values),
}
_TEXT_TESTS: Mapping[str, Binary] = {
    "startsWith": lambda text, part: lambda values: text(values).startswith(part(values)),
    "endsWith": lambda text, part: lambda values: text(values).endswith(part(values)),
    "contains": lambda text, part: lambda values: part(values) in text(values),
}


def scalar_part(tree: Tree) -> Read | None:
    """The whole tree as a function; None where CEL has to be asked."""
    return _part(tree, tree.root)


def divided(above: float, below: float) -> float:
    """The quotient of doubles as IEEE 754 has it: nothing fails."""
    if below:
        return above / below
    if not above or math.isnan(above) or math.isnan(below):
        return math.nan
    return math.copysign(math.inf, above) * math.copysign(1.0, below)


def _part(tree: Tree, node: Node) -> Read | None:
    if tree.type_of(node) not in _PLAIN:
        return None
    if isinstance(node, Constant):
        constant = node.value
        return lambda _: constant
    if isinstance(node, Ident):
        return itemgetter(node.name)
    return _call(tree, node) if isinstance(node, Call) else None


def _call(tree: Tree, node: Call) -> Read | None:
    if node.function == "@in":
        return _membership(tree, node)
    first = node.arguments[0]
    if len(node.arguments) == 2 and isinstance(first, Ident) and isinstance(bound := node.arguments[1], Constant):
        direct = _VARIABLE_WITH_CONSTANT.get(node.function)
        if direct is not None and _alike(tree, node.arguments):
            return direct(first.name, bound.value)
    parts = [part for argument in node.arguments if (part := _part(tree, argument)) is not None]
    return _joined(tree, node, parts) if len(parts) == len(node.arguments) else None


def _joined(tree: Tree, node: Call, parts: Sequence[Read]) -> Read | None:
    if node.function == "_?_:_":
        test, yes, no = parts
        return lambda values: yes(values) if test(values) else no(values)
    if not _alike(tree, node.arguments):
        return None
    type_ = tree.type_of(node)
    if len(parts) == 1:
        single = _SINGLE.get((node.function, type_))
        return None if single is None else single(parts[0])
    pair = _PAIRS.get(node.function) or (_ARITHMETIC if type_ == "double" else _TEXT_TESTS).get(node.function)
    return None if pair is None else pair(parts[0], parts[1])


def _membership(tree: Tree, node: Call) -> Read | None:
    wanted, given = node.arguments
    if not isinstance(given, ListOf) or not all(isinstance(one, Constant) for one in given.elements):
        return None
    left = _part(tree, wanted)
    if left is None or not _alike(tree, (wanted, *given.elements)):
        return None
    listed = tuple(one.value for one in given.elements if isinstance(one, Constant))
    return lambda values: left(values) in listed


def _alike(tree: Tree, nodes: Sequence[Node]) -> bool:
    """Of one plain type: CEL compares nothing else without asking how."""
    types = {tree.type_of(node) for node in nodes}
    return len(types) == 1 and types <= _PLAIN
