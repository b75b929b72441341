"""Conditions and amounts as one Python function of the variables' values: what CEL would say, without asking it.

Covered is what cannot fail and means the same in both: doubles, texts and flags compared, `&&`, `||`, `!`, the
ternary, `in` a list written out, arithmetic of doubles, tests of texts. The rest stays with CEL. A part is a syntax
tree of Python, never text: whatever a policy says becomes one of these operations or a constant. Asking CEL costs 75 us
a decision of a policy with 90 conditions, much of it for handing the variables over; the function costs 6 us.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any

from rules.checked_tree import Call, Constant, Ident, ListOf, Node, Tree
from rules.situation import Value

Part = ast.expr
"""An expression; a variable in it is a name with its dot, as in `customer.age`, which no other name has."""

Read = Callable[[Mapping[str, Value]], list[Any]]
"""From the values of all variables to those of the parts."""

_PLAIN = frozenset({"bool", "double", "string"})
_VALUES, _DIVIDED = "values", "divided"

_COMPARED: Mapping[str, type[ast.cmpop]] = {
    "_<_": ast.Lt,
    "_<=_": ast.LtE,
    "_>_": ast.Gt,
    "_>=_": ast.GtE,
    "_==_": ast.Eq,
    "_!=_": ast.NotEq,
}
_COMBINED: Mapping[str, type[ast.boolop]] = {"_&&_": ast.And, "_||_": ast.Or}
_COMPUTED: Mapping[str, type[ast.operator]] = {"_+_": ast.Add, "_-_": ast.Sub, "_*_": ast.Mult}
_SINGLE: Mapping[tuple[str, str], type[ast.unaryop]] = {("!_", "bool"): ast.Not, ("-_", "double"): ast.USub}
_TEXT_TESTS = {"startsWith": "startswith", "endsWith": "endswith"}


def scalar_part(tree: Tree) -> Part | None:
    """The whole tree in Python; None where CEL has to be asked."""
    return _part(tree, tree.root)


def all_parts(parts: Sequence[Part | None]) -> Read:
    """The function that gives the value of each part, None where there is none. It reads each variable once."""
    found = [ast.Constant(None) if part is None else part for part in parts]
    names = {node.id for part in found for node in ast.walk(part) if isinstance(node, ast.Name)}
    body: list[ast.stmt] = [_read(name) for name in sorted(names - {_DIVIDED})]
    body.append(ast.Return(ast.List(found, ast.Load())))
    given = ast.arguments(posonlyargs=[], args=[ast.arg(_VALUES)], kwonlyargs=[], kw_defaults=[], defaults=[])
    whole = ast.Module([ast.FunctionDef("parts", given, body, decorator_list=[])], type_ignores=[])
    module = compile(ast.fix_missing_locations(whole), "<conditions>", "exec")
    code = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
    return FunctionType(code, {_DIVIDED: divided})


def divided(above: float, below: float) -> float:
    """The quotient of doubles as IEEE 754 has it: nothing fails."""
    if below:
        return above / below
    if not above or math.isnan(above) or math.isnan(below):
        return math.nan
    return math.copysign(math.inf, above) * math.copysign(1.0, below)


def _read(name: str) -> ast.stmt:
    value = ast.Subscript(_name(_VALUES), ast.Constant(name), ast.Load())
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _part(tree: Tree, node: Node) -> Part | None:
    if tree.type_of(node) not in _PLAIN:
        return None
    if isinstance(node, Constant):
        return ast.Constant(node.value)
    if isinstance(node, Ident):
        return _name(node.name)
    return _call(tree, node) if isinstance(node, Call) else None


def _call(tree: Tree, node: Call) -> Part | None:
    if node.function == "@in":
        return _membership(tree, node)
    parts = [part for argument in node.arguments if (part := _part(tree, argument)) is not None]
    if len(parts) < len(node.arguments):
        return None
    if node.function == "_?_:_":
        return ast.IfExp(*parts)
    if not _alike(tree, node.arguments):
        return None
    if len(parts) == 1:
        single = _SINGLE.get((node.function, tree.type_of(node)))
        return None if single is None else ast.UnaryOp(single(), parts[0])
    return _pair(node.function, tree.type_of(node), parts)


def _pair(function: str, type_: str, parts: list[Part]) -> Part | None:
    left, right = parts
    if function in _COMPARED:
        return ast.Compare(left, [_COMPARED[function]()], [right])
    if function in _COMBINED:
        return ast.BoolOp(_COMBINED[function](), parts)
    return _computed(function, left, right) if type_ == "double" else _text_test(function, left, right)


def _computed(function: str, left: Part, right: Part) -> Part | None:
    if function == "_/_":
        return ast.Call(_name(_DIVIDED), [left, right], [])
    return ast.BinOp(left, _COMPUTED[function](), right) if function in _COMPUTED else None


def _text_test(function: str, text: Part, part: Part) -> Part | None:
    if function == "contains":
        return ast.Compare(part, [ast.In()], [text])
    tested = _TEXT_TESTS.get(function)
    return None if tested is None else ast.Call(ast.Attribute(text, tested, ast.Load()), [part], [])


def _membership(tree: Tree, node: Call) -> Part | None:
    wanted, given = node.arguments
    if not isinstance(given, ListOf) or not all(isinstance(one, Constant) for one in given.elements):
        return None
    left = _part(tree, wanted)
    if left is None or not _alike(tree, (wanted, *given.elements)):
        return None
    listed: list[Part] = [ast.Constant(one.value) for one in given.elements if isinstance(one, Constant)]
    return ast.Compare(left, [ast.In()], [ast.Tuple(listed, ast.Load())])


def _alike(tree: Tree, nodes: Sequence[Node]) -> bool:
    """Of one plain type: CEL compares nothing else without asking how."""
    types = {tree.type_of(node) for node in nodes}
    return len(types) == 1 and types <= _PLAIN
