"""Whether a challenger may take the champion's place, judged on the same choices.

It must be better by more than noise, or not worse and simpler; and it must never be significantly below the best single
action, since a model that loses against that is worth less than none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.evaluation.evaluate import BEST_SINGLE, Evaluation
from models.offpolicy import Estimate, difference, limits
from models.served import Level

Indexes = npt.NDArray[np.intp]

_ORDER = tuple(Level)


@dataclass(frozen=True, slots=True)
class Gate:
    """The verdict and its reason in words, with the interval that it goes by (`models.offpolicy.limits`): of what was
    rarely tried, a success more or less turns it. `better` is the challenger's value less the champion's, per choice.
    """

    promoted: bool
    why: str
    better: Estimate
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: how it was valued, and how personal its bundle is (None = it has none)."""

    found: Evaluation
    level: Level | None

    @property
    def complexity(self) -> int:
        """Larger for more personal ones; none at all is the simplest."""
        return -1 if self.level is None else _ORDER.index(self.level)


def gate(challenger: Side, champion: Side, customer: Indexes, unfit: str = "") -> Gate:
    """Judge by the doubly robust values on choices of these customers (n,). `unfit`: why the choices prove nothing, as
    where one of the two learnt from them."""
    better = difference(challenger.found.policy.value, champion.found.policy.value, customer)
    low, high = limits(better, customer)
    told = f"{better.value:+.4g} per choice ({low:+.4g} to {high:+.4g})"
    if against := unfit or _against(challenger, champion):
        return Gate(False, against, better, low, high)
    if low > 0.0:
        return Gate(True, f"better than the champion by more than noise: {told}", better, low, high)
    if high < 0.0:
        return Gate(False, f"worse than the champion: {told}", better, low, high)
    if better.value >= -better.standard_error and challenger.complexity < champion.complexity:
        return Gate(True, f"not worse than the champion, and simpler: {told}", better, low, high)
    return Gate(False, f"no better than the champion by more than noise, and no simpler: {told}", better, low, high)


def _against(challenger: Side, champion: Side) -> str:
    """Why the challenger is not promoted whatever the champion is worth; "" where nothing speaks against it."""
    refused = challenger.found.refused or (champion.found.refused and f"of the champion {champion.found.refused}")
    single = challenger.found.better[BEST_SINGLE]
    if refused:
        return f"the choices cannot tell: {refused}"
    return f"it earns less than one action for all: {single.value:+.4g} per choice" if single.high < 0.0 else ""
