"""Which actions had no chance to prove themselves lately.

What is worth less than nothing is not proposed, not even to try: an action that a model has written off collects no
outcomes that could clear it. It comes back by itself once it is trained without - its rate then starts from its
group's, and learned counts forget - or by a boost; until then somebody should know.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.manifest import Manifest
from models.trained_evidence import METRIC
from rules.policy import CONTACT_KINDS, Action, Policy


@dataclass(frozen=True, slots=True)
class Untried:
    """An offer, message or ask without any newer contact; `contacts` and `successes` are those that the model knows."""

    action: str
    contacts: int
    successes: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def untried(manifest: Manifest, policy: Policy, actions: npt.NDArray[np.intp], now: float) -> tuple[Untried, ...]:
    """The actions of a policy that may be proposed at `now` (s) and are not among those of newer contacts, indexes
    (n,) of its actions; what the model knows most of first."""
    met = set(np.unique(actions).tolist())
    known = manifest.metrics.get(METRIC, {})
    found = [
        Untried(one.id, closed, successes)
        for place, one in enumerate(policy.actions)
        if place not in met and one.kind in CONTACT_KINDS and _valid(one, now)
        for successes, closed in (known.get(one.id, (0, 0)),)
    ]
    return tuple(sorted(found, key=lambda one: (-one.contacts, one.action)))


def _valid(action: Action, now: float) -> bool:
    begun = action.valid_from is None or action.valid_from <= now
    return begun and (action.valid_to is None or now < action.valid_to)
