"""What a resolution's picks need of the limits over all customers."""

from __future__ import annotations

from typing import NamedTuple

from engine.decision import Cause
from engine.resolution import Resolution
from rules.meters import Meter


class Need(NamedTuple):
    """An action's units of a meter. `worth` is the money that its priority is, the prices taken off."""

    meter: Meter
    units: int
    action: str
    worth: float


def needs_of(resolution: Resolution, ids: tuple[str, ...]) -> list[Need]:
    """In the order of placements and ranks. A fallback needs nothing, nor does an offer that stands already."""
    found = []
    for placed in resolution.placed:
        if placed.picked.cause is Cause.FALLBACK:
            continue
        for action in placed.picked.actions:
            row = resolution.row_of(action)
            worth = 0.0 if row is None else float(resolution.scored.priority[row])
            for meter, units in resolution.rations.of(action):
                if units > 0:
                    found.append(Need(meter, units, ids[action], worth))
    return found
