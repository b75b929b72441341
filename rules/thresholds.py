"""The least chance of acceptance and the least priority that an action needs in a channel: the most specific wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rules.catalogue import Catalogue
from rules.policy import Channel, Direction, Scope, Threshold

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Minimums:
    """Per action of the catalogue, shape (n,), float64: propensity (0 without a threshold) and priority (-inf).
    `none`: every action passes, whatever its numbers."""

    propensity: Floats
    priority: Floats
    none: bool


def compile_thresholds(
    catalogue: Catalogue, thresholds: Sequence[Threshold], channels: Mapping[str, Channel]
) -> dict[str, Minimums]:
    """The minimums by channel. Channels, direction and each key of the scope count as one key each; the threshold
    with more keys wins, the stricter of two with as many."""
    return {name: _minimums(catalogue, _meeting(thresholds, channel)) for name, channel in channels.items()}


def _meeting(thresholds: Sequence[Threshold], channel: Channel) -> list[Threshold]:
    met = (one for one in thresholds if not one.channels or channel.name in one.channels)
    return sorted((one for one in met if channel.direction in one.directions), key=_keys)


def _keys(threshold: Threshold) -> int:
    scope: Scope = threshold.scope
    named = (scope.issues, scope.groups, scope.actions, scope.tags, scope.kinds, threshold.channels)
    return sum(1 for names in named if names) + (threshold.directions != frozenset(Direction))


def _minimums(catalogue: Catalogue, rising: Sequence[Threshold]) -> Minimums:
    propensity = _resolved(catalogue, [(_keys(one), one.scope, one.min_propensity) for one in rising], 0.0)
    priority = _resolved(catalogue, [(_keys(one), one.scope, one.min_priority) for one in rising], -np.inf)
    none = bool((propensity <= 0.0).all() and np.isneginf(priority).all())
    return Minimums(propensity, priority, none)


def _resolved(catalogue: Catalogue, rising: Sequence[tuple[int, Scope, float | None]], default: float) -> Floats:
    least = np.full(len(catalogue), default)
    won_by = np.full(len(catalogue), -1)
    for keys, scope, minimum in rising:
        if minimum is None:
            continue
        about = catalogue.indexes(catalogue.mask(scope))
        stricter = (keys > won_by[about]) | (minimum > least[about])
        least[about[stricter]] = minimum
        won_by[about] = keys
    least.flags.writeable = False
    return least
