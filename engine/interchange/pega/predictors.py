"""The ADM datamart's predictor binning: by model and predictor, how often contacts succeeded within each bin.

Numbers are cut at the eighths of all contacts, so that bins of different models can be compared; categories are bins as
they are, what is missing is one of its own. `Classifier` are tenths of the model's own score. A predictor is active
where its bins tell successes apart with an AUC of 0.52 or more, as Pega draws the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.interchange.pega.names import MOMENT, moment
from engine.interchange.pega.responses import Responses
from models.manifest import Input, InputType

ACTIVE_FROM = 0.52
CLASSIFIER = "Classifier"
_CUTS, _SCORE_CUTS = 8, 10
SCHEMA: Mapping[str, Any] = {
    "pySnapshotTime": MOMENT,
    "pyModelID": pl.String,
    "pyPredictorName": pl.String,
    "pyType": pl.String,
    "pyEntryType": pl.String,
    "pyPerformance": pl.Float64,
    "pyPositives": pl.Float64,
    "pyNegatives": pl.Float64,
    "pyResponseCount": pl.Float64,
    "pyTotalBins": pl.Int64,
    "pyGroupIndex": pl.Int64,
    "pyBinIndex": pl.Int64,
    "pyBinType": pl.String,
    "pyBinSymbol": pl.String,
    "pyBinLowerBound": pl.Float64,
    "pyBinUpperBound": pl.Float64,
    "pyBinPositives": pl.Float64,
    "pyBinNegatives": pl.Float64,
    "pyBinResponseCount": pl.Float64,
    "pyLift": pl.Float64,
    "pyZRatio": pl.Float64,
}

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


class Bin(NamedTuple):
    """`type` is MISSING, INTERVAL or SYMBOL; bounds only of intervals."""

    type: str
    symbol: str
    low: float | None = None
    high: float | None = None


class Binned(NamedTuple):
    """A predictor cut into bins; `codes` (rows,) index `bins`."""

    name: str
    kind: str
    bins: tuple[Bin, ...]
    codes: Indexes


def predictor_frame(responses: Responses, end: float) -> pl.DataFrame:
    """All bins of all models as of `end` (s)."""
    rows: list[tuple[Any, ...]] = []
    for place, one in enumerate(responses.inputs):
        column = responses.values[:, place].astype(np.float64)
        binned = _symbols(one, column) if one.type is InputType.CATEGORY else _intervals(one.name, column, _CUTS)
        rows += _of_predictor(responses, binned, place)
    for number in range(len(responses.models)):
        rows += _of_classifier(responses, number)
    return pl.DataFrame([(moment(end), *row) for row in rows], schema=SCHEMA, orient="row")


def active_predictors(frame: pl.DataFrame) -> dict[str, int]:
    """By model how many predictors are active."""
    active = frame.filter(pl.col("pyEntryType") == "Active")
    counted = active.group_by("pyModelID").agg(pl.col("pyPredictorName").n_unique())
    return dict(counted.iter_rows())


def _of_predictor(responses: Responses, binned: Binned, group: int) -> Iterator[tuple[Any, ...]]:
    shape = len(responses.models), len(binned.bins)
    flat = responses.model * shape[1] + binned.codes
    counts = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)
    positives = np.bincount(flat[responses.success], minlength=shape[0] * shape[1]).reshape(shape)
    for number, model in enumerate(responses.models):
        yield from _rows(model.id, binned, group, counts[number], positives[number])


def _of_classifier(responses: Responses, number: int) -> Iterator[tuple[Any, ...]]:
    rows = responses.model == number
    binned = _intervals(CLASSIFIER, responses.score[rows], _SCORE_CUTS)
    counts = np.bincount(binned.codes, minlength=len(binned.bins))
    positives = np.bincount(binned.codes[responses.success[rows]], minlength=len(binned.bins))
    yield from _rows(responses.models[number].id, binned, len(responses.inputs), counts, positives)


def _rows(model: str, binned: Binned, group: int, counts: Indexes, positives: Indexes) -> Iterator[tuple[Any, ...]]:
    """A row for each bin that the model met."""
    met = np.flatnonzero(counts).tolist()
    total, good = float(counts.sum()), float(positives.sum())
    performance = _auc_of_bins(counts, positives)
    entry = CLASSIFIER if binned.name == CLASSIFIER else "Active" if performance >= ACTIVE_FROM else "Inactive"
    head = (model, binned.name, binned.kind, entry, performance, good, total - good, total, len(met), group)
    for index, place in enumerate(met, start=1):
        shown, taken = float(counts[place]), float(positives[place])
        lift = taken / shown / (good / total) if good else 0.0
        z_ratio = _z_ratio(taken, shown - taken, good, total - good)
        yield *head, index, *binned.bins[place], taken, shown - taken, shown, lift, z_ratio


def _auc_of_bins(counts: Indexes, positives: Indexes) -> float:
    """The AUC of ordering contacts by the rate of their bin; 0.5 where all or none succeeded."""
    negatives = counts - positives
    if not positives.sum() or not negatives.sum():
        return 0.5
    order = np.argsort(positives / np.maximum(counts, 1), kind="stable")
    good, bad = positives[order], negatives[order]
    below = np.cumsum(bad) - bad
    return float((good * (below + 0.5 * bad)).sum() / (good.sum() * bad.sum()))


def _z_ratio(good: float, bad: float, all_good: float, all_bad: float) -> float:
    """How many standard errors lie between a bin's share of the successes and its share of the rest."""
    if not all_good or not all_bad:
        return 0.0
    p, q = good / all_good, bad / all_bad
    spread = p * (1.0 - p) / all_good + q * (1.0 - q) / all_bad
    return float((p - q) / np.sqrt(spread)) if spread > 0.0 else 0.0


def _intervals(name: str, column: Floats, cuts: int) -> Binned:
    known = column[~np.isnan(column)]
    inner = np.unique(np.quantile(known, np.arange(1, cuts) / cuts)) if len(known) else np.empty(0)
    edges = inner[inner > known.min()] if len(known) else inner
    bounds = [*([known.min()] if len(known) else []), *edges.tolist(), *([known.max()] if len(known) else [])]
    bins = [Bin("MISSING", "MISSING")]
    for place, (low, high) in enumerate(pairwise(bounds)):
        bins.append(Bin("INTERVAL", _interval(place, bounds), low, high))
    codes = np.where(np.isnan(column), 0, 1 + np.searchsorted(edges, column, side="right"))
    return Binned(name, "numeric", tuple(bins), codes.astype(np.intp))


def _interval(place: int, bounds: list[float]) -> str:
    low, high = f"{bounds[place]:.6g}", f"{bounds[place + 1]:.6g}"
    if len(bounds) == 2:
        return f"[{low}, {high}]"
    if place == 0:
        return f"<{high}"
    return f">={low}" if place == len(bounds) - 2 else f"[{low}, {high}>"


def _symbols(one: Input, column: Floats) -> Binned:
    bins = (Bin("MISSING", "MISSING"), *(Bin("SYMBOL", value or "(none)") for value in one.values))
    codes = np.where(np.isnan(column), 0, 1 + np.nan_to_num(column))
    return Binned(one.name, "symbolic", bins, codes.astype(np.intp))
