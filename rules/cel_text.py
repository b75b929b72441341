"""CEL source written back from a checked tree: for parts of a condition that CEL evaluates by themselves."""

from __future__ import annotations

import json

from documents.problem import BefitError
from rules.checked_tree import Call, Comprehension, Constant, Ident, ListOf, MapOf, Node, Select, Tree

_BINARY = frozenset({"<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "/", "%", "&&", "||"})


class NotExpressible(BefitError):
    """A part of a condition cannot be written or compiled as needed; `node` is where. Never leaves the rules."""

    def __init__(self, node: Node, why: str) -> None:
        self.node = node
        self.why = why
        super().__init__(why)


def cel_text(tree: Tree, node: Node) -> str:
    """Source that CEL reads as `node`. Raises NotExpressible for macros, whose expansion has no source."""
    match node:
        case Constant():
            return _constant(tree, node)
        case Ident(name=name):
            return name
        case Select(operand=operand, field=field, tested=tested):
            text = f"{cel_text(tree, operand)}.{field}"
            return f"has({text})" if tested else text
        case Call():
            return _call(tree, node)
        case _:
            return _composed(tree, node)


def _composed(tree: Tree, node: ListOf | MapOf | Comprehension) -> str:
    match node:
        case ListOf(elements=elements):
            return f"[{', '.join(cel_text(tree, element) for element in elements)}]"
        case MapOf(keys=keys, values=values) if len(keys) == len(values):
            pairs = zip(keys, values, strict=True)
            return "{" + ", ".join(f"{cel_text(tree, key)}: {cel_text(tree, value)}" for key, value in pairs) + "}"
    raise NotExpressible(node, "a macro (all, exists, map, filter) cannot stand beside action.*")


def _constant(tree: Tree, node: Constant) -> str:
    value = node.value
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bytes):
        raise NotExpressible(node, "bytes cannot stand beside action.*")
    if isinstance(value, bool) or value is None:
        return "null" if value is None else str(value).lower()
    suffix = "u" if tree.type_of(node) == "uint" else ""
    return f"({value!r})" if value < 0 else f"{value!r}{suffix}"


def _call(tree: Tree, node: Call) -> str:
    parts = [cel_text(tree, argument) for argument in node.arguments]
    operator = node.function.strip("_")
    shapes = {"_?_:_": "({} ? {} : {})", "_[_]": "{}[{}]", "@in": "({} in {})", "!_": "(!{})", "-_": "(-{})"}
    if node.function in shapes:
        return shapes[node.function].format(*parts)
    if operator in _BINARY:
        return f"({parts[0]} {operator} {parts[1]})"
    if node.member:
        return f"{parts[0]}.{node.function}({', '.join(parts[1:])})"
    return f"{node.function}({', '.join(parts)})"
