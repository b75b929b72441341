"""One LightGBM model of success over the inputs of customer, moment, action and pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
import numpy.typing as npt

from models.manifest import Input, InputType, column_names

FEWEST_TO_STOP = 20

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.bool_]
OnRound = Callable[[int], None]
"""Told the number of trees grown so far."""


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How trees are grown: LightGBM's own terms, with values that do no harm on a few thousand rows.

    `rounds` is the most trees, `patience` how many more are tried without gain on rows apart. Each tree may read
    `input_share` of the inputs, each of its splits `split_share` of those: so that "which action" and "which customer"
    are also tried where neither tells anything without the other. `threads` 0 = all cores; the same seed and
    number of threads give the same model.
    """

    rounds: int = 300
    leaves: int = 31
    learning_rate: float = 0.05
    least_rows_per_leaf: int = 50
    l2: float = 5.0
    input_share: float = 0.8
    split_share: float = 0.6
    row_share: float = 0.8
    patience: int = 30
    seed: int = 1
    threads: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """`values` float32 (n, n_inputs) with `labels` (n,); `margins` float64 (n,) are where trees start from, None = from
    the rate of all rows."""

    values: Floats
    labels: Labels
    margins: npt.NDArray[np.float64] | None = None

    def where(self, chosen: Labels) -> Rows:
        margins = None if self.margins is None else self.margins[chosen]
        return Rows(self.values[chosen], self.labels[chosen], margins)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model and how many trees it has."""

    booster: lightgbm.Booster
    rounds: int

    def propensity(self, values: Floats) -> npt.NDArray[np.float64]:
        """Raw propensities in [0, 1] of rows (n, n_inputs), shape (n,)."""
        found = self.booster.predict(values, num_iteration=self.rounds)
        return np.asarray(found, dtype=np.float64)

    def model_text(self) -> str:
        return str(self.booster.model_to_string(num_iteration=self.rounds))

    def gains(self, inputs: Sequence[Input]) -> dict[str, float]:
        """Each input's share of what all splits gained, largest first; inputs that no tree splits on are absent."""
        gain = np.asarray(self.booster.feature_importance("gain", iteration=self.rounds), dtype=np.float64)
        shares = {inputs[place].name: float(gain[place] / gain.sum()) for place in np.flatnonzero(gain).tolist()}
        return dict(sorted(shares.items(), key=lambda one: -one[1]))


def fit_until_it_stops_helping(
    rows: Rows, apart: Rows, inputs: Sequence[Input], settings: FitSettings, on_round: OnRound
) -> Fitted:
    """Grow trees until more of them do not help on rows `apart`. Where those hold fewer than 20 successes or failures,
    which tells nothing, a sixth of the rounds is grown."""
    if min(int(apart.labels.sum()), int((~apart.labels).sum())) < FEWEST_TO_STOP:
        return fit(rows, inputs, settings, max(settings.rounds // 6, 1), on_round)
    grown = _dataset(rows, inputs, settings)
    labels = apart.labels.astype(np.float32)
    beside = grown.create_valid(apart.values, labels, init_score=apart.margins, params=grown.params)
    stop = lightgbm.early_stopping(settings.patience, verbose=False)
    booster = lightgbm.train(
        _parameters(settings),
        grown,
        settings.rounds,
        valid_sets=[beside],
        callbacks=[stop, _told(on_round)],
    )
    return Fitted(booster, max(booster.best_iteration, 1))


def fit(rows: Rows, inputs: Sequence[Input], settings: FitSettings, rounds: int, on_round: OnRound) -> Fitted:
    """Grow exactly `rounds` trees."""
    dataset = _dataset(rows, inputs, settings)
    booster = lightgbm.train(_parameters(settings), dataset, rounds, callbacks=[_told(on_round)])
    return Fitted(booster, rounds)


def _dataset(rows: Rows, inputs: Sequence[Input], settings: FitSettings) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        rows.values,
        rows.labels.astype(np.float32),
        init_score=rows.margins,
        feature_name=list(column_names(inputs)),
        categorical_feature=[place for place, one in enumerate(inputs) if one.type is InputType.CATEGORY],
        params={"feature_pre_filter": False, "num_threads": settings.threads, "verbosity": -1},
    )


def _parameters(settings: FitSettings) -> dict[str, object]:
    return {
        "objective": "binary",
        "num_leaves": settings.leaves,
        "learning_rate": settings.learning_rate,
        "min_data_in_leaf": settings.least_rows_per_leaf,
        "lambda_l2": settings.l2,
        "feature_fraction": settings.input_share,
        "feature_fraction_bynode": settings.split_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1,
        "seed": settings.seed,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": settings.threads,
        "verbosity": -1,
    }


def _told(on_round: OnRound) -> Callable[[lightgbm.callback.CallbackEnv], None]:
    return lambda env: on_round(env.iteration + 1)
