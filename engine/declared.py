"""What requests may name under one policy: channels with their placements, intents, typed context keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.decision import Value
from rules.policy import ContextField, Policy

MAX_TEXT = 256
LARGEST = 3.4e38
"""Within what a float32 holds: models read nothing wider."""
Sent = float | str | bool | None
Check = Callable[[Sent], str]
"""Why a sent value does not hold, "" when it does."""


@dataclass(frozen=True, slots=True)
class Declared:
    """`intents` None = the policy declares none, so any short text will do."""

    channels: Mapping[str, frozenset[str]]
    intents: frozenset[str] | None
    context: Mapping[str, Check]

    @staticmethod
    def of(policy: Policy) -> Declared:
        channels = {name: frozenset(channel.placements) for name, channel in policy.channels.items()}
        intents = frozenset((*policy.intents, "")) if policy.intents else None
        return Declared(channels, intents, {name: check_of(field) for name, field in policy.context.items()})


def check_of(field: ContextField) -> Check:
    """The check of one declared field, made once. Its types: number, integer, flag, category."""
    if field.type == "category":
        return _one_of(field.values)
    return {"flag": _is_flag, "integer": _is_whole}.get(field.type, _is_number)


def sendable(value: Value) -> str:
    """Why a value of an undeclared type does not hold, "" when it does: a number within LARGEST of zero,
    or text of at most MAX_TEXT."""
    if isinstance(value, str):
        return "" if len(value) <= MAX_TEXT else f"must have at most {MAX_TEXT} characters"
    return _within(value)


def _is_number(value: Sent) -> str:
    if not isinstance(value, float):
        return "must be a number"
    return _within(value)


def _within(value: float) -> str:
    return "" if abs(value) <= LARGEST else "must be a finite number within 3.4e38 of zero"


def _is_whole(value: Sent) -> str:
    return _is_number(value) or ("" if value == int(value or 0) else "must be a whole number")


def _is_flag(value: Sent) -> str:
    return "" if isinstance(value, bool) else "must be a flag"


def _one_of(values: tuple[str, ...]) -> Check:
    allowed = frozenset(values)
    refused = f"must be text, one of: {listed(values)}"
    return lambda value: "" if value in allowed else refused


def listed(names: tuple[str, ...]) -> str:
    """Names for a sentence, the first 20 of them."""
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
