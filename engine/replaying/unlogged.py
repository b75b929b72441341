"""Features that decisions read and that are not to be logged: a replay tries what they can have been.

A decision depends on such a feature only through what rules say of it, so it is the same again if it is the same for
any value of the feature. Which value that was is told to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from engine.record import DecisionRecord
from engine.replaying.revisions import NotReplayable
from engine.snapshot import Snapshot
from models.features import Feature, FeatureType
from rules.situation import Value

MOST_TRIED = 64


def unlogged_features(snapshot: Snapshot, record: DecisionRecord) -> tuple[Feature, ...]:
    """What the policy reads of a customer with features that is not logged."""
    if record.state is None or not (record.state.vector or record.state.realtime):
        return ()
    reads = {*snapshot.policy.conditions.reads, *snapshot.policy.tiers.reads}
    rooms = (name.partition(".") for name in reads)
    names = {name for room, _, name in rooms if room in {"customer", "known"}}
    return tuple(snapshot.schema.feature(name) for name in sorted(names) if not snapshot.schema.feature(name).logged)


def assumptions(features: tuple[Feature, ...]) -> Iterator[Mapping[str, Value]]:
    """Every combination of values that the features can have had, missing ones first. Raises NotReplayable for a
    number, which may have been anything, and for too many combinations."""
    names = ", ".join(one.name for one in features)
    values = [_values(one) for one in features]
    tried = 1
    for each in values:
        tried *= len(each)
    if not all(values) or tried > MOST_TRIED:
        raise NotReplayable(f"cannot be replayed: feature {names} is not logged")
    for combination in product(*values):
        found = zip(features, combination, strict=True)
        yield {one.name: value for one, value in found if value is not None}


def _values(feature: Feature) -> tuple[Value | None, ...]:
    if feature.type is FeatureType.CATEGORY:
        return (None, *feature.values)
    return (None, False, True) if feature.type is FeatureType.FLAG else ()
