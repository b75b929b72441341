"""One way in which conditions could hold together: what each variable may still be, and how values compare."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from rules.checked_tree import Call, Comprehension, Constant, Ident, ListOf, MapOf, Node, Select, Tree
from rules.review.estimate import estimate
from rules.value_set import Members, Numbers, ValueSet, meet

LESS, EQUAL, MORE, NAN = "<", "=", ">", "nan"
_ALL = frozenset({LESS, EQUAL, MORE, NAN})
HOLDS: Mapping[str, frozenset[str]] = {
    "_<_": frozenset({LESS}),
    "_<=_": frozenset({LESS, EQUAL}),
    "_>_": frozenset({MORE}),
    "_>=_": frozenset({MORE, EQUAL}),
    "_==_": frozenset({EQUAL}),
    "_!=_": frozenset({LESS, MORE, NAN}),
}
"""For each comparison, the ways in which its sides may stand to each other where it holds."""

_FLIPPED = {LESS: MORE, MORE: LESS, EQUAL: EQUAL, NAN: NAN}
_NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Relation:
    """Two parts of a condition, and the ways in which they may stand to each other."""

    tree: Tree
    left: Node
    right: Node
    ways: frozenset[str]


@dataclass(frozen=True, slots=True)
class Case:
    """`domain` gives what a variable may be before anything is asked of it; `narrowed` what is left. `relations` by
    the shapes of both sides; `settled` are parts that are taken as they stand, by shape."""

    domain: Callable[[str], ValueSet | None]
    narrowed: Mapping[str, ValueSet] = field(default_factory=lambda: _NOTHING)
    relations: Mapping[tuple[str, str], Relation] = field(default_factory=lambda: _NOTHING)
    settled: Mapping[str, bool] = field(default_factory=lambda: _NOTHING)

    def of(self, name: str) -> ValueSet | None:
        """What a variable may still be; None = anything."""
        return self.narrowed[name] if name in self.narrowed else self.domain(name)

    def within(self, name: str, wanted: ValueSet) -> Case | None:
        """The case with a variable confined to a set; None where nothing is left."""
        now = self.of(name)
        left = wanted if now is None else meet(now, wanted)
        if not left:
            return None
        return Case(self.domain, {**self.narrowed, name: left}, self.relations, self.settled)

    def related(self, relation: Relation) -> Case | None:
        """The case with two parts standing to each other in one of the relation's ways."""
        left, right = shape(relation.left), shape(relation.right)
        if left > right:
            flipped = frozenset(_FLIPPED[way] for way in relation.ways)
            return self.related(Relation(relation.tree, relation.right, relation.left, flipped))
        earlier = self.relations.get((left, right))
        ways = relation.ways & (earlier.ways if earlier else _ALL)
        if not ways:
            return None
        kept = Relation(relation.tree, relation.left, relation.right, ways)
        return Case(self.domain, self.narrowed, {**self.relations, (left, right): kept}, self.settled)

    def taking(self, node: Node, holds: bool) -> Case | None:
        """The case in which a part that cannot be looked into holds or not."""
        name = shape(node)
        if self.settled.get(name, holds) is not holds:
            return None
        return Case(self.domain, self.narrowed, self.relations, {**self.settled, name: holds})

    def possible(self) -> bool:
        """Whether the relations agree with what the variables may be."""
        return all(self._ways(one) & one.ways for one in self.relations.values())

    def _ways(self, relation: Relation) -> frozenset[str]:
        left = estimate(relation.tree, relation.left, self.of)
        right = estimate(relation.tree, relation.right, self.of)
        if shape(relation.left) == shape(relation.right):
            return frozenset({EQUAL, NAN} if left is None else {EQUAL})
        return ways_between(left, right)


def ways_between(left: ValueSet | None, right: ValueSet | None) -> frozenset[str]:
    """How a value of one set may stand to a value of the other."""
    if isinstance(left, Numbers) and isinstance(right, Numbers) and left and right:
        equal = EQUAL if left.meet(right) else ""
        less, more = LESS if left.low < right.high else "", MORE if left.high > right.low else ""
        return frozenset(way for way in (less, equal, more) if way)
    if isinstance(left, Members) and isinstance(right, Members):
        if not left.others and not right.others:
            pairs = [(one, other) for one in left.values for other in right.values]
            return frozenset(_way(one, other) for one, other in pairs)
        return _ALL if left.meet(right) else _ALL - {EQUAL}
    return _ALL


def _way(one: Any, other: Any) -> str:
    if one == other:
        return EQUAL
    return LESS if operator.lt(one, other) else MORE


def shape(node: Node) -> str:
    """A text that is the same for parts that compute the same. Macros are like nothing else."""
    match node:
        case Constant(value=value):
            return repr(value)
        case Ident(name=name):
            return name
        case Select(operand=operand, field=name, tested=tested):
            return f"{shape(operand)}.{name}{'?' if tested else ''}"
        case Call(function=function, arguments=parts):
            return f"{function}({','.join(map(shape, parts))})"
        case ListOf(elements=parts) | MapOf(values=parts):
            return f"[{','.join(map(shape, parts))}]"
        case Comprehension():
            return f"macro {id(node)}"
