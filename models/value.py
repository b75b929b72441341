"""What proposing an action is worth, in money:

    priority = C x L x (P - B) x G  -  K  +  H  -  S

C context weight and L lever (both >= 0), P propensity of the action's own success, B its baseline untouched,
G gain on success, K cost of the contact whatever comes of it, H long-term value against waiting, S price of
a scarce budget. Money in the policy's currency; `nothing` is worth 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Amount = Floats | float


class Terms(NamedTuple):
    """The terms of k candidates: each float64 (k,), or one number for all."""

    propensity: Amount
    gain: Amount
    cost: Amount
    baseline: Amount = 0.0
    context_weight: Amount = 1.0
    lever: Amount = 1.0
    long_term: Amount = 0.0
    scarcity: Amount = 0.0


def priority(terms: Terms) -> Floats:
    """Priorities float64 (k,)."""
    chance = np.subtract(terms.propensity, terms.baseline)
    expected = chance * terms.gain * terms.context_weight * terms.lever
    return expected - terms.cost + terms.long_term - terms.scarcity
