"""A priority as the product that Pega's tools reckon with: P x V x C x L.

Ours is C x L x P x G - K: what a contact costs, and the price of what is scarce, go off. So of a candidate whose best
rival in its contest is worth T > 0,

    V = G x T / (T + K)        L = priority / (P x C x V)

The product is the priority. And with any other lever in the place of L it outdoes T just when the lever in the policy
would make it: C x L x P x G - K > T. So the lever that pdstools finds for a share of wins brings that share. Where
nothing is spent, V is the gain and L the lever itself.
"""

from __future__ import annotations

from typing import NamedTuple


class Weighed(NamedTuple):
    """A candidate as it was weighed; `spent` is cost and scarcity."""

    propensity: float
    gain: float
    spent: float
    context_weight: float
    priority: float


class Product(NamedTuple):
    value: float
    lever: float


def product_of(weighed: Weighed, rival: float) -> Product | None:
    """The V and L that make the priority a product, where the best of the others is worth `rival`; None where no
    lever can make any difference: P, C or G of 0."""
    against = rival + weighed.spent
    value = weighed.gain * rival / against if rival > 0.0 and against > 0.0 else weighed.gain
    each = weighed.propensity * weighed.context_weight * value
    return Product(value, weighed.priority / each) if each else None
