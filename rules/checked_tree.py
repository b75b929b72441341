"""The syntax tree of a condition as CEL parsed or checked it: nodes, their types, their places in the text.

Read from `cel.expr.ParsedExpr` and `cel.expr.CheckedExpr`, whose field numbers are public (cel-spec,
proto/cel/expr/checked.proto and syntax.proto). In a checked tree a dotted variable is one `Ident`, in a parsed
one a chain of `Select`. Macros (`all`, `exists`, `map`...) appear as the `Comprehension` they expand to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rules.protobuf_wire import double, every, fields, first, signed, varint

Literal = bool | int | float | str | bytes | None


@dataclass(frozen=True, slots=True)
class Constant:
    id: int
    value: Literal


@dataclass(frozen=True, slots=True)
class Ident:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """`operand.field`, or `has(operand.field)` where `tested`."""

    id: int
    operand: Node
    field: str
    tested: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator (`_>_`, `_&&_`, `@in`...); a receiver comes first and `member` is set."""

    id: int
    function: str
    arguments: tuple[Node, ...]
    member: bool = False


@dataclass(frozen=True, slots=True)
class ListOf:
    id: int
    elements: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map, or a message where `keys` is empty."""

    id: int
    keys: tuple[Node, ...]
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comprehension:
    """A fold: `variable` runs over `range`; the other parts are CEL's expansion of a macro."""

    id: int
    variable: str
    range: Node
    parts: tuple[Node, ...]


Node = Constant | Ident | Select | Call | ListOf | MapOf | Comprehension


@dataclass(frozen=True, slots=True)
class Tree:
    """`types` maps a node's id to bool, int, uint, double, string, bytes, list, map, null, dyn or other (empty in
    a parsed tree); `positions` to the offset, in characters, of the token that the node stands for."""

    root: Node
    types: Mapping[int, str]
    positions: Mapping[int, int]

    def type_of(self, node: Node) -> str:
        return self.types.get(node.id, "dyn")


@lru_cache(maxsize=2048)  # reading is three quarters of compiling, and a changed policy has mostly the old conditions
def read_tree(serialized: bytes) -> Tree:
    """The tree in what `Expression.serialize()` gives: an `Any` with a parsed or a checked expression."""
    checked = first(serialized, 1).endswith(b"CheckedExpr")
    message = first(serialized, 2)
    root, source = (4, 5) if checked else (2, 3)
    types = {varint(entry, 1): _type(first(entry, 2)) for entry in every(message, 3)} if checked else {}
    positions = {varint(entry, 1): varint(entry, 2) for entry in every(first(message, source), 4)}
    return Tree(_node(first(message, root)), types, positions)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Select():
            return (node.operand,)
        case Call():
            return node.arguments
        case ListOf():
            return node.elements
        case MapOf():
            return (*node.keys, *node.values)
        case Comprehension():
            return (node.range, *node.parts)
    return ()


_PRIMITIVES = {1: "bool", 2: "int", 3: "uint", 4: "double", 5: "string", 6: "bytes"}
_SHAPES = {1: "dyn", 2: "null", 6: "list", 7: "map"}


def _type(message: bytes) -> str:
    for number, value in fields(message):
        if number == 3 and isinstance(value, int):
            return _PRIMITIVES.get(value, "other")
        return _SHAPES.get(number, "other")
    return "dyn"


def _node(message: bytes) -> Node:
    identity = varint(message, 2)
    for number, value in fields(message):
        if number != 2 and isinstance(value, bytes):
            return _READERS[number](identity, value)
    return Constant(identity, None)


def _constant(identity: int, message: bytes) -> Node:
    for number, value in fields(message):
        if isinstance(value, int):
            literals: Mapping[int, Literal] = {1: None, 2: bool(value), 3: signed(value), 4: value}
            return Constant(identity, literals[number])
        literal: Literal = double(value) if number == 5 else value
        return Constant(identity, value.decode() if number == 6 else literal)
    return Constant(identity, None)


def _ident(identity: int, message: bytes) -> Node:
    return Ident(identity, first(message, 1).decode())


def _select(identity: int, message: bytes) -> Node:
    return Select(identity, _node(first(message, 1)), first(message, 2).decode(), bool(varint(message, 3)))


def _call(identity: int, message: bytes) -> Node:
    receiver = tuple(_node(value) for value in every(message, 1))
    arguments = tuple(_node(value) for value in every(message, 3))
    return Call(identity, first(message, 2).decode(), receiver + arguments, bool(receiver))


def _list(identity: int, message: bytes) -> Node:
    return ListOf(identity, tuple(_node(value) for value in every(message, 1)))


def _map(identity: int, message: bytes) -> Node:
    entries = tuple(every(message, 2))
    keys = tuple(_node(key) for entry in entries for key in every(entry, 3))
    return MapOf(identity, keys, tuple(_node(first(entry, 4)) for entry in entries))


def _comprehension(identity: int, message: bytes) -> Node:
    parts = tuple(_node(first(message, number)) for number in (4, 5, 6, 7))
    return Comprehension(identity, first(message, 1).decode(), _node(first(message, 2)), parts)


_READERS = {3: _constant, 4: _ident, 5: _select, 6: _call, 7: _list, 8: _map, 9: _comprehension}
