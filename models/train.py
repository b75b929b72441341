"""From a history to a bundle's parts: fit, measure on what was not seen, calibrate, then learn from everything.

Half of the customers grow a first model until a fifth of the customers gain nothing more; what is left,
met in the last quarter of the time, measures it (calibrated on that fifth). The figures in the manifest are
those: of a model that saw neither these people nor this time. What is served is then grown anew from all
closed rows with as many trees, because the newest rows matter most, and calibrated with what the first model said
of all customers it had not seen - unless the latest rows say clearly otherwise (models/judging.py). So the served
model has seen more than the measured one, and is as good or a little better; its calibration is that of a model grown
on about half of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.bundle import Bundle
from models.bundle_writer import BundleParts
from models.fit import FitSettings
from models.growing import Growing, Grown, Progress
from models.history import History
from models.history_check import Terms
from models.judging import POPULATION, population_told
from models.lesson import Lesson, choices_of, lesson_of
from models.manifest import PARENTS, Training
from models.measure import Measured
from models.personal import Personal
from models.served import Level
from models.split import Split
from models.train_personal import FORCED, SCARCE, how_personal, served, spoken
from models.trained_evidence import METRIC, evidence_metric

SAMPLE_ROWS = 1000
NEWEST = "newest"
"""The metric that tells of rows so new that mostly what went well is known of them."""


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """`features` names the customer features that the model may have; empty = all that models may read. `force` is how
    personal the bundle is to be; None = as the history proves. `prior` is another market's bundle to start from."""

    name: str = "propensity"
    features: tuple[str, ...] = ()
    fit: FitSettings = field(default_factory=FitSettings)
    force: Level | None = None
    prior: Bundle | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """What training made: the parts of a bundle, the figures on held-out rows, customers that were copies of others,
    rows whose outcome was still open."""

    parts: BundleParts
    measured: Measured
    copied: int
    open_rows: int


def train(history: History, terms: Terms, settings: TrainSettings, now: float, progress: Progress) -> Trained:
    """Train on a history. `now` (s) is when. Raises HistoryTooSmall, FeatureRefused."""
    progress("reading what came before each contact", 0.0)
    theirs = settings.prior.manifest.inputs if settings.prior else ()
    lesson = lesson_of(history, terms, settings.features, theirs)
    progress("deciding how personal to be", 0.0)
    choices = choices_of(history, lesson, len(terms.actions))
    found = FORCED if settings.force else how_personal(choices, terms.actions, settings.fit.seed)
    grown = Growing(settings.fit, terms.actions.ids, settings.prior, progress).grow(lesson)
    level, why = _personal(found, grown, settings.force)
    parts = BundleParts(
        name=settings.name,
        created_at=now,
        model_text=grown.model.model_text(),
        inputs=lesson.matrix.inputs,
        schema=terms.schema,
        outcome=_outcome(lesson, terms),
        training=Training(float(lesson.at.min()), float(lesson.at.max()), len(lesson.at)),
        calibration=grown.judged.calibration,
        metrics=_metrics(lesson, grown, terms.actions.ids) | {"personal": spoken(why, level)},
        sample=_sample(lesson.rows.values),
        served=served(level, choices, terms.actions.ids),
    )
    return Trained(parts, grown.judged.measured, lesson.copied, int((~history.results.closed).sum()))


def _personal(found: Personal | str, grown: Grown, force: Level | None) -> tuple[Level, Personal | str]:
    """How personal the bundle is, and what speaks for it; what is forced is settled, and where success is scarce there
    is nothing to be personal by."""
    if force is None and grown.scarce:
        return Level.ONE, SCARCE
    return force or (Level.FULL if isinstance(found, str) else found.level), found


def _metrics(lesson: Lesson, grown: Grown, ids: Sequence[str]) -> dict[str, object]:
    judged = grown.judged
    told = {"prior": grown.prior.told(), PARENTS: [grown.prior.bundle.revision]} if grown.prior else {}
    latest = {"latest": judged.latest} if judged.latest else {}
    return judged.measured.to_json() | {
        "uncalibrated": judged.uncalibrated,
        "split": _sizes(grown.split),
        "trees": grown.model.rounds,
        "gain": grown.model.gains(lesson.matrix.inputs),
        "left_out": dict(lesson.matrix.left_out),
        POPULATION: population_told(lesson, grown.model),
        METRIC: evidence_metric(lesson.rows.labels, lesson.actions, ids),
        NEWEST: {"left_out": lesson.early, "flattering": lesson.flattering},
        **latest,
        **told,
    }


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
