"""Triggers ready to be asked: whether an event starts one, and whether its condition holds when it is due.

A condition reads `event.<attribute>` beside the customer, the tier and the moment. One that reads the event alone is
asked when the event comes; what it does not read then is left to the moment of the decision. Unknown does not start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rules.condition import Condition, ConditionCompiler, Report
from rules.event_types import ANY, STANDARD, TEXT, EventType
from rules.facts import CATEGORY, Binding, FactSchema, Variable, declare
from rules.fused import FusedConditions, Slots
from rules.policy import Policy
from rules.situation import Value
from rules.trigger import Trigger

_NOT_HERE = ("action", "context")


@dataclass(frozen=True)
class CompiledTrigger:
    """`binding` gives the values of what the condition reads beside the event; None without a condition."""

    rule: Trigger
    test: FusedConditions | None
    binding: Binding

    @property
    def of_event_alone(self) -> bool:
        """Whether the event says all that the condition reads."""
        return self.test is None or all(name.startswith("event.") for name in self.test.reads)

    def holds(self, values: Mapping[str, Value], event: Mapping[str, Value]) -> bool:
        """Whether the condition is known to hold; `values` as `binding` gives them, with the tier."""
        if self.test is None:
            return True
        told = {f"event.{name}": value for name, value in event.items()}
        known = {name: value for name, value in {**values, **told}.items() if name in self.test.reads}
        return self.test.evaluate(known).values[0] is True


class Triggers:
    """The triggers of one policy, by the event that starts them; and which triggers an event takes back."""

    def __init__(self, compiled: Iterable[CompiledTrigger]) -> None:
        self.by_id: Mapping[str, CompiledTrigger] = {one.rule.id: one for one in compiled}
        self._on: dict[str, tuple[CompiledTrigger, ...]] = {}
        self._withdrawn: dict[str, tuple[str, ...]] = {}
        for one in self.by_id.values():
            self._on[one.rule.on] = (*self._on.get(one.rule.on, ()), one)
            for event in sorted(one.rule.withdraw_on):
                self._withdrawn[event] = (*self._withdrawn.get(event, ()), one.rule.id)

    def started_by(self, event: str, attributes: Mapping[str, Value]) -> tuple[CompiledTrigger, ...]:
        """The triggers that may start: those whose condition the event alone does not deny."""
        found = self._on.get(event, ())
        return tuple(one for one in found if not one.of_event_alone or one.holds({}, attributes))

    def started_on(self, event: str) -> tuple[CompiledTrigger, ...]:
        """The triggers that this kind of event starts, whatever their conditions say."""
        return self._on.get(event, ())

    def withdrawn_by(self, event: str) -> tuple[str, ...]:
        """The ids of the triggers whose messages the event takes back."""
        return self._withdrawn.get(event, ())


def compile_triggers(policy: Policy, facts: FactSchema, report: Report) -> Triggers:
    """The triggers; those whose condition does not hold are reported and left out."""
    compiled = (_compiled(policy, facts, one, report) for one in policy.triggers)
    return Triggers(one for one in compiled if one is not None)


def _compiled(policy: Policy, facts: FactSchema, trigger: Trigger, report: Report) -> CompiledTrigger | None:
    if trigger.when is None:
        return CompiledTrigger(trigger, None, Binding((), policy.channels))
    variables = trigger_variables(policy, facts, trigger)
    conditions = ConditionCompiler(variables, report)
    protected = [name for name, one in variables.items() if one.protected]
    condition = conditions.condition(trigger.when, (*_NOT_HERE, *protected))
    if condition is None:
        return None
    return CompiledTrigger(trigger, _fused(conditions, condition), _binding(variables, condition, policy))


def told_of(policy: Policy, trigger: Trigger) -> EventType:
    """The kind of event that starts the trigger, with what it tells."""
    return {**STANDARD, **policy.events}.get(trigger.on, EventType(trigger.on))


def trigger_variables(policy: Policy, facts: FactSchema, trigger: Trigger) -> dict[str, Variable]:
    """What the condition of a trigger may read: the customer, the tier, the moment, and what the event tells."""
    return {**declare(facts, {}, {}), **_told(told_of(policy, trigger))}


def _told(type_: EventType) -> dict[str, Variable]:
    """What is told of an event; an attribute of any type cannot be compared with anything."""
    found = (one for one in type_.attributes.values() if one.type != ANY)
    variables = (Variable(f"event.{one.name}", CATEGORY if one.type == TEXT else one.type) for one in found)
    return {one.name: one for one in variables}


def _fused(conditions: ConditionCompiler, condition: Condition) -> FusedConditions:
    slots = Slots()
    slots.add(condition)
    return FusedConditions(slots, conditions.env, conditions.variables)


def _binding(variables: Mapping[str, Variable], condition: Condition, policy: Policy) -> Binding:
    read = (variables[name] for name in condition.reads if not name.startswith(("event.", "tier.")))
    return Binding(read, policy.channels)
