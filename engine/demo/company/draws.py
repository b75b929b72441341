"""The shapes of columns, and how chance fills them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]
Indexes = npt.NDArray[np.intp]
Column = Floats | Flags | Texts


def sigmoid(margin: Floats) -> Floats:
    """1 / (1 + e^-x), for margins of any size."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * margin)), dtype=np.float64)


def one_of(names: tuple[str, ...], margins: Floats, rng: np.random.Generator) -> Texts:
    """One of `names` per row of `margins` (n, len(names)), with softmax probabilities: Gumbel's trick."""
    noisy = margins + rng.gumbel(size=margins.shape)
    chosen: Texts = np.array(names, dtype=np.str_)[np.argmax(noisy, axis=1)]
    return chosen


def bursts(mean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """Decayed counts: mostly zero, now and then a burst of about `size`; `mean` on average."""
    active = rng.random(mean.shape) < mean / (mean + size)
    return np.where(active, np.round(rng.gamma(1.6, (mean + size) / 1.6), 2), 0.0)
