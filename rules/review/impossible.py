"""Values that a condition asks for and that no variable ever has: a misspelt category, a tier that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from documents.reader import did_you_mean
from rules.checked_tree import Call, Constant, Ident, ListOf, Node, walk
from rules.condition import Condition
from rules.review.subject import Subject, place_of
from rules.value_set import Members

_EQUALITIES = frozenset({"_==_", "_!=_"})


def review_values(subject: Subject, condition: Condition) -> bool:
    """Tell every text that its variable never has; whether there was one."""
    everything = subject.present(subject.catalogue.all)
    found = False
    for name, constant in _asked(condition):
        wide = subject.wide.sets.get(name)
        known = wide if isinstance(wide, Members) and not wide.others else everything.sets.get(name)
        if not isinstance(known, Members) or known.others or constant.value in known:
            continue
        hint = did_you_mean(str(constant.value), [str(value) for value in known.values if value != ""])
        subject.error("impossible-value", place_of(condition, constant), f"{name} is never {constant.value!r}", hint)
        found = True
    return found


def _asked(condition: Condition) -> Iterator[tuple[str, Constant]]:
    """Each variable with each text that it is compared with."""
    for node in walk(condition.tree.root):
        match node:
            case Call(function=function, arguments=(left, right)) if function in _EQUALITIES:
                yield from _pair(left, right)
                yield from _pair(right, left)
            case Call(function="@in", arguments=(Ident() as wanted, ListOf(elements=elements))):
                for element in elements:
                    yield from _pair(wanted, element)


def _pair(left: Node, right: Node) -> Iterator[tuple[str, Constant]]:
    if isinstance(left, Ident) and isinstance(right, Constant) and isinstance(right.value, str):
        yield left.name, right
