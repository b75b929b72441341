"""Conditions, and parts of them, that are the same for everyone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.checked_tree import Call, Constant, Node, children
from rules.condition import Condition
from rules.policy import Expression
from rules.review.domains import Domains
from rules.review.impossible import review_values
from rules.review.subject import Subject, place_of
from rules.review.tableau import Goal, possible

ALWAYS_TRUE, ALWAYS_FALSE = "always-true", "always-false"
_LOGIC = frozenset({"_&&_", "_||_", "!_", "_?_:_"})


@dataclass(frozen=True, slots=True)
class Used:
    """A condition in use: about which actions, who says so, and what follows where it never, or always, holds."""

    when: Expression
    scope: int
    name: str
    never: str
    always: str


def always(subject: Subject, condition: Condition, domains: Domains, node: Node | None = None) -> bool | None:
    """The one value that a condition (or a part of it) has wherever it is known; None where it may have both."""
    case = domains.case(condition.reads, subject.conditions.variables)
    goal = Goal(condition.tree, condition.tree.root if node is None else node)
    if not possible((goal,), case, domains.still):
        return False
    return None if possible((goal.part(goal.node, False),), case, domains.still) else True


def review_conditions(subject: Subject, used: Iterator[Used]) -> None:
    """Tell which conditions never change. A mistake where declared values cannot change it; a warning where only the
    present channels, tiers and actions do not, or where it reads nothing and so must be meant."""
    for one in used:
        condition = subject.condition(one.when)
        if condition is None:
            continue
        if review_values(subject, condition) or _review_whole(subject, one, condition):
            subject.flawed.add(one.when.place)
        else:
            review_parts(subject, condition)


def review_amounts(subject: Subject, written: Iterator[Expression]) -> None:
    """Tell the same of the conditions within amounts, and of conditions that are judged as a whole elsewhere."""
    for expression in written:
        condition = subject.conditions.amount(expression) or subject.condition(expression)
        if condition is None:
            continue
        if review_values(subject, condition):
            subject.flawed.add(expression.place)
        else:
            review_parts(subject, condition)


def _review_whole(subject: Subject, used: Used, condition: Condition) -> bool:
    """Whether the whole condition never changes."""
    strict = always(subject, condition, subject.wide)
    value = strict if strict is not None else always(subject, condition, subject.present(used.scope))
    if value is None:
        return False
    code = ALWAYS_TRUE if value else ALWAYS_FALSE
    unknown = subject.unknowable(condition.reads, used.scope)
    where = "" if strict is not None else " with the channels, tiers and actions that there are"
    known = f" wherever {', '.join(sorted(unknown))} {'is' if len(unknown) == 1 else 'are'} known" if unknown else ""
    follows = used.always if value else used.never
    message = f"this is {'always' if value else 'never'} true{where}{known}, so {used.name} {follows}"
    note = subject.error if strict is not None and condition.reads else subject.warn
    note(code, used.when.place, message, "change the condition, or remove what it stands for")
    return True


def review_parts(subject: Subject, condition: Condition) -> None:
    """Tell the largest parts below the whole that never change, whatever the declared values."""
    for node in _below(subject, condition, condition.tree.root):
        value = always(subject, condition, subject.wide, node)
        code = f"part-{ALWAYS_TRUE if value else ALWAYS_FALSE}"
        message = f"this part of the condition is {'always' if value else 'never'} true"
        subject.error(code, place_of(condition, node), message, "change it, or leave it out")


def _below(subject: Subject, condition: Condition, node: Node) -> Iterator[Node]:
    for child in children(node):
        boolean = condition.tree.type_of(child) == "bool" and not isinstance(child, Constant)
        if boolean and _worth_asking(child) and always(subject, condition, subject.wide, child) is not None:
            yield child
        elif not boolean or (isinstance(child, Call) and child.function in _LOGIC):
            yield from _below(subject, condition, child)


def _worth_asking(node: Node) -> bool:
    """Whether a part is a test; a flag by itself is what it is."""
    return isinstance(node, Call)
