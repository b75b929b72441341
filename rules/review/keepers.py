"""What an action must pass to reach anyone: rules, stops and decision tables, each as a goal for one action."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from documents.problem import Place
from rules.review.domains import Domains
from rules.review.shadows import Remover, removers
from rules.review.subject import Subject
from rules.review.tableau import AnyOf, Goal, Wanted, possible
from rules.table import DecisionTable


@dataclass(frozen=True, slots=True)
class Keeper:
    """Something that actions of `scope` must pass. `goal` is that it keeps an action (a catalogue index); it `asks` of
    these variables, of which `reads` must be known for that; `at` is where a finding points."""

    what: str
    place: Place
    at: Place
    scope: int
    asks: tuple[str, ...]
    reads: tuple[str, ...]
    goal: Callable[[int], Wanted]

    @property
    def static(self) -> bool:
        """Whether it asks of nothing but the action."""
        return bool(self.asks) and all(name.startswith("action.") for name in self.asks)

    def rows(self, index: int) -> tuple[int, ...]:
        """The rows of a table that leave the action, as numbers to compare by."""
        goal = self.goal(index)
        return tuple(map(id, goal.alternatives)) if isinstance(goal, AnyOf) else ()


@dataclass(frozen=True, slots=True)
class Keepers:
    """All that actions must pass, asked for one action and one set of domains at a time."""

    subject: Subject
    all: tuple[Keeper, ...]

    @staticmethod
    def of(subject: Subject) -> Keepers:
        tables = (_of_table(subject, table) for table in subject.policy.tables)
        return Keepers(subject, (*(_of_rule(one) for one in removers(subject)), *tables))

    def about(self, index: int) -> tuple[Keeper, ...]:
        return tuple(one for one in self.all if one.scope >> index & 1)

    def passed(self, index: int, keepers: Sequence[Keeper], domains: Domains) -> bool:
        """Whether for someone at some moment all of them keep the action."""
        reads = [name for one in keepers for name in one.reads]
        case = domains.case(reads, self.subject.conditions.variables)
        return possible([one.goal(index) for one in keepers], case, domains.still)

    def core(self, index: int, keepers: Sequence[Keeper], domains: Sequence[Domains]) -> tuple[Keeper, ...]:
        """As few of them as together keep the action from everyone, in all of the domains."""
        kept = list(keepers)
        for one in keepers:
            without = [other for other in kept if other is not one]
            if not any(self.passed(index, without, each) for each in domains):
                kept = without
        return tuple(kept)


def _of_rule(remover: Remover) -> Keeper:
    reads = remover.condition.reads
    return Keeper(
        what=remover.what,
        place=remover.place,
        at=remover.condition.expression.place,
        scope=remover.scope,
        asks=reads,
        reads=reads,
        goal=lambda _: remover.goal(False),
    )


def _of_table(subject: Subject, table: DecisionTable) -> Keeper:
    """Rows that leave the action. Where an input is unknown, an action stays only if whatever the input were it would
    stay; so someone for whom it is known is kept too, and nothing need be known."""
    scope = subject.scope(table.scope)
    rows = []
    for row in table.rows:
        condition, own = subject.condition(row.when), subject.scope(row.scope)
        if condition is not None:
            rows.append((own if row.allows else scope & ~own, (Goal(condition.tree, condition.tree.root),)))

    def goal(index: int) -> AnyOf:
        return AnyOf(tuple(holds for leaves, holds in rows if leaves >> index & 1))

    return Keeper(f"the table {table.id!r}", table.place, table.place, scope, table.inputs, (), goal)
