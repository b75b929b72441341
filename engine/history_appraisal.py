"""What the policy says of the rows of a history: tiers, what it allows, what actions gain on success and cost.

A history of outcomes tells successes; money is the policy's word. Features that the history does not have are unknown,
as they would be in a decision. Only rows whose choice had a known probability are asked about: no other row proves
anything.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.history_rows import bodies, moments
from models.features import FeatureSchema
from models.gather import ValueReader
from models.history import Appraisal, History
from rules.compiled import CompiledPolicy
from rules.screen import Candidates, screen
from rules.weights import weigh


def appraised(history: History, policy: CompiledPolicy, schema: FeatureSchema) -> History:
    """The history with what the policy says of its rows; as it is, where no choice has a probability."""
    asked = np.flatnonzero(history.probability > 0.0)
    if not len(asked):
        return history
    tiers = np.zeros(len(history), dtype=np.intp)
    gain, cost = np.zeros(len(history)), np.zeros(len(history))
    shape = len(history), len(policy.catalogue)
    allowed, (gains, costs) = np.zeros(shape, dtype=np.bool_), np.zeros((2, *shape), dtype=np.float32)
    reader = ValueReader(schema)
    met = zip(asked.tolist(), bodies(history, schema, asked), moments(history, policy.policy, asked), strict=True)
    for row, body, moment in met:
        values = policy.bind(reader.read(body).values, moment)
        tier = policy.place(values)
        verdicts = policy.judge(values, tier)
        weights = weigh(policy, verdicts, tier)
        screened = screen(policy, verdicts, moment, Candidates(policy.catalogue.all))
        allowed[row] = policy.catalogue.chosen(screened.allowed)
        action = history.actions[row]
        tiers[row], gain[row], cost[row] = tier.index, weights.gain[action], weights.cost[action]
        gains[row], costs[row] = weights.gain, np.nan_to_num(weights.cost)
    names = tuple(tier.name for tier in policy.policy.tiers)
    return replace(history, appraisal=Appraisal(names, tiers, gain, cost, allowed, gains, costs))
