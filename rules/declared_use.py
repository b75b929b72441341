"""What may be read only by those who say why: the channel by rules of engagement, protected facts by anything.

The same customer with the same need may do the same in every channel: a rule that differs by channel names its reason
(`channel_specific`). A protected fact decides nothing unless the features file says why (`protected_use`), or the rule
or table that reads it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from documents.problem import Place
from rules.complaints import Explained
from rules.condition import ConditionCompiler, Report, place_within
from rules.policy import Expression, Policy

CHANNEL = ("moment.channel", "moment.direction")


class _Reader(NamedTuple):
    """Something of the policy that reads variables: an expression, or names with a place. What is "" is not declared;
    None needs no declaration."""

    written: Expression | Place
    names: tuple[str, ...]
    channel_specific: str | None = None
    protected_use: str = ""


def check_declared_use(conditions: ConditionCompiler, policy: Policy, report: Report) -> None:
    """Report every reading that is not declared; expressions that do not hold are passed over."""
    for reader in _readers(conditions, policy):
        for name in reader.names:
            if name in CHANNEL and reader.channel_specific == "":
                message = f"the rule reads {name!r}, so one customer may be treated differently from channel to channel"
                hint = 'say why with channel_specific: "...", or leave the channel out'
                _report(report, reader, Explained(_offset(reader, name), "channel-specific", message, hint))
            if conditions.variables[name].protected and not reader.protected_use:
                message = f"{name!r} is protected, and nothing says why it is read here"
                hint = 'add protected_use: "..." to the feature, or to the rule or table that reads it'
                _report(report, reader, Explained(_offset(reader, name), "protected", message, hint))


def _readers(conditions: ConditionCompiler, policy: Policy) -> Iterator[_Reader]:
    for rule in policy.rules:
        yield _Reader(rule.when, conditions.reads(rule.when), rule.channel_specific, rule.protected_use)
    for table in policy.tables:
        yield _Reader(table.place, table.inputs, table.channel_specific, table.protected_use)
    yield from (_Reader(written, conditions.reads(written)) for written in _others(policy))
    if policy.trend is not None:
        names = (f"customer.{policy.trend.now}", f"customer.{policy.trend.before}")
        yield _Reader(policy.tiers[0].place, names)


def _others(policy: Policy) -> Iterator[Expression]:
    """The expressions that have nothing to declare by."""
    written = [one for tier in policy.tiers for one in (tier.when, tier.keep_when)]
    written += [stop.when for stop in policy.contact.stops]
    written += [weight.when for weight in policy.context_weights]
    yield from (one for one in written if one is not None)
    for action in policy.actions:
        yield from (amount for amount in (*action.value.values(), action.cost) if isinstance(amount, Expression))


def _offset(reader: _Reader, name: str) -> int:
    return max(reader.written.source.find(name), 0) if isinstance(reader.written, Expression) else 0


def _report(report: Report, reader: _Reader, why: Explained) -> None:
    at = reader.written if isinstance(reader.written, Place) else place_within(reader.written, why.offset)
    report(at, why.code, why.message, why.hint)
