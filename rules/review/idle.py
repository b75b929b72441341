"""What is declared and changes nothing: a condition to keep a tier that its own implies, a reason for reading what is
not read."""

from __future__ import annotations

from collections.abc import Iterable

from documents.problem import Place
from rules.declared_use import CHANNEL
from rules.review.subject import Subject, may_fail
from rules.review.tableau import Goal, possible


def review_idle(subject: Subject) -> None:
    """Tell conditions to keep a tier that keep nobody, and declarations that nothing asks for."""
    _review_keeping(subject)
    for rule in subject.policy.rules:
        condition = subject.condition(rule.when)
        if condition is not None:
            _review_declared(subject, rule.place, condition.reads, (rule.channel_specific, rule.protected_use))
    for table in subject.policy.tables:
        _review_declared(subject, table.place, table.inputs, (table.channel_specific, table.protected_use))


def _review_keeping(subject: Subject) -> None:
    """A customer is kept where the condition to keep holds and the tier's own does not."""
    for tier in subject.policy.tiers:
        when = None if tier.when is None else subject.condition(tier.when)
        keep = None if tier.keep_when is None else subject.condition(tier.keep_when)
        if when is None or keep is None or may_fail(when):
            continue
        goals = (Goal(keep.tree, keep.tree.root), Goal(when.tree, when.tree.root, False))
        domains = subject.present(subject.catalogue.all)
        reads = {*keep.reads, *when.reads}
        known = subject.unknowable(when.reads, subject.catalogue.all) <= set(keep.reads)
        if known and not possible(goals, domains.case(reads, subject.conditions.variables), domains.still):
            message = f"keep_when keeps nobody in {tier.name!r}: wherever it holds, the tier's own condition does"
            subject.warn("keep-idle", keep.expression.place, message, "make it easier to meet than when:, or remove it")


def _review_declared(subject: Subject, place: Place, reads: Iterable[str], declared: tuple[str, str]) -> None:
    names, variables = set(reads), subject.conditions.variables
    channel_specific, protected_use = declared
    if channel_specific and not names & set(CHANNEL):
        message = "channel_specific says why the channel is read, and it is not"
        subject.warn("declared-idle", place, message, "remove channel_specific")
    if protected_use and not any(variables[name].protected for name in names):
        message = "protected_use says why a protected feature is read, and none is"
        subject.warn("declared-idle", place, message, "remove protected_use")
