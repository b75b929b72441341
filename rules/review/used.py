"""Where a policy uses conditions and amounts, and what follows where one never changes."""

from __future__ import annotations

from collections.abc import Iterator

from rules.policy import Expression
from rules.review.constant import Used
from rules.review.subject import Subject


def used_conditions(subject: Subject) -> Iterator[Used]:
    """The conditions that stand by themselves: of rules, stops and context weights."""
    policy = subject.policy
    for rule in policy.rules:
        name, scope = f"the rule {rule.id!r}", subject.scope(rule.scope)
        never, always = "never removes anything", "removes its actions from everyone"
        yield Used(rule.when, scope, name, *((always, never) if rule.allows else (never, always)))
    for stop in policy.contact.stops:
        if stop.when is not None:
            never = "stops nothing" if not stop.after_outcomes else "stops only after its outcomes"
            yield Used(stop.when, subject.scope(stop.scope), f"the stop {stop.id!r}", never, "stops for everyone")
    for weight in policy.context_weights:
        name = f"the weight {weight.id!r}"
        yield Used(weight.when, subject.scope(weight.scope), name, "never counts", "counts for everyone")


def other_expressions(subject: Subject) -> Iterator[Expression]:
    """The conditions of tiers, and every amount that is written as an expression."""
    for tier in subject.policy.tiers:
        yield from (written for written in (tier.when, tier.keep_when) if written is not None)
    for action in subject.policy.actions:
        for amount in (*action.value.values(), action.cost):
            if isinstance(amount, Expression):
                yield amount
    for limit in subject.policy.limits:
        if isinstance(limit.spends, Expression):
            yield limit.spends
