"""Ratios of sums over customers of whom each may count several times, and how they differ between groups.

m = sum(y) / sum(d): revenue per customer and month, successes per contact, stars per rating. What one customer's rows
pull it by is e_i = sum over the rows of (y - m d) / sum(d); the variance of m is G / (G - 1) sum e_i^2 over the G
customers (the linearised ratio estimator, clustered). A customer who is in one group in one month and in another in the
next pulls both: the covariance of the two is sum e_i e'_i over those who are in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
import numpy.typing as npt

from models.lift import Mean

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clustered:
    """A ratio with its error over customers. `customers` (k,) are their numbers, ascending, `pulls` (k,) how far each
    moves the ratio; they sum to 0. `amount` and `count` are what was divided."""

    mean: Mean
    amount: float
    count: float
    customers: Indexes
    pulls: Floats


def ratio(amounts: Floats, counts: Floats, customer: Indexes) -> Clustered | None:
    """The ratio of the sums over rows (n,) of these customers; None where nothing is counted."""
    counted = counts > 0.0
    amounts, counts, customer = amounts[counted], counts[counted], customer[counted]
    total = float(counts.sum())
    if total <= 0.0:
        return None
    value = float(amounts.sum()) / total
    numbers, places = np.unique(customer, return_inverse=True)
    pulls: Floats = np.bincount(places, weights=(amounts - value * counts) / total).astype(np.float64)
    groups = len(numbers)
    error = sqrt(groups / (groups - 1) * float(np.square(pulls).sum())) if groups > 1 else inf
    return Clustered(Mean(groups, value, error), float(amounts.sum()), total, numbers, pulls)


def covariance(one: Clustered, other: Clustered) -> float:
    """The covariance of two ratios by the customers who are in both."""
    _, here, there = np.intersect1d(one.customers, other.customers, assume_unique=True, return_indices=True)
    return float((one.pulls[here] * other.pulls[there]).sum())
