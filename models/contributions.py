"""What each input of a model did to a margin: exact SHAP values of the trees (Lundberg et al., 2020), by LightGBM.

For each row the contributions and the model's own starting point sum to the raw score. It costs milliseconds a row, so
it is for explanations only.
"""

from __future__ import annotations

from typing import NamedTuple

import lightgbm
import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Floats = NDArray[np.float64]


class Effects(NamedTuple):
    """`inputs` float64 (k, n_inputs) on the margin, in the model's order; `start` (k,) what it begins from."""

    inputs: Floats
    start: Floats


def effects_of(booster: lightgbm.Booster, rows: Rows) -> Effects:
    """The effects for whole rows, float32 (k, n_inputs)."""
    if not len(rows):
        return Effects(np.empty((0, rows.shape[1])), np.empty(0))
    found = np.asarray(booster.predict(rows, pred_contrib=True, num_threads=1), dtype=np.float64)
    return Effects(found[:, :-1], found[:, -1])
