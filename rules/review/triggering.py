"""Triggers that no event ever starts, and conditions of triggers that any event meets."""

from __future__ import annotations

from rules.condition import Condition, ConditionCompiler
from rules.review.subject import Subject
from rules.review.tableau import Goal, possible
from rules.trigger import Trigger
from rules.triggers import told_of, trigger_variables
from rules.value_set import exactly


def review_triggers(subject: Subject) -> None:
    """Tell which conditions of triggers never change: a mistake where none can hold, a warning where all do."""
    for trigger in subject.policy.triggers:
        condition = _condition(subject, trigger)
        if condition is None:
            continue
        place, name = condition.expression.place, f"the trigger {trigger.id!r}"
        if not _possible(subject, trigger, condition, holds=True):
            message = f"this is never true over {trigger.channel}, so {name} never starts anything"
            subject.error("always-false", place, message, "change the condition, or remove the trigger")
        elif not _possible(subject, trigger, condition, holds=False):
            message = f"this is always true where what it reads is known, so every {trigger.on} starts {name}"
            subject.warn("always-true", place, message, "change the condition, or leave it out")


def _condition(subject: Subject, trigger: Trigger) -> Condition | None:
    if trigger.when is None:
        return None
    variables = trigger_variables(subject.policy, subject.facts, trigger)
    return ConditionCompiler(variables, lambda *_: None).condition(trigger.when)


def _possible(subject: Subject, trigger: Trigger, condition: Condition, holds: bool) -> bool:
    """Whether the condition may hold, or not, for someone and some event."""
    variables = trigger_variables(subject.policy, subject.facts, trigger)
    told = told_of(subject.policy, trigger).attributes.values()
    events = {f"event.{one.name}": exactly(one.values) for one in told if one.values}
    here = {"moment.channel": exactly((trigger.channel,)), "moment.intent": exactly((trigger.intent,))}
    domains = subject.present(subject.catalogue.all).narrowed({**events, **here})
    goal = Goal(condition.tree, condition.tree.root, holds)
    return possible((goal,), domains.case(condition.reads, variables), domains.still)
