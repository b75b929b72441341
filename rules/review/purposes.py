"""Features that are read for a partner beyond the purposes they were declared for.

Amounts of a partner's action are checked when the policy loads. Here come conditions that are only about partners'
actions, which count as asked for those partners' purposes, and what a partner's treatments show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from documents.problem import Place
from rules.policy import Expression, Partner, Scope
from rules.review.subject import Subject

_PLACEHOLDER = re.compile(r"\{customer\.([A-Za-z_][A-Za-z0-9_]*)")


def review_purposes(subject: Subject) -> None:
    """Tell each feature that a partner's rules or texts read without its purpose allowing it."""
    for what, when, scope in _scoped(subject):
        condition = subject.condition(when)
        for partner in _partners(subject, scope) if condition is not None else ():
            for name in condition.reads if condition is not None else ():
                room, _, feature = name.partition(".")
                if room == "customer":
                    _check(subject, when.place, feature, partner, what)
    for action in subject.policy.actions:
        for treatment in action.treatments.values() if action.partner is not None else ():
            texts = (treatment.content.title, treatment.content.body, treatment.content.say, treatment.content.link)
            for feature in sorted({found for text in texts for found in _PLACEHOLDER.findall(text)}):
                if action.partner is not None:
                    _check(subject, action.place, feature, action.partner, f"the treatment {treatment.id!r}")


def _scoped(subject: Subject) -> Iterator[tuple[str, Expression, Scope]]:
    for rule in subject.policy.rules:
        yield f"the rule {rule.id!r}", rule.when, rule.scope
    for stop in subject.policy.contact.stops:
        if stop.when is not None:
            yield f"the stop {stop.id!r}", stop.when, stop.scope
    for weight in subject.policy.context_weights:
        yield f"the weight {weight.id!r}", weight.when, weight.scope


def _partners(subject: Subject, scope: Scope) -> tuple[Partner, ...]:
    """The partners of a scope's actions; none where any action in it is the company's own."""
    actions = [subject.catalogue.actions[index] for index in subject.catalogue.indexes(subject.scope(scope))]
    partners = [action.partner for action in actions if action.partner is not None]
    return tuple(dict.fromkeys(partners)) if len(partners) == len(actions) else ()


def _check(subject: Subject, place: Place, feature: str, partner: Partner, what: str) -> None:
    purposes = subject.facts[feature].purpose if feature in subject.facts else ()
    if purposes and partner.purpose not in purposes:
        allowed = ", ".join(purposes)
        message = f"{what} reads {feature!r} for {partner.name}, for {partner.purpose}; it may be used for {allowed}"
        hint = f"{partner.name} is a partner; read other features, or give the feature that purpose"
        subject.error("purpose", place, message, hint)
