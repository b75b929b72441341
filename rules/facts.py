"""What conditions may read: the customer's facts, the moment and the action, as typed variables.

All numbers are doubles for the rule writer, integer features included. A fact that is missing and has
no declared default has no value at all: it is left out of what `Binding.bind` returns, so that a
condition which reads it is unknown. `known.<feature>` always has a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rules.policy import Channel, ContextField, Direction
from rules.situation import Moment, Value

NUMBER, INTEGER, FLAG, CATEGORY = "number", "integer", "flag", "category"

_MOMENT_TYPES = {
    "moment.channel": CATEGORY,
    "moment.direction": CATEGORY,
    "moment.intent": CATEGORY,
    "moment.locale": CATEGORY,
    "moment.hour": NUMBER,
    "moment.weekday": NUMBER,
}
_TOLD = ("channel", "intent", "locale")
"""What a moment says by itself."""

_INBOUND = str(Direction.INBOUND)
_TIER_TYPES = {"tier.name": CATEGORY, "tier.direction": CATEGORY}
ACTION_TYPES: Mapping[str, str] = {
    "id": CATEGORY,
    "kind": CATEGORY,
    "issue": CATEGORY,
    "group": CATEGORY,
    "cost": NUMBER,
    "price_sensitive": FLAG,
    "partner": FLAG,
}
"""What every action has beside its attributes; an attribute may not take one of these names."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One feature as the rules see it.

    `type` is number, integer, flag or category (then with its `values`); `default` None means that a
    missing value is unknown. `purpose` names what the feature may be used for; empty = anything. `protected`: nothing
    may read it that does not say why.
    """

    name: str
    type: str
    values: tuple[str, ...] = ()
    default: Value | None = None
    purpose: tuple[str, ...] = ()
    protected: bool = False


@dataclass(frozen=True, slots=True)
class FactSchema:
    """The declared facts by name."""

    facts: Mapping[str, Fact]

    @classmethod
    def of(cls, *facts: Fact) -> FactSchema:
        return cls({fact.name: fact for fact in facts})

    def __contains__(self, name: object) -> bool:
        return name in self.facts

    def __getitem__(self, name: str) -> Fact:
        return self.facts[name]

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts.values())

    def __len__(self) -> int:
        return len(self.facts)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.facts)


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that conditions may read, e.g. `customer.age`. `type` and `protected` as Fact; `default` None = may be
    unknown. A live fact of actions `may_lapse`: it is unknown once it is stale."""

    name: str
    type: str
    default: Value | None = None
    protected: bool = False
    may_lapse: bool = False


def declare(
    facts: FactSchema, context: Mapping[str, ContextField], attributes: Mapping[str, ContextField]
) -> dict[str, Variable]:
    """Every variable that a policy's conditions may read, by name."""
    variables = [Variable(f"customer.{fact.name}", fact.type, fact.default, fact.protected) for fact in facts]
    variables += [Variable(f"known.{fact.name}", FLAG, protected=fact.protected) for fact in facts]
    variables += [Variable(f"context.{key.name}", key.type, key.default) for key in context.values()]
    variables += [Variable(name, type_) for name, type_ in (_MOMENT_TYPES | _TIER_TYPES).items()]
    variables += [
        Variable(f"action.{key.name}", key.type, key.default, may_lapse=key.may_lapse) for key in attributes.values()
    ]
    variables += [Variable(f"action.{name}", type_) for name, type_ in ACTION_TYPES.items()]
    return {variable.name: variable for variable in variables}


class Binding:
    """Gives values to the variables that a policy's conditions really read; built when the policy loads.

    The cost is that of the variables read, whatever the number of declared features.
    """

    def __init__(self, read: Iterable[Variable], channels: Mapping[str, Channel]) -> None:
        by_room: dict[str, list[tuple[str, str, Value | None]]] = {}
        for variable in read:
            room, _, key = variable.name.partition(".")
            by_room.setdefault(room, []).append((variable.name, key, variable.default))
        self._customer = tuple((name, key) for name, key, _ in by_room.get("customer", ()))
        defaults = (*by_room.get("customer", ()), *by_room.get("context", ()))
        self._defaults = {name: default for name, _, default in defaults if default is not None}
        self._known = tuple((name, key) for name, key, _ in by_room.get("known", ()))
        self._context = tuple((name, key) for name, key, _ in by_room.get("context", ()))
        moment = [key for _, key, _ in by_room.get("moment", ())]
        self._told = tuple((f"moment.{key}", key) for key in moment if key in _TOLD)
        self._clock = "hour" in moment or "weekday" in moment
        self._clock_read = frozenset(f"moment.{key}" for key in moment)
        self._directions = {name: str(channel.direction) for name, channel in channels.items()}
        self._direction = "direction" in moment

    def bind(self, customer: Mapping[str, Value], moment: Moment, zone: ZoneInfo) -> dict[str, Value]:
        """The values of the variables read; unknown ones are absent. `customer` holds known features only."""
        values = self._defaults.copy()
        for name, key in self._customer:
            value = customer.get(key)
            if value is not None:
                values[name] = value
        for name, key in self._known:
            values[name] = customer.get(key) is not None
        context = moment.context or {}
        for name, key in self._context:
            if key in context:
                values[name] = context[key]
        for name, key in self._told:
            values[name] = getattr(moment, key)
        if self._direction:
            values["moment.direction"] = self._directions.get(moment.channel, _INBOUND)
        if self._clock:
            self._tell_time(moment.now, zone, values)
        return values

    def _tell_time(self, now: float, zone: ZoneInfo, values: dict[str, Value]) -> None:
        local = datetime.fromtimestamp(now, zone)
        for name, number in (("moment.hour", local.hour), ("moment.weekday", local.isoweekday())):
            if name in self._clock_read:
                values[name] = float(number)
