"""One group against another by one measure: the difference, how sure it is, and when it will be.

Two intervals stand side by side. The plain one (95 %) is for whoever looks once, at a time that was fixed before. The
other holds at every look, so one may look daily and stop when it leaves 0 out: only it decides what is told.

The smaller group's spread is taken as no less than the larger one's. Of money that few spend, a small group that has
met no big spender yet shows a low mean and a small spread at once, and would prove what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, isfinite, sqrt

from engine.report.measures import Measure
from models.clustered import Clustered, covariance
from models.lift import Lift, Mean, always_valid_error, difference_error, lift
from models.offpolicy import Z_95

LEAST_CUSTOMERS = 30
"""In either group; below it nothing is told for sure."""
_MOST_TIMES = 1000.0
_MOST_DAYS = 1095.0
"""Nobody plans with more data than so many times today's, or with more days to wait."""


class Standing(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Against:
    """Test and control by one measure. `low` and `high` bound the difference at one look, `always_low` and
    `always_high` at every look; `more_days` is about how long an open question stays so at today's pace, None where no
    amount of data in reach would answer it."""

    measure: Measure
    test: Clustered
    control: Clustered
    difference: float
    error: float
    lift: Lift
    always_low: float
    always_high: float
    standing: Standing
    more_days: float | None

    @property
    def low(self) -> float:
        return self.difference - Z_95 * self.error

    @property
    def high(self) -> float:
        return self.difference + Z_95 * self.error

    @property
    def says_lift(self) -> bool:
        """Whether a lift says anything: so many times next to nothing does not. The comparison's own mean must surely
        (95 %) not be 0."""
        control = self.control.mean
        return isfinite(self.lift.value) and abs(control.value) > Z_95 * control.error


@dataclass(frozen=True, slots=True)
class Pace:
    """How long (days) the log is, and for how many customers the intervals of every look are tightest."""

    days: float
    planned: int


def against(measure: Measure, test: Clustered, control: Clustered, pace: Pace) -> Against:
    """Compare two groups."""
    means, shared = _spread(test.mean, control.mean), covariance(test, control)
    customers = (test.mean.n, control.mean.n)
    difference, error = test.mean.value - control.mean.value, difference_error(*means, shared)
    half = _always(error, sum(customers), pace.planned)
    standing = _standing(measure, means, difference, half)
    return Against(
        measure,
        test,
        control,
        difference,
        error,
        lift(*means, shared),
        difference - half,
        difference + half,
        standing,
        _more_days(difference, error, customers, pace) if standing is Standing.OPEN else None,
    )


def _spread(test: Mean, control: Mean) -> tuple[Mean, Mean]:
    if control.n <= test.n:
        return test, _no_surer(control, test)
    return _no_surer(test, control), control


def _no_surer(small: Mean, large: Mean) -> Mean:
    """With each customer's spread at least that of the larger group's."""
    return replace(small, error=max(small.error, large.error * sqrt(large.n / small.n)))


def _always(error: float, n: int, planned: int) -> float:
    return always_valid_error(error, n, planned) if isfinite(error) else inf


def _standing(measure: Measure, means: tuple[Mean, Mean], difference: float, half: float) -> Standing:
    enough = all(one.n >= LEAST_CUSTOMERS and one.error > 0.0 for one in means)
    if not enough or abs(difference) <= half:
        return Standing.OPEN
    return Standing.BETTER if (difference > 0.0) == measure.more else Standing.WORSE


def _more_days(difference: float, error: float, customers: tuple[int, int], pace: Pace) -> float | None:
    """Days until the interval of every look leaves 0 out, should the difference stay as it is."""
    if difference == 0.0 or not isfinite(error) or error == 0.0 or pace.days <= 0.0:
        return None

    def sure(times: float) -> bool:
        return _always(error / sqrt(times), round(sum(customers) * times), pace.planned) < abs(difference)

    if not sure(_MOST_TIMES):
        return None
    low, high = 1.0, _MOST_TIMES if not sure(1.0) else 1.0
    while high - low > 0.01 * low:
        middle = (low + high) / 2.0
        low, high = (low, middle) if sure(middle) else (middle, high)
    days = (max(high, LEAST_CUSTOMERS / min(customers)) - 1.0) * pace.days
    return days if days <= _MOST_DAYS else None
