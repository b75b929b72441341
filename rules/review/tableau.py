"""Whether conditions can hold together: their parts taken apart case by case until a case stands or all fall.

It errs on one side only: what it calls impossible is impossible; what it cannot settle, or not in time, is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rules.checked_tree import Call, Constant, Ident, ListOf, Node, Tree, walk
from rules.review.case import HOLDS, Case, Relation
from rules.review.estimate import estimate
from rules.value_set import FLAGS, Members, ValueSet, compared, exactly

MOST_STEPS = 4_000


@dataclass(frozen=True, slots=True)
class Goal:
    """That a part of a condition holds, or does not."""

    tree: Tree
    node: Node
    holds: bool = True

    def part(self, node: Node, holds: bool) -> Goal:
        return Goal(self.tree, node, holds)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """That all goals of at least one of the alternatives are reached."""

    alternatives: tuple[tuple[Wanted, ...], ...]


Wanted = Goal | AnyOf
Still = Callable[[Case], bool]


def possible(goals: Iterable[Wanted], case: Case, still: Still = lambda _: True) -> bool:
    """Whether all goals can be reached at once. `still` tells of a case whether its variables can be so together."""
    stack: list[tuple[tuple[Wanted, ...], Case]] = [(tuple(goals), case)]
    for _ in range(MOST_STEPS):
        if not stack:
            return False
        wanted, at = stack.pop()
        choices: list[AnyOf] = []
        reached = _reached(wanted, at, choices)
        if reached is None or not reached.possible() or not still(reached):
            continue
        if not choices:
            return True
        choices.sort(key=lambda choice: len(choice.alternatives))
        stack += [((*one, *choices[1:]), reached) for one in reversed(choices[0].alternatives)]
    return True


def _reached(wanted: Sequence[Wanted], case: Case, choices: list[AnyOf]) -> Case | None:
    """The case with everything reached that leaves no choice; what leaves one goes to `choices`."""
    pending = list(wanted)
    at: Case | None = case
    while pending and at is not None:
        goal = pending.pop()
        if isinstance(goal, AnyOf):
            choices.append(goal)
        elif (parts := _parts(goal)) is None:
            at = _taken(goal, at)
        elif isinstance(parts, AnyOf):
            choices.append(parts)
        else:
            pending += parts
    return at


def _parts(goal: Goal) -> tuple[Goal, ...] | AnyOf | None:
    """What a goal comes down to; None where it stands for itself."""
    match goal.node:
        case Call(function="!_", arguments=(part,)):
            return (goal.part(part, not goal.holds),)
        case Call(function="_&&_" | "_||_" as function, arguments=parts):
            each = tuple(goal.part(part, goal.holds) for part in parts)
            return each if (function == "_&&_") is goal.holds else AnyOf(tuple((one,) for one in each))
        case Call(function="_?_:_", arguments=(test, yes, no)):
            chosen = (goal.part(test, True), goal.part(yes, goal.holds))
            return AnyOf((chosen, (goal.part(test, False), goal.part(no, goal.holds))))
        case Call(function="@in", arguments=(part, ListOf(elements=elements))) if _set_of(goal) is None:
            each = tuple(goal.part(Call(0, "_==_", (part, element)), goal.holds) for element in elements)
            return AnyOf(tuple((one,) for one in each)) if goal.holds else each
    return None


def _taken(goal: Goal, case: Case) -> Case | None:
    """The case in which a goal without parts is reached."""
    confined = _set_of(goal)
    if confined is not None:
        return case.within(*confined)
    match goal.node:
        case Constant(value=bool() as value):
            return case if value is goal.holds else None
        case Call(function="startsWith" | "endsWith" | "contains" as test, arguments=(Ident(name=name), Constant())):
            return _by_word(goal, test, name, case)
        case Call(function=function, arguments=(left, right)) if function in HOLDS:
            ways = HOLDS[function] if goal.holds else frozenset({"<", "=", ">", "nan"}) - HOLDS[function]
            return case.related(Relation(goal.tree, left, right, ways))
    return case.taking(goal.node, goal.holds)


def _set_of(goal: Goal) -> tuple[str, ValueSet] | None:
    """The variable that a goal is about and the set it confines it to, where the rest is constant."""
    match goal.node:
        case Ident(name=name):
            return name, Members(frozenset({goal.holds}))
        case Call(function="@in", arguments=(Ident(name=name), ListOf(elements=elements))):
            values = [_constant(goal.tree, element) for element in elements]
            listed = [value for value in values if value is not None]
            if len(listed) < len(values) or len({type(value) for value in values}) != 1:
                return None
            return name, exactly(listed) if goal.holds else exactly(listed).rest()
        case Call(function=function, arguments=(Ident(name=name), right)) if function in HOLDS:
            return _compared(goal, name, function.strip("_"), right)
        case Call(function=function, arguments=(left, Ident(name=name))) if function in HOLDS:
            turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
            return _compared(goal, name, turned.get(function.strip("_"), function.strip("_")), left)
    return None


def _compared(goal: Goal, name: str, operator: str, other: Node) -> tuple[str, ValueSet] | None:
    value = _constant(goal.tree, other)
    found: ValueSet | None = None
    if isinstance(value, float):
        found = compared(operator, value)
    elif value is not None and operator in {"==", "!="}:
        found = Members(frozenset({value}), others=operator == "!=")
    if found is None:
        return None
    found = found if goal.holds else found.rest()
    return name, found.meet(FLAGS) if isinstance(found, Members) and isinstance(value, bool) else found


def _constant(tree: Tree, node: Node) -> float | str | bool | None:
    """The value of a part that reads no variable."""
    if any(isinstance(each, Ident) for each in walk(node)):
        return None
    found = estimate(tree, node, lambda _: None)
    return None if found is None else found.single


def _by_word(goal: Goal, test: str, name: str, case: Case) -> Case | None:
    """A test of a text, tried on each value that the variable may have."""
    words = case.of(name)
    part = goal.node.arguments[1] if isinstance(goal.node, Call) else goal.node
    wanted = _constant(goal.tree, part)
    if not isinstance(words, Members) or words.others or not isinstance(wanted, str):
        return case.taking(goal.node, goal.holds)
    tests = {"startsWith": str.startswith, "endsWith": str.endswith, "contains": str.__contains__}
    kept = frozenset(word for word in words.values if tests[test](str(word), wanted) is goal.holds)
    return case.within(name, Members(kept))
