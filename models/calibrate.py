"""Fit calibration on held-out rows: isotonic regression over bins, leaning on a logistic map, strictly increasing.

1. Rows are cut into at most 50 bins of equally many rows, with 40 successes and 40 failures for each on average;
   a bin's rate is drawn to the rate of all by the weight of two rows, so that none is 0 or 1.
2. logit(rate) = slope x logit(raw) + shift (Platt's map) is fitted to the bins by weighted least squares, with a
   prior of slope 1; each bin's rate is drawn to it by the weight of 40 outcomes, so that a young action's
   bins, which rest on few outcomes, keep the model's order, and a grown action's speak for themselves.
3. Neighbouring bins whose rates do not increase are pooled (pool adjacent violators). The pools' means are the
   knots, with lines between them, since isotonic steps would make ties; before the first and beyond the last
   mean the curve goes on along the logistic map's slope, up to the outermost row, and from there to (0, 0) and (1, 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.calibration import IDENTITY, POOLED, Calibration, Curve
from models.scoring import logistic

FEWEST_POSITIVES = 200
MOST_BINS = 50
OUTCOMES_PER_BIN = 40
PRIOR_ROWS = 2.0
PRIOR_SLOPE = 10.0
_APART = 1e-9
_NEAREST = 1e-6
_END_KNOTS = 4
_SLOPES = (0.02, 2.0)

Labels = npt.NDArray[np.bool_]
Propensities = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Pool:
    """Neighbouring bins taken together: `weight` rows, means of raw propensity and of rate."""

    weight: float
    raw: float
    rate: float

    def drawn_to(self, rate: float) -> _Pool:
        """The same, with as much belief in `rate` as OUTCOMES_PER_BIN outcomes of the rarer kind would give."""
        belief = OUTCOMES_PER_BIN / min(rate, 1 - rate)
        return _Pool(self.weight, self.raw, (self.rate * self.weight + rate * belief) / (self.weight + belief))

    def with_next(self, other: _Pool) -> _Pool:
        weight = self.weight + other.weight
        raw = (self.raw * self.weight + other.raw * other.weight) / weight
        return _Pool(weight, raw, (self.rate * self.weight + other.rate * other.weight) / weight)


@dataclass(frozen=True, slots=True)
class _Odds:
    """logit(rate) = slope x logit(raw) + shift."""

    slope: float
    shift: float

    def __call__(self, raw: float) -> float:
        return float(logistic(self.slope * _logit(raw) + self.shift, 1.0))


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
    bins = _bins(labels, raw)
    if not bins:
        return IDENTITY
    odds = _fit_odds(bins)
    pools: list[_Pool] = []
    for one in bins:
        pools.append(one.drawn_to(odds(one.raw)))
        while len(pools) > 1 and pools[-2].rate >= pools[-1].rate:
            last = pools.pop()
            pools[-1] = pools[-1].with_next(last)
    before, beyond = _end(pools[0], raw.min(), odds.slope), _end(pools[-1], raw.max(), odds.slope)
    return _through([*before, *((one.raw, one.rate) for one in pools), *beyond[::-1]])


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


def _fit_odds(bins: Sequence[_Pool]) -> _Odds:
    weight, raw, rate = np.array([(one.weight, one.raw, one.rate) for one in bins]).T
    known = weight * rate * (1 - rate)
    x, y = _logit(raw), _logit(rate)
    middle, height = float(np.average(x, weights=known)), float(np.average(y, weights=known))
    along, across = (known * (x - middle) * (y - height)).sum(), (known * (x - middle) ** 2).sum()
    slope = float(np.clip((along + PRIOR_SLOPE) / (across + PRIOR_SLOPE), *_SLOPES))
    return _Odds(slope, height - slope * middle)


def _end(pool: _Pool, outermost: float, slope: float) -> list[tuple[float, float]]:
    """Knots from the outermost raw propensity towards the pool's mean, along the model's own odds."""
    odds = np.linspace(_logit(outermost), _logit(pool.raw), _END_KNOTS, endpoint=False)
    rates = logistic(_logit(pool.rate) + slope * (odds - _logit(pool.raw)), 1.0)
    return list(zip(logistic(odds, 1.0).tolist(), rates.tolist(), strict=True))


def _through(knots: Sequence[tuple[float, float]]) -> Curve:
    """The curve from (0, 0) through the knots to (1, 1), without knots too near to their neighbour to make a slope."""
    kept = [(0.0, 0.0)]
    for raw, rate in knots:
        last_raw, last_rate = kept[-1]
        if last_raw + _APART < raw < 1 - _APART and last_rate + _APART < rate < 1 - _APART:
            kept.append((raw, rate))
    raws, rates = zip(*kept, (1.0, 1.0), strict=True)
    return Curve(raws, rates)


def _logit(propensity: Propensities | float) -> Propensities:
    inside = np.clip(propensity, _NEAREST, 1 - _NEAREST)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)
