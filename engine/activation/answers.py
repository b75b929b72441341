"""Whether a challenger can stand in for the policy in force: it must answer every question that the latter answers."""

from __future__ import annotations

from collections.abc import Iterator

from documents.problem import BefitError
from rules.policy import Policy


class NotComparable(BefitError):
    """A challenger lacks something that questions to the policy in force may name."""


def expect_answers(champion: Policy, challenger: Policy) -> None:
    """Raises NotComparable with the first thing that is missing."""
    missing = next(missing_of(champion, challenger), "")
    if missing:
        raise NotComparable(f"it cannot answer all questions of the policy in force: it lacks {missing}")


def missing_of(champion: Policy, challenger: Policy) -> Iterator[str]:
    """What questions to the champion may name and the challenger does not have, or has otherwise."""
    for name, channel in champion.channels.items():
        other = challenger.channels.get(name)
        if other is None or other.direction != channel.direction:
            yield f"the {channel.direction.value} channel {name}"
            continue
        yield from (f"the placement {one} of {name}" for one in channel.placements if one not in other.placements)
    for key, field in champion.context.items():
        found = challenger.context.get(key)
        if found is None or found.type != field.type or not set(field.values) <= set(found.values):
            yield f"context.{key} as it is declared"
    if challenger.intents:
        if not champion.intents:
            yield "intents of any name"
        yield from (f"the intent {one!r}" for one in champion.intents if one not in challenger.intents)
