"""How much better one group of customers fares than another, and how sure that is.

- rate p of successes in n: standard error sqrt(p (1 - p) / n); a mean of amounts: their standard deviation / sqrt(n).
- lift (test - control) / control, standard error (1 / control) sqrt(SE_test^2 + (test / control)^2 SE_control^2);
  it is significant where its 95 % interval leaves 0 out (the delta method, as Pega's Impact Analyzer has it).
- customers needed per group to see p1 become p2: (z_alpha + z_beta)^2 (p1 (1 - p1) + p2 (1 - p2)) / (p2 - p1)^2.
- sample-ratio check: Pearson's chi-squared of how many customers each group has against its share.
- an interval that holds whenever one looks, not only at the planned end: the asymptotic confidence sequence of
  Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), tightest at the planned number of customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, log, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc

from models.offpolicy import Z_95

MISMATCH_BELOW = 0.001
"""A probability of the sample ratio below which the groups were not dealt as declared."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of something over `n` independent units of one group, with its standard error."""

    n: int
    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Lift:
    """A relative difference with its 95 % interval; all NaN where the control's mean is 0."""

    value: float
    error: float
    low: float
    high: float

    @property
    def significant(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0.0 or self.high < 0.0


def rate(successes: int, n: int) -> Mean:
    """The rate of successes among n > 0 tries."""
    p = successes / n
    return Mean(n, p, sqrt(p * (1.0 - p) / n))


def mean_of(amounts: Floats) -> Mean:
    """The mean of amounts (n,), n > 0; with one alone its error is infinite."""
    n = len(amounts)
    return Mean(n, float(amounts.mean()), float(amounts.std(ddof=1)) / sqrt(n) if n > 1 else inf)


def lift(test: Mean, control: Mean, shared: float = 0.0) -> Lift:
    """How much more `test` has than `control`, as a share of the latter; `shared` is the covariance of the two means,
    where the same customers are in both."""
    if control.value == 0.0:
        return Lift(np.nan, np.nan, np.nan, np.nan)
    value = (test.value - control.value) / control.value
    ratio = test.value / control.value
    spread = test.error**2 + ratio**2 * control.error**2 - 2.0 * ratio * shared
    error = sqrt(max(0.0, spread)) / abs(control.value)
    return Lift(value, error, value - Z_95 * error, value + Z_95 * error)


def difference_error(test: Mean, control: Mean, shared: float = 0.0) -> float:
    """The standard error of test - control; `shared` is the covariance of the two, 0 of independent groups."""
    return sqrt(max(0.0, test.error**2 + control.error**2 - 2.0 * shared))


def always_valid_error(error: float, n: int, planned: int, alpha: float = 0.05) -> float:
    """Half the width of the interval around a mean with this standard error over n > 0 units that holds at every look
    with probability 1 - alpha; tightest at `planned` units."""
    tightness = sqrt((-2.0 * log(alpha) + log(-2.0 * log(alpha)) + 1.0) / planned)
    spread = n * tightness**2 + 1.0
    return error * sqrt(2.0 * spread / (n * tightness**2) * log(sqrt(spread) / alpha))


def customers_needed(p1: float, p2: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Customers in each group so that a change of the rate from p1 to p2 is seen with this power. Raises ValueError
    where the rates are the same."""
    if p1 == p2:
        raise ValueError("no number of customers shows a difference where there is none")
    normal = NormalDist()
    sure = normal.inv_cdf(1.0 - alpha / 2.0) + normal.inv_cdf(power)
    return ceil(sure**2 * (p1 * (1.0 - p1) + p2 * (1.0 - p2)) / (p2 - p1) ** 2)


def always_valid_factor(alpha: float = 0.05) -> float:
    """How many standard errors half the interval of every look is wide at the planned number of units, where it is
    tightest; 1.96 of one planned look is 3.04 then."""
    return always_valid_error(1.0, 1, 1, alpha)


def control_needed(p1: float, p2: float, share: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Customers that the comparison group needs where it has this share of all, 0 < share < 1, so that a change of the
    rate from its p1 to p2 is seen with this power at one look. Raises ValueError where the rates are the same."""
    return control_for(p1, p2, share, NormalDist().inv_cdf(1.0 - alpha / 2.0), power)


def control_for(p1: float, p2: float, share: float, errors: float, power: float) -> int:
    """The same where the difference must be so many standard errors. Raises ValueError where the rates are the same."""
    if p1 == p2:
        raise ValueError("no number of customers shows a difference where there is none")
    spread = p1 * (1.0 - p1) + p2 * (1.0 - p2) * share / (1.0 - share)
    return ceil((errors + NormalDist().inv_cdf(power)) ** 2 * spread / (p2 - p1) ** 2)


def units_needed(test: Mean, control: Mean, power: float = 0.8, alpha: float = 0.05) -> float:
    """How many times as many units as now would show the difference that is seen now; below 1 = enough are there,
    infinite where no difference is seen."""
    seen, error = abs(test.value - control.value), difference_error(test, control)
    if seen == 0.0:
        return inf
    normal = NormalDist()
    return ((normal.inv_cdf(1.0 - alpha / 2.0) + normal.inv_cdf(power)) * error / seen) ** 2


def sample_ratio(counts: Sequence[int], shares: Sequence[float]) -> float:
    """The probability of counts at least as far from the declared shares (summing to 1, each > 0) as these."""
    found = np.asarray(counts, dtype=np.float64)
    expected = found.sum() * np.asarray(shares, dtype=np.float64)
    if not found.sum():
        return 1.0
    return _beyond(float((np.square(found - expected) / expected).sum()), len(found) - 1)


def _beyond(statistic: float, freedom: int) -> float:
    """P(chi-squared with this many degrees of freedom > statistic)."""
    return float(gammaincc(freedom / 2.0, statistic / 2.0)) if freedom else 1.0
