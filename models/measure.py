"""How good propensities are on rows that the model has not seen: order, calibration, lift.

- AUC: the share of (success, failure) pairs that the propensity puts in the right order, ties half;
  equal to the Mann-Whitney U statistic over n1 x n0.
- log loss: mean of -ln of the probability that was given to what happened.
- calibration error (ECE): mean of |observed rate - mean propensity| over ten bins of equally many rows.
- lift: rows sorted by propensity, cut into ten parts of equal size; a part's rate over the rate of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

PARTS = 10

Labels = npt.NDArray[np.bool_]
Propensities = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class LiftRow:
    """One part of the rows, best first; `lift` is its rate over the rate of all rows (None where that is 0)."""

    part: int
    rows: int
    positives: int
    rate: float
    propensity: float
    lift: float | None


@dataclass(frozen=True, slots=True)
class ActionMeasured:
    """The rows of one action. `auc` None where all or none were successes."""

    rows: int
    positives: int
    rate: float
    propensity: float
    auc: float | None
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures over held-out rows. AUCs are None where all or none were successes.

    `auc_within_actions` is the mean of the actions' AUCs, weighted by rows: what is known of customers
    beyond which action is popular. `auc_of_actions` is the AUC of each action's own rate by itself.
    """

    rows: int
    positives: int
    auc: float | None
    auc_within_actions: float | None
    auc_of_actions: float | None
    log_loss: float
    calibration_error: float
    lift: tuple[LiftRow, ...]
    actions: dict[str, ActionMeasured]

    def to_json(self) -> dict[str, Any]:
        """The figures as the manifest keeps them: plain values, all finite."""
        said = asdict(self)
        said["lift"] = list(said["lift"])
        return said


def measure(labels: Labels, propensity: Propensities, actions: Indexes, ids: Sequence[str]) -> Measured:
    """Measure `propensity` in [0, 1] against what happened; `actions` indexes `ids`; all of shape (n,), n > 0."""
    by_action = {
        ids[action]: _measure_action(labels[rows], propensity[rows])
        for action in np.unique(actions)
        for rows in [actions == action]
    }
    known = [(one.auc, one.rows) for one in by_action.values() if one.auc is not None]
    rates = np.array([by_action[one].rate if one in by_action else 0.0 for one in ids])
    return Measured(
        rows=len(labels),
        positives=int(labels.sum()),
        auc=auc(labels, propensity),
        auc_within_actions=_mean_auc(known),
        auc_of_actions=auc(labels, rates[actions]),
        log_loss=log_loss(labels, propensity),
        calibration_error=calibration_error(labels, propensity),
        lift=lift_table(labels, propensity),
        actions=by_action,
    )


def auc(labels: Labels, scores: Propensities) -> float | None:
    """Area under the ROC curve, ties counted half; None where only one class is present."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return None
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle_rank = np.cumsum(counts) - (counts - 1) / 2
    ranks_of_positives = middle_rank[place][labels].sum()
    return float((ranks_of_positives - positives * (positives + 1) / 2) / (positives * negatives))


def log_loss(labels: Labels, propensity: Propensities) -> float:
    """Mean negative log likelihood; propensities are kept 1e-15 away from 0 and 1."""
    sure = np.clip(propensity, 1e-15, 1 - 1e-15)
    return float(-np.log(np.where(labels, sure, 1 - sure)).mean())


def calibration_error(labels: Labels, propensity: Propensities) -> float:
    """Expected calibration error over ten bins of equally many rows (fewer bins below 100 rows)."""
    bins = np.array_split(np.argsort(propensity, kind="stable"), max(1, min(PARTS, len(labels) // PARTS)))
    gaps = [abs(float(labels[rows].sum() - propensity[rows].sum())) for rows in bins]
    return sum(gaps) / len(labels)


def lift_table(labels: Labels, propensity: Propensities) -> tuple[LiftRow, ...]:
    """Ten parts of equal size (fewer where there are fewer rows), highest propensity first."""
    best_first = np.argsort(-propensity, kind="stable")
    overall = float(labels.mean())
    rows = []
    for part, chosen in enumerate(np.array_split(best_first, min(PARTS, len(labels))), start=1):
        rate = float(labels[chosen].mean())
        lift = rate / overall if overall else None
        positives = int(labels[chosen].sum())
        rows.append(LiftRow(part, len(chosen), positives, rate, float(propensity[chosen].mean()), lift))
    return tuple(rows)


def _measure_action(labels: Labels, propensity: Propensities) -> ActionMeasured:
    return ActionMeasured(
        rows=len(labels),
        positives=int(labels.sum()),
        rate=float(labels.mean()),
        propensity=float(propensity.mean()),
        auc=auc(labels, propensity),
        calibration_error=calibration_error(labels, propensity),
    )


def _mean_auc(known: Sequence[tuple[float, int]]) -> float | None:
    """The mean of (AUC, rows), weighted by rows."""
    rows = sum(count for _, count in known)
    return sum(one * count for one, count in known) / rows if rows else None
