"""Chooses the scorer of a model: the native one where it covers the model and proves equal, else LightGBM's own."""

from __future__ import annotations

import lightgbm
import numpy as np

from models.booster_scorer import BoosterScorer
from models.kernel_scorer import KernelScorer, kernel_scorer
from models.leaf_masks import NotCovered
from models.manifest import Input
from models.native_scorer import NativeScorer, native_scorer
from models.scoring import Margins, Row, Scorer, scope_columns
from models.trees import Forest

TOLERANCE = 1e-9
_TRIALS = 256


def compile_scorer(forest: Forest, booster: lightgbm.Booster, inputs: tuple[Input, ...], proof: Row) -> Scorer:
    """A scorer for the model that `forest` and `booster` both were read from.

    The native one is held to `booster` on the rows of `proof` (n, n_inputs), and on rows that sit on
    thresholds. Raises ModelTextInvalid where a tree is not a tree, ValueError where the model gives no probability.
    """
    if forest.steepness is None:
        raise ValueError("the model's objective gives no probability")
    native = native_scorer(forest, inputs)
    if isinstance(native, NativeScorer):
        rows = np.concatenate((proof, edge_rows(native, inputs, _TRIALS)))
        if (worst := disparity(native, booster, inputs, rows)) <= TOLERANCE:
            return by_kernel(native, inputs, rows) or native
        native = NotCovered(f"margins differ by {worst:.1e}")
    return BoosterScorer(booster, scope_columns(inputs), forest.steepness, native.reason)


def by_kernel(native: NativeScorer, inputs: tuple[Input, ...], rows: Row) -> KernelScorer | None:
    """The same by way of the compiled kernel; None where there is none, or any margin of rows (n, n_inputs) differs by
    as much as a bit."""
    kernel = kernel_scorer(native)
    if kernel is None:
        return None
    margins = [score_rows(each, inputs, rows).tobytes() for each in (native, kernel)]
    return kernel if margins[0] == margins[1] else None


def disparity(native: Scorer, booster: lightgbm.Booster, inputs: tuple[Input, ...], rows: Row) -> float:
    """The largest difference of margins over rows (n, n_inputs), relative where a margin exceeds 1."""
    expected = np.asarray(booster.predict(rows, raw_score=True, num_threads=1), dtype=np.float64)
    gaps = np.abs(score_rows(native, inputs, rows) - expected) / np.maximum(1.0, np.abs(expected))
    return float(np.max(gaps, initial=0.0))


def score_rows(scorer: Scorer, inputs: tuple[Input, ...], rows: Row) -> Margins:
    """Margins (n,) of whole rows (n, n_inputs), each a customer of its own; not for the hot path."""
    columns = scope_columns(inputs)
    actions = scorer.prepare_actions(rows[:, columns.action])
    margins = [
        scorer.score(
            row[columns.customer], row[columns.moment], actions, np.array([place]), row[columns.pair][np.newaxis]
        )
        for place, row in enumerate(rows)
    ]
    return np.concatenate([np.empty(0), *margins])


def edge_rows(native: NativeScorer, inputs: tuple[Input, ...], count: int) -> Row:
    """Rows (count, n_inputs) whose values lie on the ends of the intervals between thresholds, and beside them."""
    columns = scope_columns(inputs)
    rows = np.zeros((count, len(inputs)), dtype=np.float32)
    draws = np.random.default_rng(0)
    once = np.concatenate((columns.customer, columns.moment))
    for masks, places in ((native.once, once), (native.action, columns.action), (native.pair, columns.pair)):
        for used, ends in zip(places[masks.used], masks.ends(), strict=True):
            at = draws.choice(ends, size=count)
            with np.errstate(invalid="ignore"):
                beside = np.nextafter(at, np.float32(np.inf))
            rows[:, used] = np.where(draws.random(count) < 0.5, at, beside)
    return rows
