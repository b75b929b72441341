"""Rules that another rule of their stage always forestalls: what they would remove is gone already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from documents.problem import Place
from rules.condition import Condition
from rules.policy import Stage
from rules.review.subject import Subject, may_fail
from rules.review.tableau import Goal, possible


@dataclass(frozen=True, slots=True)
class Remover:
    """What removes `scope`: wherever the condition, which stands `at`, is `fires`, and wherever it is unknown."""

    what: str
    stage: Stage
    scope: int
    condition: Condition
    fires: bool
    place: Place
    at: Place
    also_after: bool = False

    def goal(self, fires: bool) -> Goal:
        return Goal(self.condition.tree, self.condition.tree.root, self.fires is fires)


def review_shadows(subject: Subject) -> None:
    """Tell each remover that an earlier one of its stage makes idle; not where its condition is a mistake already."""
    earlier: list[Remover] = []
    for one in removers(subject):
        idle = one.also_after or one.at in subject.flawed
        shadow = None if idle else next((other for other in earlier if _shadows(subject, other, one)), None)
        if shadow is not None:
            message = f"{one.what} never removes anything that {shadow.what}, line {shadow.place.line}, leaves"
            subject.warn("rule-shadowed", one.place, message, "remove one of the two, or change what they are about")
        earlier.append(one)


def removers(subject: Subject) -> Iterator[Remover]:
    """The rules and stops in the order written. A stop that also follows outcomes or promises removes more than this
    says."""
    for rule in subject.policy.rules:
        condition = subject.condition(rule.when)
        if condition is not None:
            scope, what = subject.scope(rule.scope), f"the rule {rule.id!r}"
            yield Remover(what, rule.stage, scope, condition, not rule.allows, rule.place, rule.when.place)
    for stop in subject.policy.contact.stops:
        condition = None if stop.when is None else subject.condition(stop.when)
        if stop.when is not None and condition is not None:
            scope, what = subject.scope(stop.scope), f"the stop {stop.id!r}"
            after = stop.broken_promise or stop.open_complaint or bool(stop.after_outcomes)
            yield Remover(what, Stage.CONTACT, scope, condition, True, stop.place, stop.when.place, after)


def _shadows(subject: Subject, first: Remover, later: Remover) -> bool:
    """Whether whatever `later` removes, `first` has removed: where the later one fires, and where it is unknown."""
    if first.stage != later.stage or later.scope & ~first.scope:
        return False
    unknown = subject.unknowable(later.condition.reads, later.scope)
    if may_fail(later.condition) or not unknown <= set(first.condition.reads):
        return False
    reads = (*first.condition.reads, *later.condition.reads)
    domains = subject.present(later.scope)
    case = domains.case(reads, subject.conditions.variables)
    return not possible((later.goal(True), first.goal(False)), case, domains.still)
