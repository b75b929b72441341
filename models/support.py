"""Whether a log can answer at all what a policy would have earned: how much of it speaks for that policy.

The effective sample size is (sum w)^2 / sum w^2 (Kish 1965): the number of equally weighted rows that tell as much.
The weights of a policy whose every action had a chance average 1; where they average clearly less, it does what the log
never tried, and no estimator can know what that earns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.offpolicy import Z_95, clustered_error

FEWEST_EFFECTIVE = 50.0
"""Effective rows below which an estimate is refused."""
FARTHEST_FROM_ONE = 0.1
"""How far the mean weight may lie from 1 beyond what chance explains."""

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Support:
    """Figures of the weights of one policy on one log. `followed` is the share of rows whose action the policy might
    have taken; `mean_error` the standard error of `mean`, which should be `wanted`: the policy's mean chance of doing
    anything, 1 where it never does nothing."""

    rows: int
    effective: float
    wanted: float
    mean: float
    mean_error: float
    largest: float
    followed: float

    @property
    def refused(self) -> str:
        """Why no estimate is told; "" where there is support."""
        if self.effective < FEWEST_EFFECTIVE:
            return f"unusable: effective sample size {self.effective:.0f} of {self.rows:,} choices"
        off = abs(self.mean - self.wanted) - Z_95 * self.mean_error
        if off > FARTHEST_FROM_ONE:
            why = (
                "part of what it does was never tried" if self.mean < self.wanted else "the probabilities are too small"
            )
            return f"unusable: the weights average {self.mean:.2f} instead of {self.wanted:.2f}: {why}"
        return ""


def support(weights: Floats, customer: Indexes, wanted: float = 1.0) -> Support:
    """The support that weights (n,), n > 0, of rows of these customers (n,) give to a policy that does anything at all
    with this mean chance."""
    squares = float(np.square(weights).sum())
    total = float(weights.sum())
    return Support(
        rows=len(weights),
        effective=total * total / squares if squares > 0.0 else 0.0,
        wanted=wanted,
        mean=float(weights.mean()),
        mean_error=clustered_error(weights, customer),
        largest=float(weights.max()),
        followed=float((weights > 0.0).mean()),
    )
