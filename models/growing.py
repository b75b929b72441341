"""Grows the model that is served, and the one before it that is judged by what it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.bundle import Bundle
from models.fit import FitSettings, Fitted, fit, fit_until_it_stops_helping
from models.judging import Judged, checked, judge, judged_alone
from models.lesson import Lesson
from models.prior import Prior, prior_of
from models.split import HistoryTooSmall, Split, split_history

FEWEST_OF_EACH = 10
FEWEST_ROWS = 200
"""Closed rows of half of the customers that tell at least how rare success, or failure, is."""

Labels = npt.NDArray[np.bool_]
Progress = Callable[[str, float], None]
"""Told the step at work, and how much of it is done, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Grown:
    """The model that is served, what the one before it proved, on which rows, and the prior in both. `scarce`: there
    were too few successes, or failures, to tell customers apart by."""

    model: Fitted
    judged: Judged
    split: Split
    prior: Prior | None = None
    scarce: bool = False


@dataclass(frozen=True, slots=True)
class Growing:
    """How to grow: settings, the ids of all actions, another market's bundle or None, whom to tell."""

    settings: FitSettings
    ids: Sequence[str]
    bundle: Bundle | None
    progress: Progress

    def grow(self, lesson: Lesson) -> Grown:
        """Grow on a lesson. With a prior, a lesson that is too small for trees leaves the prior as it is; without one
        it raises HistoryTooSmall, unless it is only success, or failure, that is scarce."""
        inputs = lesson.matrix.inputs
        try:
            split = split_history(lesson.groups, lesson.at, self.settings.seed)
            scarce = self._scarce(lesson.rows.labels, split)
        except HistoryTooSmall:
            if self.bundle is None:
                raise
            prior = Prior(self.bundle, inputs, 1.0)
            model, everyone = prior.alone(), np.ones(len(lesson.at), dtype=np.bool_)
            split = Split(~everyone, ~everyone, everyone, everyone, None)
            judged = judged_alone(lesson, model, self.bundle.calibration, self.ids)
            return Grown(model, judged, split, prior)
        found = None if self.bundle is None else prior_of(self.bundle, inputs, lesson.rows.labels)
        return replace(self._grow(lesson, split, found), scarce=scarce)

    def _grow(self, lesson: Lesson, split: Split, prior: Prior | None) -> Grown:
        if prior is not None:
            lesson = replace(lesson, rows=replace(lesson.rows, margins=prior.margins(lesson.rows.values)))
        first = self._first(lesson, split)

        def after(own: Fitted) -> Fitted:
            return own if prior is None else prior.before(own)

        def of_all_times() -> Fitted:
            return after(self._fit(lesson, ~split.held_out, first.rounds, "learning from the latest time"))

        judged = judge(lesson, after(first), split, self.ids)
        judged = checked(judged, lesson, split, self.ids, of_all_times)
        if prior is not None:
            judged = replace(judged, calibration=prior.calibrated(judged.calibration))
        everything = np.ones(len(lesson.at), dtype=np.bool_)
        model = after(self._fit(lesson, everything, first.rounds, "learning from everything"))
        return Grown(model, judged, split, prior)

    def _first(self, lesson: Lesson, split: Split) -> Fitted:
        """The model that is measured: it sees the fitting customers only, and stops by the tuning ones."""
        told = self._told("learning from half of the customers", self.settings.rounds)
        if self._scarce(lesson.rows.labels, split):
            return fit(lesson.rows.where(split.fit), lesson.matrix.inputs, self.settings, 1, told)
        tune = lesson.rows.where(split.tune)
        return fit_until_it_stops_helping(lesson.rows.where(split.fit), tune, lesson.matrix.inputs, self.settings, told)

    def _fit(self, lesson: Lesson, chosen: Labels, rounds: int, step: str) -> Fitted:
        rows = lesson.rows.where(chosen)
        return fit(rows, lesson.matrix.inputs, self.settings, rounds, self._told(step, rounds))

    def _told(self, step: str, rounds: int) -> Callable[[int], None]:
        return lambda grown: self.progress(step, grown / rounds)

    def _scarce(self, labels: Labels, split: Split) -> bool:
        """Whether there are too few successes or failures for trees, in rows that tell this much without a prior.
        Raises HistoryTooSmall where they do not."""
        rows, successes = int(split.fit.sum()), int(labels[split.fit].sum())
        scarce = min(successes, rows - successes) < FEWEST_OF_EACH
        if scarce and (rows < FEWEST_ROWS or self.bundle is not None):
            raise HistoryTooSmall(
                f"half of the customers hold {successes} successes in {rows} closed rows; a model needs at least "
                f"{FEWEST_OF_EACH} successes and as many failures there, or {FEWEST_ROWS} rows to tell how rare"
            )
        return scarce
