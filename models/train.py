"""From a history to a bundle's parts: fit, measure on what was not seen, calibrate, then learn from everything.

Half of the customers grow a first model until a fifth of the customers gain nothing more; what is left,
met in the last quarter of the time, measures it (calibrated on that fifth). The figures in the manifest are
those: of a model that saw neither these people nor this time. What is served is then grown anew from all
closed rows with as many trees, because the newest rows matter most, and calibrated with what the first model said
of all customers it had not seen. So the served model has seen more than the measured one, and is as
good or a little better; its calibration is that of a model grown on about half of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.bundle_writer import BundleParts
from models.calibrate import fit_calibration
from models.calibration import Calibration
from models.fit import FitSettings, Fitted, fit, fit_until_it_stops_helping
from models.history import History
from models.history_check import Terms
from models.lesson import Lesson, choices_of, lesson_of
from models.manifest import Training
from models.measure import Measured, calibration_error, log_loss, measure
from models.served import Level, Served
from models.split import HistoryTooSmall, Split, split_history
from models.train_personal import FORCED, Choices, how_personal, served, spoken
from models.trained_evidence import METRIC, evidence_metric

FEWEST_OF_EACH = 10
SAMPLE_ROWS = 1000

Indexes = npt.NDArray[np.intp]
Labels = npt.NDArray[np.bool_]
Progress = Callable[[str, float], None]
"""Told the step at work, and how much of it is done, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """`features` names the customer features that the model may have; empty = all that models may read. `force` is how
    personal the bundle is to be; None = as the history proves."""

    name: str = "propensity"
    features: tuple[str, ...] = ()
    fit: FitSettings = field(default_factory=FitSettings)
    force: Level | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """What training made: the parts of a bundle, the figures on held-out rows, customers that were copies of others,
    rows whose outcome was still open."""

    parts: BundleParts
    measured: Measured
    copied: int
    open_rows: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """Figures as served and uncalibrated, and the calibration of what is served."""

    measured: Measured
    uncalibrated: dict[str, float]
    calibration: Calibration


def train(history: History, terms: Terms, settings: TrainSettings, now: float, progress: Progress) -> Trained:
    """Train on a history. `now` (s) is when. Raises HistoryTooSmall, FeatureRefused."""
    progress("reading what came before each contact", 0.0)
    lesson = lesson_of(history, terms, settings.features)
    split = split_history(lesson.groups, lesson.at, settings.fit.seed)
    _check_size(lesson.rows.labels, split)
    first = _first(lesson, split, settings.fit, progress)
    judged = _judge(lesson, first, split, terms.actions.ids)
    progress("deciding how personal to be", 0.0)
    chosen, why = _personal(choices_of(history, lesson, len(terms.actions)), terms, settings)
    told = _told(progress, "learning from everything", first.rounds)
    grown = fit(lesson.rows, lesson.matrix.inputs, settings.fit, first.rounds, told)
    parts = BundleParts(
        name=settings.name,
        created_at=now,
        model_text=grown.model_text(),
        inputs=lesson.matrix.inputs,
        schema=terms.schema,
        outcome=_outcome(lesson, terms),
        training=Training(float(lesson.at.min()), float(lesson.at.max()), len(lesson.at)),
        calibration=judged.calibration,
        metrics=_metrics(lesson, split, judged, grown, terms.actions.ids) | {"personal": why},
        sample=_sample(lesson.rows.values),
        served=chosen,
    )
    return Trained(parts, judged.measured, lesson.copied, int((~history.results.closed).sum()))


def _personal(choices: Choices, terms: Terms, settings: TrainSettings) -> tuple[Served, dict[str, object]]:
    """What of the model is served, and what speaks for it; nothing is tried where that is settled beforehand."""
    found = FORCED if settings.force else how_personal(choices, terms.actions, settings.fit.seed)
    level = settings.force or (Level.FULL if isinstance(found, str) else found.level)
    return served(level, choices, terms.actions.ids), spoken(found, level)


def _metrics(lesson: Lesson, split: Split, judged: _Judged, grown: Fitted, ids: Sequence[str]) -> dict[str, object]:
    return judged.measured.to_json() | {
        "uncalibrated": judged.uncalibrated,
        "split": _sizes(split),
        "trees": grown.rounds,
        "gain": grown.gains(lesson.matrix.inputs),
        "left_out": dict(lesson.matrix.left_out),
        METRIC: evidence_metric(lesson.rows.labels, lesson.actions, ids),
    }


def _check_size(labels: Labels, split: Split) -> None:
    successes = int(labels[split.fit].sum())
    if min(successes, int(split.fit.sum()) - successes) < FEWEST_OF_EACH:
        raise HistoryTooSmall(
            f"half of the customers hold {successes} successes in {int(split.fit.sum())} closed rows; "
            f"a model needs at least {FEWEST_OF_EACH} successes and as many failures there"
        )


def _first(lesson: Lesson, split: Split, settings: FitSettings, progress: Progress) -> Fitted:
    """The model that is measured: it sees the fitting customers only, and stops by the tuning ones."""
    told = _told(progress, "learning from half of the customers", settings.rounds)
    tune = lesson.rows.where(split.tune)
    return fit_until_it_stops_helping(lesson.rows.where(split.fit), tune, lesson.matrix.inputs, settings, told)


def _judge(lesson: Lesson, first: Fitted, split: Split, ids: Sequence[str]) -> _Judged:
    labels, actions = lesson.rows.labels, lesson.actions
    raw = np.zeros(len(labels))
    raw[split.held_out] = first.propensity(lesson.rows.values[split.held_out])
    tune, test, unseen = split.tune, split.test, split.held_out
    rehearsal = fit_calibration(labels[tune], raw[tune], actions[tune], ids).over(ids)
    measured = measure(labels[test], rehearsal.apply(actions[test], raw[test]), actions[test], ids)
    uncalibrated = {
        "log_loss": log_loss(labels[test], raw[test]),
        "calibration_error": calibration_error(labels[test], raw[test]),
    }
    return _Judged(measured, uncalibrated, fit_calibration(labels[unseen], raw[unseen], actions[unseen], ids))


def _sizes(split: Split) -> dict[str, float | None]:
    """Rows on each side, and the moment (s) that parts measured rows from the others."""
    return {
        "fit": int(split.fit.sum()),
        "tune": int(split.tune.sum()),
        "test": int(split.test.sum()),
        "cut": split.cut,
    }


def _outcome(lesson: Lesson, terms: Terms) -> str:
    return ", ".join(sorted({terms.actions.success[one] for one in np.unique(lesson.actions).tolist()}))


def _sample(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return rows[np.unique(np.linspace(0, len(rows) - 1, SAMPLE_ROWS).astype(np.intp))]


def _told(progress: Progress, step: str, rounds: int) -> Callable[[int], None]:
    return lambda grown: progress(step, grown / rounds)
