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
from rules.facts import ACTION_TYPES, CATEGORY, FLAG, INTEGER, Fact, FactSchema, Variable
from rules.policy import ContextField, Direction, Expression, Kind, Policy
from rules.review.case import Case
from rules.tier import LOSING, RISING, STEADY
from rules.value_set import ANY_TEXT, FINITE, FLAGS, WHOLE, Members, Numbers, ValueSet, exactly

_HOURS = Numbers(((0.0, 23.0),), whole=True)
_WEEKDAYS = Numbers(((1.0, 7.0),), whole=True)
_COSTS = Numbers(((0.0, FINITE.high),))
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
    """What features, context and attributes are declared to hold, whatever channels, tiers and actions there are."""
    sets: dict[str, ValueSet] = {f"customer.{fact.name}": _declared(fact) for fact in facts}
    sets |= {f"known.{fact.name}": FLAGS for fact in facts}
    sets |= {f"context.{key.name}": _declared(key) for key in policy.context.values()}
    sets |= {"moment.hour": _HOURS, "moment.weekday": _WEEKDAYS, "moment.direction": exactly(map(str, Direction))}
    sets |= dict.fromkeys(("moment.channel", "moment.intent", "moment.locale", "tier.name"), ANY_TEXT)
    sets |= {"tier.direction": exactly((RISING, STEADY, LOSING))}
    sets |= {f"action.{name}": FLAGS if type_ == FLAG else ANY_TEXT for name, type_ in ACTION_TYPES.items()}
    sets |= {"action.cost": _COSTS, "action.kind": exactly(map(str, Kind))}
    sets |= {f"action.{key.name}": _declared(key) for key in policy.attributes.values()}
    return Domains(sets, {})


def present(wide: Domains, policy: Policy, catalogue: Catalogue, scope: int) -> Domains:
    """The declared domains, left to the channels, intents and tiers that there are, and to the actions of a scope."""
    directions = {channel.name: str(channel.direction) for channel in policy.channels.values()}
    sets = {name: _held(column, catalogue, scope) for name, column in catalogue.columns.items()}
    sets |= {
        "moment.channel": exactly(directions),
        "moment.direction": exactly(directions.values()),
        "moment.intent": exactly((*policy.intents, "")) if policy.intents else ANY_TEXT,
        "tier.name": exactly(tier.name for tier in policy.tiers),
    }
    if policy.trend is None:
        sets["tier.direction"] = exactly((STEADY,))
    return Domains({**wide.sets, **sets}, directions)


def unknowable(reads: Iterable[str], variables: Mapping[str, Variable], priced: bool) -> frozenset[str]:
    """The variables among `reads` that may have no value. `priced`: every action in question costs a plain number."""
    rooms = ("customer.", "context.")
    unknown = {name for name in reads if name.startswith(rooms) and variables[name].default is None}
    return frozenset(unknown if priced else unknown | ({"action.cost"} & set(reads)))


def priced(catalogue: Catalogue, scope: int) -> bool:
    """Whether every action of a scope costs a plain number, which conditions can read."""
    return not any(isinstance(catalogue.actions[index].cost, Expression) for index in catalogue.indexes(scope))


def _declared(field: Fact | ContextField) -> ValueSet:
    if field.type == CATEGORY:
        return exactly(field.values)
    if field.type == FLAG:
        return FLAGS
    return WHOLE if field.type == INTEGER else FINITE


def _held(column: Column, catalogue: Catalogue, scope: int) -> ValueSet:
    """The values of an attribute among the actions of a scope."""
    cells = column.values[catalogue.indexes(scope)].tolist()
    return exactly({column.words[int(cell)] for cell in cells} if column.words else set(cells))
