"""What each variable may be: as features and policy declare it, and as this policy's own channels, tiers and actions
leave it.

The two differ in what a finding weighs. What no declared value can change is a mistake; what only the present
channels or actions do not change may be meant for those to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rules.action_columns import Column
from rules.catalogue import Catalogue
from rules.declared_values import company_sets, declared_sets
from rules.facts import FactSchema, Variable
from rules.policy import Expression, Policy
from rules.review.case import Case
from rules.value_set import Members, ValueSet, exactly

_ONLY_TRUE = Members(frozenset({True}))


@dataclass(frozen=True, slots=True)
class Domains:
    """The sets by variable; `directions` of the channels, where channel and direction are taken together."""

    sets: Mapping[str, ValueSet]
    directions: Mapping[str, str]

    def narrowed(self, sets: Mapping[str, ValueSet]) -> Domains:
        """These domains with some of them replaced."""
        return Domains({**self.sets, **sets}, self.directions)

    def case(self, reads: Iterable[str] = (), variables: Mapping[str, Variable] | None = None) -> Case:
        """The case to begin with. Where all of `reads` are known, what has no default was given."""
        given = {
            f"known.{name.partition('.')[2]}": _ONLY_TRUE
            for name in reads
            if variables and name.startswith("customer.") and variables[name].default is None
        }
        sets = {**self.sets, **given}
        return Case(sets.get)

    def still(self, case: Case) -> bool:
        """Whether some channel has a name and a direction that the case still allows."""
        names, ways = case.of("moment.channel"), case.of("moment.direction")
        if not self.directions or names is None or ways is None:
            return True
        return any(name in names and way in ways for name, way in self.directions.items())


def declared(policy: Policy, facts: FactSchema) -> Domains:
    """What is declared, whatever channels, tiers and actions there are."""
    return Domains(declared_sets(policy, facts), {})


def present(wide: Domains, policy: Policy, catalogue: Catalogue, scope: int) -> Domains:
    """The declared domains, left to the channels, intents and tiers that there are, and to the actions of a scope."""
    directions = {channel.name: str(channel.direction) for channel in policy.channels.values()}
    fixed = {name: column for name, column in catalogue.columns.items() if column.live is None}
    sets = {name: _held(column, catalogue, scope) for name, column in fixed.items()}
    return Domains({**wide.sets, **sets, **company_sets(policy)}, directions)


def unknowable(reads: Iterable[str], variables: Mapping[str, Variable], priced: bool) -> frozenset[str]:
    """The variables among `reads` that may have no value. `priced`: every action in question costs a plain number."""
    rooms = ("customer.", "context.")
    unknown = {name for name in reads if name.startswith(rooms) and variables[name].default is None}
    unknown |= {name for name in reads if variables[name].may_lapse}
    return frozenset(unknown if priced else unknown | ({"action.cost"} & set(reads)))


def priced(catalogue: Catalogue, scope: int) -> bool:
    """Whether every action of a scope costs a plain number, which conditions can read."""
    return not any(isinstance(catalogue.actions[index].cost, Expression) for index in catalogue.indexes(scope))


def _held(column: Column, catalogue: Catalogue, scope: int) -> ValueSet:
    """The values of an attribute among the actions of a scope."""
    cells = column.values[catalogue.indexes(scope)].tolist()
    return exactly({column.words[int(cell)] for cell in cells} if column.words else set(cells))
