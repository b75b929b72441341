"""The variables of a customer at a moment as the rules may read them."""

from __future__ import annotations

from engine.profile import Known
from engine.snapshot import Snapshot
from rules.situation import Moment, Value


def bound(snapshot: Snapshot, known: Known, moment: Moment) -> dict[str, Value]:
    """The values that the rules read. Of features that could not be read nothing is known, not even defaults; nor of
    personal ones where the customer opted out."""
    values = snapshot.policy.bind(known.values, moment, known.standing.time_zone)
    if known.readable and known.personalised:
        return values
    hidden = snapshot.personal if known.readable else frozenset(snapshot.schema.names)
    return {name: value for name, value in values.items() if not _is_of(name, hidden)}


def _is_of(variable: str, features: frozenset[str]) -> bool:
    room, _, name = variable.partition(".")
    return room in ("customer", "known") and name in features
