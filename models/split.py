"""Which rows fit a model, which stop and calibrate it, and which measure it: apart by customer and by time.

A customer (with all copies of that customer) stands on one side only, and the measured rows lie after a
moment before which everything else lies: the model is asked about people it has not seen, at a time it
has not seen, as it will be. Where the whole history happened at one time, or a side would be empty,
customers alone are split.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents.problem import BefitError

FEWEST_GROUPS = 10
FIT_SHARE = 0.5
TUNE_SHARE = 0.2
LAST_SHARE = 0.25

Rows = npt.NDArray[np.bool_]


class HistoryTooSmall(BefitError):
    """There are not enough customers, successes or failures to fit and measure a model."""


@dataclass(frozen=True, slots=True)
class Split:
    """Masks over the rows, shape (n,). `held_out` are all rows of customers that `fit` holds no row of, at any
    time; `tune` and `test` are parts of it. `cut` is the moment that parts past from future, None = one time."""

    fit: Rows
    tune: Rows
    test: Rows
    held_out: Rows
    cut: float | None


def split_history(groups: npt.NDArray[np.intp], at: npt.NDArray[np.float64], seed: int) -> Split:
    """Split rows by their customer's group and their time (s), both of shape (n,); about half of the groups fit,
    a fifth tunes, the rest tests. Raises HistoryTooSmall below ten groups."""
    side = _sides(groups, seed)
    cut = _cut(at)
    if cut is not None:
        past = at < cut
        parts = ((side == 0) & past, (side == 1) & past, (side == 2) & ~past)
        if all(part.any() for part in parts):
            return Split(*parts, held_out=side > 0, cut=cut)
    return Split(side == 0, side == 1, side == 2, held_out=side > 0, cut=None)


def _sides(groups: npt.NDArray[np.intp], seed: int) -> npt.NDArray[np.intp]:
    """0, 1 or 2 for each row: the side that its group was dealt to."""
    names, place = np.unique(groups, return_inverse=True)
    if len(names) < FEWEST_GROUPS:
        raise HistoryTooSmall(
            f"the history holds {len(names)} different customers; a model needs at least {FEWEST_GROUPS}"
        )
    dealt = np.random.default_rng(seed).permutation(len(names))
    bounds = np.array([FIT_SHARE, FIT_SHARE + TUNE_SHARE]) * len(names)
    return np.searchsorted(bounds, dealt, side="right")[place]


def _cut(at: npt.NDArray[np.float64]) -> float | None:
    """The moment from which on the last quarter of the rows lies, as nearly as equal times allow."""
    moments, counts = np.unique(at, return_counts=True)
    if len(moments) < 2:
        return None
    share_from = 1 - (np.cumsum(counts) - counts)[1:] / len(at)
    best = int(np.argmin(np.abs(share_from - LAST_SHARE)))
    return float(moments[1:][best]) if LAST_SHARE / 5 <= share_from[best] <= LAST_SHARE * 2 else None
