"""How much to believe a model about an action that is still young.

    P_s = SE / (SE + ME) x SP  +  ME / (SE + ME) x P

SP and SE are the starting propensity and its weight, ME how many closed windows of the action there are,
P the calibrated propensity. Unlike Pega's formula there is no "+ 1" below, so that the weights sum to one
and an action without evidence has exactly SP. SP is what the action's group achieved so far, with the
policy's own starting propensity counted as SE earlier contacts: it moves to the group's rate as that is learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Per action of a catalogue, float64 (n_actions,): windows that closed, and how many of them with success."""

    successes: Floats
    closed: Floats


@dataclass(frozen=True, slots=True)
class Starting:
    """Per action, as the policy declares, each (n_actions,): `propensity` float64 in [0, 1], `evidence` float64 its
    weight in contacts, `group` intp a number per issue and group, from 0."""

    propensity: Floats
    evidence: Floats
    group: Indexes


@dataclass(frozen=True, slots=True)
class Smoothing:
    """Ready to apply: `trust` = ME / (SE + ME), and `start` = SP unless another is told, both (n_actions,)."""

    start: Floats
    trust: Floats

    def apply(self, chosen: Indexes, propensity: Floats, start: Floats | None = None) -> Floats:
        """Smoothed propensities (k,) of the actions with indexes `chosen` (k,), from calibrated ones (k,). `start`
        (n_actions,): SP where this customer is met."""
        trust, begun = self.trust.take(chosen), (self.start if start is None else start)[chosen]
        return (1.0 - trust) * begun + trust * propensity


def smoothing(starting: Starting, evidence: Evidence) -> Smoothing:
    """Weigh what is known of each action; with neither evidence nor a starting weight, the model is believed."""
    total = starting.evidence + evidence.closed
    known = total > 0
    trust = np.divide(evidence.closed, total, out=np.ones_like(total), where=known)
    return Smoothing(starting_propensity(starting, evidence), trust)


def starting_propensity(starting: Starting, evidence: Evidence) -> Floats:
    """SP per action (n_actions,): (SE x declared + successes of the group) / (SE + closed of the group)."""
    successes = np.bincount(starting.group, weights=evidence.successes)[starting.group]
    closed = np.bincount(starting.group, weights=evidence.closed)[starting.group]
    total = starting.evidence + closed
    hits = starting.evidence * starting.propensity + successes
    return np.divide(hits, total, out=starting.propensity.copy(), where=total > 0)
