"""Where actions start from, before a model knows them: what is declared and trained, moved by learned counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.learning.store import Learned
from models.evidence import Evidence, Starting, starting_propensity
from models.learned_counts import start_anywhere, start_by_cell
from rules.policy import Policy

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Starts:
    """SP of every action: `cells` (tiers, channels, actions), of which the last channel is any other; `anywhere`
    (actions,) where nothing is looked at. `closed` (actions,) windows of each action that are known."""

    cells: Floats
    channels: Mapping[str, int]
    anywhere: Floats
    closed: Floats

    def of(self, tier: int, channel: str) -> Floats:
        """SP (actions,) for a tier in a channel."""
        found: Floats = self.cells[tier, self.channels.get(channel, -1)]
        return found


@dataclass(frozen=True, slots=True)
class Grounds:
    """What starts are made of, beside counts: `starting.propensity` is what declaration and training give."""

    starting: Starting
    closed: Floats
    ids: tuple[str, ...]
    tiers: tuple[str, ...]
    channels: Mapping[str, int]

    @classmethod
    def of(cls, policy: Policy, starting: Starting, evidence: Evidence) -> Grounds:
        begun = Starting(starting_propensity(starting, evidence), starting.evidence, starting.group)
        channels = {name: place for place, name in enumerate(policy.channels)}
        ids = tuple(action.id for action in policy.actions)
        return cls(begun, evidence.closed, ids, tuple(tier.name for tier in policy.tiers), channels)

    def starts(self, learned: Learned) -> Starts:
        """The starts under these counts. A window that training saw and the log counts is one window."""
        if not learned.number:
            begun = self.starting.propensity
            cells = np.broadcast_to(begun, (len(self.tiers), len(self.channels) + 1, len(begun)))
            return Starts(cells, self.channels, begun, self.closed)
        told = learned.counts.table(self.tiers, (*self.channels, ""), self.ids)
        cells, anywhere = start_by_cell(self.starting, told), start_anywhere(self.starting, told)
        return Starts(cells, self.channels, anywhere, np.maximum(self.closed, told.of_actions()))
