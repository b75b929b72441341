"""The ADM datamart's model snapshots: how often each action was answered in each channel, day by day, and how well its
score told who would succeed (AUC, 0.5 while that cannot be told)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from engine.interchange.pega.interactions import TECHNIQUE
from engine.interchange.pega.names import MOMENT, moment
from engine.interchange.pega.responses import Responses
from models.measure import auc

DAY = 86400.0
CONFIGURATION = "Befit"
SCHEMA: Mapping[str, Any] = {
    "pySnapshotTime": MOMENT,
    "pyConfigurationName": pl.String,
    "pyModelTechnique": pl.String,
    "pyModelID": pl.String,
    "pyName": pl.String,
    "pyIssue": pl.String,
    "pyGroup": pl.String,
    "pyChannel": pl.String,
    "pyDirection": pl.String,
    "pyTreatment": pl.String,
    "pyPositives": pl.Float64,
    "pyNegatives": pl.Float64,
    "pyResponseCount": pl.Float64,
    "pyPerformance": pl.Float64,
    "pyActivePredictors": pl.Int64,
    "pyTotalPredictors": pl.Int64,
}


def model_frame(responses: Responses, active: Mapping[str, int]) -> pl.DataFrame:
    """A snapshot at the end of each day (UTC) of all that was known by then, after an empty one, since reports count
    from the first; `active` tells by model how many of the predictors are."""
    rows = [row for end in snapshot_times(responses) for row in _snapshot(responses.until(end), end, active)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def snapshot_times(responses: Responses) -> list[float]:
    """The midnights (s) from before the first contact to after the last; none where there are no contacts."""
    if not len(responses):
        return []
    first, last = responses.at.min() // DAY, responses.at.max() // DAY
    return [float(day) * DAY for day in np.arange(first, last + 2)]


def _snapshot(known: Responses, end: float, active: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    for number, model in enumerate(known.models):
        rows = known.model == number
        success = known.success[rows]
        positives = float(success.sum())
        counted = (positives, len(success) - positives, float(len(success)))
        performance = auc(success, known.score[rows]) or 0.5
        named = (model.action, model.issue, model.group, model.channel, model.direction, model.treatment or None)
        predictors = (active.get(model.id, 0), len(known.inputs))
        yield moment(end), CONFIGURATION, TECHNIQUE, model.id, *named, *counted, max(performance, 0.5), *predictors
