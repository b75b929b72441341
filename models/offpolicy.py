"""What a policy would have earned, estimated from choices that another one made and logged with their probabilities.

With w = pi(a|x) / p, the policy's chance of the logged action over the chance with which it was chosen:

- IPS (inverse propensity score): mean(w r). Unbiased where every action that the policy takes had a chance.
- SNIPS (self-normalised): sum(w r) / sum(w). Slightly biased, far less variance.
- DR (doubly robust): mean(sum_a pi(a|x) mu(x, a) + w (r - mu(x, a))). Right where either the probabilities or the
  model mu of the reward are; mu is fitted on other rows than it is used on.
- switch-DR: DR that trusts the model alone where w exceeds a bound (Wang, Agarwal and Dudik 2017).

Each estimate is a mean of one term per row, so that two policies are compared by the paired differences of their terms,
and standard errors are those of sums within customers: a customer's rows are not independent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]

Z_95 = 1.959963984540054
"""Half the width of a 95 % interval, in standard errors."""
SWITCH_ABOVE = 20.0
"""Weights above which switch-DR trusts the model alone, where those of most of the weight are lower."""
SWITCH_TIMES = 5.0
"""So many times the weight of the middle of the weight are switched at least: else a policy all of whose actions were
tried rarely would be judged by the model alone, and seem sure."""


class Estimator(StrEnum):
    IPS = "ips"
    SNIPS = "snips"
    DR = "dr"
    SWITCH_DR = "switch_dr"


@dataclass(frozen=True, slots=True)
class Logged:
    """n choices as they were logged, shape (n,) each: what each earned, the probability in (0, 1] with which its
    action was chosen, and its customer's number."""

    reward: Floats
    probability: Floats
    customer: Indexes

    def __len__(self) -> int:
        return len(self.reward)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a policy would have done on the logged rows, shape (n,) each.

    `chance` is its probability in [0, 1] of the logged action; `modelled` the reward that a model fitted on other rows
    expects of the logged action; `expected` that model's reward over all of the policy's actions, by their chances.
    """

    chance: Floats
    modelled: Floats
    expected: Floats


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean reward per choice with its 95 % interval, and the terms (n,) that it is the mean of."""

    value: float
    standard_error: float
    terms: Floats

    @property
    def low(self) -> float:
        return self.value - Z_95 * self.standard_error

    @property
    def high(self) -> float:
        return self.value + Z_95 * self.standard_error


def weights(logged: Logged, judged: Judged) -> Floats:
    """How much each logged choice counts for the policy, (n,)."""
    return judged.chance / logged.probability


def estimates(logged: Logged, judged: Judged, switch_above: float | None = None) -> Mapping[Estimator, Estimate]:
    """The policy's value by every estimator; n > 0. Without `switch_above`, the bound follows the weights."""
    weight = weights(logged, judged)
    kept = np.where(weight > (_bound(weight) if switch_above is None else switch_above), 0.0, weight)
    error = logged.reward - judged.modelled
    terms = {
        Estimator.IPS: weight * logged.reward,
        Estimator.SNIPS: _self_normalised(weight, logged.reward),
        Estimator.DR: judged.expected + weight * error,
        Estimator.SWITCH_DR: judged.expected + kept * error,
    }
    return {name: _estimate(found, logged.customer) for name, found in terms.items()}


def difference(one: Estimate, other: Estimate, customer: Indexes) -> Estimate:
    """How much more `one` earns than `other` on the same rows, of the customers (n,)."""
    return _estimate(one.terms - other.terms, customer)


def limits(estimate: Estimate, customer: Indexes) -> tuple[float, float]:
    """Between what the mean lies (95 %) where few rows have much of the weight, of the customers (n,): the interval is
    longer on the side to which the terms lean, by z_2 = skewness of the mean x (1 + 2 z^2) / 6 standard errors
    (Johnson, Modified t tests and confidence intervals for asymmetrical populations, 1978), and nowhere shorter."""
    sums = np.bincount(np.unique(customer, return_inverse=True)[1], weights=estimate.terms - estimate.value)
    spread = float(np.square(sums).sum())
    lean = float((sums**3).sum()) / spread**1.5 if spread > 0.0 and len(sums) > 1 else 0.0
    more = lean * (1.0 + 2.0 * Z_95**2) / 6.0 * estimate.standard_error if lean else 0.0
    return estimate.low + min(0.0, more), estimate.high + max(0.0, more)


def average(several: Sequence[Estimate], customer: Indexes) -> Estimate:
    """The mean of estimates of the same value on the same rows, as from several splits of the customers."""
    terms: Floats = np.mean([one.terms for one in several], axis=0)
    return _estimate(terms, customer)


def clustered_error(terms: Floats, customer: Indexes) -> float:
    """The standard error of the mean of `terms` (n,), a customer's rows taken together; infinite for one customer."""
    numbers = np.unique(customer, return_inverse=True)[1]
    sums = np.bincount(numbers, weights=terms - terms.mean())
    groups = len(sums)
    if groups < 2:
        return float("inf")
    return sqrt(groups / (groups - 1) * float(np.square(sums).sum())) / len(terms)


def _bound(weight: Floats) -> float:
    """Above which weights (n,) are switched: outliers among those that speak for the policy."""
    order = np.sort(weight)
    before = np.cumsum(order)
    middle = order[np.searchsorted(before, before[-1] / 2.0)]
    return max(SWITCH_ABOVE, SWITCH_TIMES * float(middle))


def _self_normalised(weight: Floats, reward: Floats) -> Floats:
    """Terms whose mean is sum(w r) / sum(w), with the spread of its first-order expansion; 0 without weight."""
    total = float(weight.mean())
    if total <= 0.0:
        return np.zeros_like(weight)
    value = float((weight * reward).mean() / total)
    return value + weight * (reward - value) / total


def _estimate(terms: Floats, customer: Indexes) -> Estimate:
    return Estimate(float(terms.mean()), clustered_error(terms, customer), terms)
