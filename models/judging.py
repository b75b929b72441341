"""What a first model, which saw half of the customers only, says of the others: figures, calibration, population.

The calibration is checked on the latest rows: where the one of all times says something else of them than they say
themselves, by more than noise, the latest rows alone calibrate. What they are held against is then a model that
saw the latest time too, of other customers, as the served one did: held against one that saw only the past, they
would be corrected twice. Both calibrations are judged on customers that neither of them saw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from models.calibrate import fit_calibration
from models.calibration import Calibration
from models.drift import effective_customers, population, populations
from models.fit import Fitted
from models.folds import folds_of
from models.lesson import Lesson
from models.measure import Measured, calibration_error, log_loss, measure
from models.offpolicy import clustered_error
from models.split import Split

FEWEST_LATEST = 100
"""Successes, and failures, that the latest rows must have to calibrate by themselves."""

CLEARLY = 2.0
"""Standard errors by which the latest rows' own calibration must be better on them."""

POPULATION = "population"
"""The metric that tells how inputs and propensities were spread in training."""

_INSIDE = 1e-15

Labels = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Judged:
    """Figures as served and uncalibrated, and the calibration of what is served. `raw` (n,) is what the first model
    said of customers that it had not seen; `latest` tells of the check on the latest rows."""

    measured: Measured
    uncalibrated: dict[str, float]
    calibration: Calibration
    raw: Floats
    latest: dict[str, object] = field(default_factory=dict)


def judge(lesson: Lesson, first: Fitted, split: Split, ids: Sequence[str]) -> Judged:
    """Measure and calibrate by what the first model had not seen."""
    labels, actions = lesson.rows.labels, lesson.actions
    raw = said_of(first, lesson, split.held_out)
    tune, test, unseen = split.tune, split.test, split.held_out
    rehearsal = fit_calibration(labels[tune], raw[tune], actions[tune], ids).over(ids)
    measured = measure(labels[test], rehearsal.apply(actions[test], raw[test]), actions[test], ids)
    uncalibrated = {
        "log_loss": log_loss(labels[test], raw[test]),
        "calibration_error": calibration_error(labels[test], raw[test]),
    }
    return Judged(measured, uncalibrated, fit_calibration(labels[unseen], raw[unseen], actions[unseen], ids), raw)


def judged_alone(lesson: Lesson, model: Fitted, calibration: Calibration, ids: Sequence[str]) -> Judged:
    """What a model that learnt from none of the rows, and was calibrated elsewhere, says of them all. Its calibration
    stays."""
    labels, actions = lesson.rows.labels, lesson.actions
    raw = model.propensity(lesson.rows.values)
    measured = measure(labels, calibration.over(ids).apply(actions, raw), actions, ids)
    uncalibrated = {"log_loss": log_loss(labels, raw), "calibration_error": calibration_error(labels, raw)}
    return Judged(measured, uncalibrated, calibration, raw)


def checked(
    judged: Judged, lesson: Lesson, split: Split, ids: Sequence[str], of_all_times: Callable[[], Fitted]
) -> Judged:
    """The same, calibrated by the latest rows where that is clearly needed. `of_all_times` grows a model on the
    customers that are not held out, at any time; asked for only then."""
    if split.cut is None:
        return judged
    latest = split.held_out & (lesson.at >= split.cut) & lesson.settled
    successes = int(lesson.rows.labels[latest].sum())
    if min(successes, int(latest.sum()) - successes) < FEWEST_LATEST:
        return judged
    found = _compared(lesson, (judged.raw, judged.raw), split.held_out, latest, ids)
    told: dict[str, object] = {"rows": int(latest.sum()), "from": split.cut, "repaired": found.better}
    if not found.better:
        return replace(judged, latest=told | {"calibration_error": found.usual})
    raw = said_of(of_all_times(), lesson, split.held_out)
    after = _compared(lesson, (judged.raw, raw), split.held_out, latest, ids)
    labels, actions = lesson.rows.labels[latest], lesson.actions[latest]
    told |= {"calibration_error": after.own, "without_repair": after.usual}
    return replace(judged, calibration=fit_calibration(labels, raw[latest], actions, ids), latest=told)


def said_of(model: Fitted, lesson: Lesson, held_out: Labels) -> Floats:
    """Raw propensities of the held-out rows, 0 of others, (n,)."""
    raw = np.zeros(len(held_out))
    raw[held_out] = model.propensity(lesson.rows.values[held_out])
    return raw


def population_told(lesson: Lesson, served: Fitted) -> dict[str, object]:
    """How inputs and raw propensities of the model were spread, for later comparison, and the rate of success."""
    values = np.where(np.isinf(lesson.rows.values), np.nan, lesson.rows.values).astype(np.float32)
    spread = populations(lesson.matrix.inputs, values)
    return {
        "inputs": {name: one.to_json() for name, one in spread.items()},
        "score": population(served.propensity(lesson.rows.values)).to_json(),
        "rate": float(lesson.rows.labels.mean()),
        "rows": len(values),
        "customers": effective_customers(lesson.groups),
    }


@dataclass(frozen=True, slots=True)
class _Compared:
    """Calibration errors on the latest rows: of the calibration of all times, of their own; whether the latter is
    better by more than noise, in log loss."""

    usual: float
    own: float
    better: bool


def _compared(
    lesson: Lesson, raws: tuple[Floats, Floats], held_out: Labels, latest: Labels, ids: Sequence[str]
) -> _Compared:
    """The calibration of all times from the first of `raws`, that of the latest rows from the second."""
    labels, actions = lesson.rows.labels, lesson.actions
    half = folds_of(lesson.groups, 2, 0) == 0
    usual, own = np.zeros(len(labels)), np.zeros(len(labels))
    for judges in (half, ~half):
        here = latest & judges
        for found, raw, told in ((usual, raws[0], held_out & ~judges), (own, raws[1], latest & ~judges)):
            curves = fit_calibration(labels[told], raw[told], actions[told], ids).over(ids)
            found[here] = curves.apply(actions[here], raw[here])
    gained = _losses(labels[latest], usual[latest]) - _losses(labels[latest], own[latest])
    better = float(gained.mean()) > CLEARLY * clustered_error(gained, lesson.groups[latest])
    before, after = (calibration_error(labels[latest], one[latest]) for one in (usual, own))
    return _Compared(before, after, better)


def _losses(labels: Labels, propensity: Floats) -> Floats:
    sure = np.clip(propensity, _INSIDE, 1 - _INSIDE)
    found: Floats = -np.log(np.where(labels, sure, 1 - sure))
    return found
