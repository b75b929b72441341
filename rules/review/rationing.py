"""Limits over all customers that limit nothing, or more than was meant."""

from __future__ import annotations

from rules.limits import COST, Limit, LimitKind
from rules.policy import Expression
from rules.review.subject import Subject


def review_rationing(subject: Subject) -> None:
    """Tell limits that nothing is counted by, that forbid altogether, and whose rest nobody may use."""
    for limit in subject.policy.limits:
        actions = subject.scope(limit.scope) & _met(subject, limit)
        if not actions:
            _warn(
                subject, limit, "limit-idle", "is about no action that its channels propose", "change scope or channels"
            )
        elif limit.kind is LimitKind.BUDGET and _spends_nothing(subject, limit, actions):
            _warn(subject, limit, "limit-idle", "spends nothing: its actions cost nothing", "say what it spends:")
        if limit.kind is not LimitKind.CAPACITY and limit.most == 0:
            _warn(subject, limit, "limit-forbids", "lets nothing through", "stop the actions, or set it above 0")
        _review_floors(subject, limit)


def _review_floors(subject: Subject, limit: Limit) -> None:
    shares = {tier.name: limit.floor(tier.name) for tier in subject.policy.tiers}
    least = min(shares.values(), default=0.0)
    if least > 0.0:
        message = f"keeps {least:.0%} free for nobody: every tier must leave it"
        _warn(subject, limit, "limit-unused-share", message, "set the first tier to 0")
    for tier, share in shares.items():
        if share >= 1.0:
            _warn(
                subject, limit, "limit-forbids", f"lets nothing through to the tier {tier!r}", "write a share below 1"
            )


def _met(subject: Subject, limit: Limit) -> int:
    """The actions that some placement of the limit's channels takes."""
    catalogue, found = subject.catalogue, 0
    for (channel, _), mask in catalogue.placements.items():
        if not limit.channels or channel in limit.channels:
            found |= mask
    return found


def _spends_nothing(subject: Subject, limit: Limit, actions: int) -> bool:
    if isinstance(limit.spends, Expression):
        return False
    if limit.spends != COST:
        return limit.spends == 0.0
    return all(subject.catalogue.actions[index].cost == 0.0 for index in subject.catalogue.indexes(actions).tolist())


def _warn(subject: Subject, limit: Limit, code: str, what: str, hint: str) -> None:
    subject.warn(code, limit.place, f"the limit {limit.id!r} {what}", hint)
