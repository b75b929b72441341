"""The values that a part of a condition may take, given what its variables may be.

IEEE operations round to nearest, so they are monotone in each operand: the corners of closed intervals, computed
with the same operations, bound every value that CEL can compute. Where NaN could arise nothing is said.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from itertools import product

from rules.checked_tree import Call, Constant, Ident, Node, Tree
from rules.value_set import Members, Numbers, ValueSet, exactly

Sets = Callable[[str], ValueSet | None]
"""What a variable may be, by its name; None = anything."""

_EXACT = 2**53
_MOST_CORNERS = 64
_OPERATIONS: Mapping[str, Callable[[float, float], float]] = {
    "_+_": operator.add,
    "_-_": operator.sub,
    "_*_": operator.mul,
    "_/_": operator.truediv,
}


def estimate(tree: Tree, node: Node, sets: Sets) -> ValueSet | None:
    """A set that holds every value of the node; None where it may be anything, or NaN."""
    match node:
        case Constant(value=value):
            return _constant(value)
        case Ident(name=name):
            return sets(name)
        case Call(function="_?_:_", arguments=(_, yes, no)):
            return _either(estimate(tree, yes, sets), estimate(tree, no, sets))
        case Call(function="double", arguments=(part,)) if tree.type_of(part) in {"double", "int"}:
            return estimate(tree, part, sets)
        case Call(function=function, arguments=parts) if tree.type_of(node) == "double":
            return _arithmetic(function, [estimate(tree, part, sets) for part in parts])
    return None


def _constant(value: object) -> ValueSet | None:
    if isinstance(value, bool | str):
        return Members(frozenset({value}))
    if (
        isinstance(value, int | float)
        and math.isfinite(value)
        and abs(value) <= (_EXACT if isinstance(value, int) else math.inf)
    ):
        return exactly([float(value)])
    return None


def _either(one: ValueSet | None, other: ValueSet | None) -> ValueSet | None:
    if isinstance(one, Numbers) and isinstance(other, Numbers):
        return one.join(other)
    if isinstance(one, Members) and isinstance(other, Members):
        return one.join(other)
    return None


def _arithmetic(function: str, parts: list[ValueSet | None]) -> ValueSet | None:
    numbers = [part for part in parts if isinstance(part, Numbers) and part]
    if len(numbers) < len(parts):
        return None
    if function == "-_" and len(numbers) == 1:
        return Numbers(tuple((-hi, -lo) for lo, hi in reversed(numbers[0].intervals)))
    if function not in _OPERATIONS or len(numbers) != 2:
        return None
    left, right = numbers
    if function == "_/_" and 0.0 in _hull(right):
        return None
    if function == "_*_" and ((_infinite(left) and 0.0 in _hull(right)) or (_infinite(right) and 0.0 in _hull(left))):
        return None
    return _corners(_OPERATIONS[function], left, right)


def _corners(operate: Callable[[float, float], float], left: Numbers, right: Numbers) -> Numbers | None:
    if len(left.intervals) * len(right.intervals) > _MOST_CORNERS:
        left, right = _hull(left), _hull(right)
    found = Numbers(())
    for one, other in product(left.intervals, right.intervals):
        values = [operate(x, y) for x, y in product(one, other)]
        if any(map(math.isnan, values)):
            return None
        found = found.join(Numbers(((min(values), max(values)),)))
    return found


def _hull(numbers: Numbers) -> Numbers:
    return Numbers(((numbers.low, numbers.high),))


def _infinite(numbers: Numbers) -> bool:
    return math.isinf(numbers.low) or math.isinf(numbers.high)
