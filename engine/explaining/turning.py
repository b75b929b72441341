"""The values of one variable at which conditions may turn, all else being as it is.

Where a comparison is linear in the variable it turns at one number, which is solved for; between two neighbouring
turning points nothing changes. Texts and flags are tried one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

from rules.checked_tree import Call, Constant, Ident, Node, Tree, walk
from rules.review.estimate import estimate
from rules.value_set import Numbers, exactly

_COMPARISONS = frozenset({"_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_"})
_PLAIN = _COMPARISONS | {"_&&_", "_||_", "!_"}
_STRAIGHT = 1e-9
FINEST = 1e-6
_DIGITS = 7

Sets = Callable[[str], float | str | bool | None]
"""What every variable is; None = unknown."""


def turning_points(trees: Iterable[Tree], name: str, values: Sets) -> list[float] | None:
    """Where conditions turn as the number `name` moves; None where that cannot be said of one of them."""
    found: list[float] = []
    for tree in trees:
        points = _of_tree(tree, name, values)
        if points is None:
            return None
        found += points
    return sorted(set(found))


def beside(point: float, whole: bool) -> Iterator[float]:
    """A turning point and its neighbours as features hold them: whole numbers, or seven digits, or millionths."""
    if not math.isfinite(point):
        return
    if whole:
        yield from (float(math.floor(point) + steps) for steps in (-1, 0, 1, 2))
        return
    step = finest_step(point)
    digits = max(0, round(-math.log10(step)))
    for steps in (-2, -1, 0, 1, 2):
        yield float(round((round(point / step) + steps) * step, digits))


def finest_step(number: float) -> float:
    """The distance of a number, as features hold it, to the next one."""
    if number == 0.0:
        return FINEST
    return float(max(10.0 ** (math.floor(math.log10(abs(number))) - _DIGITS + 1), FINEST))


def _of_tree(tree: Tree, name: str, values: Sets) -> list[float] | None:
    """Every use of the variable must be within a comparison that is linear in it."""
    found: list[float] = []
    pending: list[Node] = [tree.root]
    while pending:
        node = pending.pop()
        if not _uses(node, name):
            continue
        if not isinstance(node, Call) or node.function not in _PLAIN:
            return None
        if node.function not in _COMPARISONS:
            pending += node.arguments
            continue
        point = _solved(tree, node, name, values)
        if point is None:
            return None
        if math.isfinite(point):
            found.append(point)
    return found


def _solved(tree: Tree, node: Call, name: str, values: Sets) -> float | None:
    """Where both sides meet: infinite where they never do, or where the other side is unknown; None where the
    comparison is not linear."""
    left, right = node.arguments
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Ident) and one.name == name and not _uses(other, name):
            meeting = _number(tree, other, values)
            return math.inf if meeting is None else meeting
    gaps = [_gap(tree, node, _holding(name, at, values)) for at in (0.0, 1.0, 2.0)]
    if gaps[0] is None or gaps[1] is None or gaps[2] is None:
        return math.inf if not _else_known(node, name, values) else None
    slope, onward = gaps[1] - gaps[0], gaps[2] - gaps[1]
    if abs(slope - onward) > _STRAIGHT * max(1.0, abs(slope)) or any(_bends(each, name) for each in walk(node)):
        return None
    return math.inf if slope == 0.0 else -gaps[0] / slope


def _holding(name: str, at: float, values: Sets) -> Sets:
    """The values with one of them at another number."""
    return lambda asked: at if asked == name else values(asked)


def _gap(tree: Tree, node: Call, values: Sets) -> float | None:
    left, right = (_number(tree, side, values) for side in node.arguments)
    return None if left is None or right is None else left - right


def _else_known(node: Call, name: str, values: Sets) -> bool:
    """Whether everything but the variable is known, so that it is the arithmetic that cannot be followed."""
    others = (each.name for each in walk(node) if isinstance(each, Ident) and each.name != name)
    return all(values(other) is not None for other in others)


def _bends(node: Node, name: str) -> bool:
    """Whether a part could make the sides other than linear in the variable."""
    if not isinstance(node, Call) or not _uses(node, name):
        return False
    if node.function == "_*_":
        return all(_uses(part, name) for part in node.arguments)
    if node.function == "_/_":
        return _uses(node.arguments[1], name)
    return node.function not in {"_+_", "_-_", "-_", "double", *_COMPARISONS}


def _number(tree: Tree, node: Node, values: Sets) -> float | None:
    if isinstance(node, Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)

    def known(name: str) -> Numbers | None:
        value = values(name)
        if value is None or isinstance(value, str | bool):
            return None
        found = exactly([float(value)])
        return found if isinstance(found, Numbers) else None

    found = estimate(tree, node, known)
    return found.single if isinstance(found, Numbers) else None


def _uses(node: Node, name: str) -> bool:
    return any(isinstance(each, Ident) and each.name == name for each in walk(node))
