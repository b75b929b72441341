"""The operators of `action.*` conditions as numpy: each node of the tree becomes one function of the scalars."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rules.action_columns import Column
from rules.cel_text import NotExpressible
from rules.checked_tree import Call, Constant, Ident, ListOf, Node, Tree, walk
from rules.column_part import Part, choice, joined, pairwise
from rules.column_texts import COMPARISONS, TEXT_TESTS, lengths, text_test
from rules.fused import Found

_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "bool": np.bool_,
    "double": np.float64,
    "int": np.int64,
    "string": str,
}
ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "_+_": operator.add,
    "_-_": operator.sub,
    "_*_": operator.mul,
    "_/_": operator.truediv,
}
_LOGIC: Mapping[str, Callable[[Any, Any], Any]] = {"_&&_": operator.and_, "_||_": operator.or_}


class PartBuilder:
    """Compiles the nodes of one tree. `scalar` gives the slot of a part that is the same for every action."""

    def __init__(self, tree: Tree, columns: Mapping[str, Column], scalar: Callable[[Node], int]) -> None:
        self._tree = tree
        self._columns = columns
        self._scalar = scalar

    def part(self, node: Node) -> Part:
        """The node compiled; computed at once where it is static. Raises NotExpressible."""
        built = self._build(node)
        if not built.static or built.column is not None:
            return built
        with np.errstate(all="ignore"):
            value = built.evaluate(())
        return Part(built.type, lambda _: value, static=True)

    def _build(self, node: Node) -> Part:
        if not any(isinstance(each, Ident) and each.name in self._columns for each in walk(node)):
            return self._same_for_all(node)
        if isinstance(node, Ident):
            column = self._columns[node.name]
            if column.live is not None:
                return Part(self._tree.type_of(node), column.live.values)
            return Part(self._tree.type_of(node), lambda _: column.values, True, column if column.words else None)
        if isinstance(node, Call) and node.function == "@in":
            return self._membership(node)
        if isinstance(node, Call):
            return self._call(node, [self.part(argument) for argument in node.arguments])
        raise NotExpressible(node, "lists, maps and macros cannot be built from action.*")

    def _same_for_all(self, node: Node) -> Part:
        type_ = self._tree.type_of(node)
        if type_ not in _SCALARS:
            raise NotExpressible(node, f"a value of type {type_} cannot stand beside action.*")
        convert = _SCALARS[type_]
        if isinstance(node, Constant):
            constant = convert(node.value)
            return Part(type_, lambda _: constant, static=True)
        slot = self._scalar(node)
        return Part(type_, lambda values: convert(values[slot]))

    def _call(self, node: Call, parts: Sequence[Part]) -> Part:
        function, type_ = node.function, self._tree.type_of(node)
        first = parts[0].evaluate
        match function, parts[0].type:
            case "!_", _:
                return joined("bool", parts, lambda values: ~first(values))
            case (("-_" | "double"), ("double" | "int")) if type_ == "double":
                sign = -1.0 if function == "-_" else 1.0
                return joined("double", parts, lambda values: first(values) * sign)
            case "size", "string":
                return lengths(parts[0])
            case "_?_:_", _ if type_ in {"bool", "double", "int"}:
                return choice(type_, parts)
            case _, "string" if function in COMPARISONS or function in TEXT_TESTS:
                return text_test(function, parts)
        return self._binary(node, parts)

    def _binary(self, node: Call, parts: Sequence[Part]) -> Part:
        function, type_ = node.function, self._tree.type_of(node)
        operate = _LOGIC.get(function) or COMPARISONS.get(function)
        if type_ == "double":
            operate = operate or ARITHMETIC.get(function)
        if operate is None or any(part.type not in {"bool", "double", "int"} for part in parts):
            shown = function.strip("_@")
            raise NotExpressible(node, f"{shown!r} cannot take action.* here")
        return pairwise(type_, operate, parts)

    def _membership(self, node: Call) -> Part:
        """`x in [a, b]`: x equals a, or x equals b."""
        wanted, given = node.arguments
        if not isinstance(given, ListOf):
            raise NotExpressible(node, "beside action.*, `in` needs a list written out")
        left = self.part(wanted)
        equal = [self._equal(node, left, self.part(element)) for element in given.elements]
        tests = [test.evaluate for test in equal]

        def evaluate(values: Sequence[Found]) -> Any:
            found: Any = np.bool_(False)
            for test in tests:
                found = found | test(values)
            return found

        return joined("bool", equal, evaluate)

    def _equal(self, node: Call, left: Part, right: Part) -> Part:
        numbers = {"int", "double"}
        if left.type != right.type and not {left.type, right.type} <= numbers:
            raise NotExpressible(node, "the list holds values of another type")
        return (
            text_test("_==_", (left, right)) if left.type == "string" else pairwise("bool", operator.eq, (left, right))
        )
