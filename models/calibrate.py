"""Fit calibration on held-out rows: isotonic regression over bins, then made strictly increasing.

Rows are cut into at most 50 bins of equally many rows, with 40 successes and 40 failures for each bin on
average, so that no knot rests on a handful of outcomes; a bin's rate is drawn to the rate of all by the
weight of two rows, so that no knot is 0 or 1. Neighbouring bins whose rates do not increase are pooled (pool
adjacent violators). The pools' means are the knots, with lines between them, since isotonic steps would make
ties. Before the first and beyond the last pool's mean nothing is known but its rate: the line goes on nearly level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.calibration import IDENTITY, POOLED, Calibration, Curve

FEWEST_POSITIVES = 200
MOST_BINS = 50
OUTCOMES_PER_BIN = 40
PRIOR_ROWS = 2.0
LEVEL_SLOPE = 0.01
_APART = 1e-9

Labels = npt.NDArray[np.bool_]
Propensities = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Pool:
    """Neighbouring bins taken together: `weight` rows, means of raw propensity and of rate."""

    weight: float
    raw: float
    rate: float

    def with_next(self, other: _Pool) -> _Pool:
        weight = self.weight + other.weight
        raw = (self.raw * self.weight + other.raw * other.weight) / weight
        return _Pool(weight, raw, (self.rate * self.weight + other.rate * other.weight) / weight)


def fit_calibration(labels: Labels, raw: Propensities, actions: Indexes, ids: Sequence[str]) -> Calibration:
    """A curve for each action with 200 successes or more, and the pooled one over all rows.

    `raw` are propensities in [0, 1] of rows that the model was not fitted on, `actions` indexes `ids`; all of
    shape (n,). Without rows the pooled curve is the identity.
    """
    curves = {POOLED: fit_curve(labels, raw)}
    positives = np.bincount(actions[labels], minlength=len(ids))
    for action in np.flatnonzero(positives >= FEWEST_POSITIVES).tolist():
        rows = actions == action
        curves[ids[action]] = fit_curve(labels[rows], raw[rows])
    return Calibration(curves)


def fit_curve(labels: Labels, raw: Propensities) -> Curve:
    """The strictly increasing map from raw propensity to rate; shapes (n,)."""
    pools: list[_Pool] = []
    for one in _bins(labels, raw):
        pools.append(one)
        while len(pools) > 1 and pools[-2].rate >= pools[-1].rate:
            last = pools.pop()
            pools[-1] = pools[-1].with_next(last)
    return _through(pools)


def _bins(labels: Labels, raw: Propensities) -> list[_Pool]:
    """Bins in the order of raw propensity; equal propensities stand in one bin."""
    if not len(raw):
        return []
    _, place, counts = np.unique(raw, return_inverse=True, return_counts=True)
    rarer = min(int(labels.sum()), int((~labels).sum()))
    wanted = min(max(rarer // OUTCOMES_PER_BIN, 1), MOST_BINS)
    of_value = (np.cumsum(counts) - counts) * wanted // len(raw)
    bins = np.unique(of_value, return_inverse=True)[1][place]
    weights = np.bincount(bins).astype(np.float64)
    means = np.bincount(bins, weights=raw) / weights
    prior = np.clip(labels.mean(), 1 / (len(raw) + 2), 1 - 1 / (len(raw) + 2))
    rates = (np.bincount(bins, weights=labels) + PRIOR_ROWS * prior) / (weights + PRIOR_ROWS)
    return [_Pool(*one) for one in zip(weights.tolist(), means.tolist(), rates.tolist(), strict=True)]


def _through(pools: Sequence[_Pool]) -> Curve:
    """The curve through the pools' means, without knots too near to their neighbour to make a slope."""
    knots: list[tuple[float, float]] = []
    for one in pools:
        raw, rate = knots[-1] if knots else (0.0, 0.0)
        if raw + _APART < one.raw < 1 - _APART and rate + _APART < one.rate < 1 - _APART:
            knots.append((one.raw, one.rate))
    if not knots:
        return IDENTITY
    (first, low), (last, high) = knots[0], knots[-1]
    start = (0.0, low * (1 - LEVEL_SLOPE * first))
    end = (1.0, high + LEVEL_SLOPE * min(high, 1 - high) * (1 - last))
    raw_knots, rates = zip(start, *knots, end, strict=True)
    return Curve(raw_knots, rates)
