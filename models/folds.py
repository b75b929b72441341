"""Parts of a history that judge each other: every row is judged by what was learnt from other customers' rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Indexes = npt.NDArray[np.intp]


def folds_of(customer: Indexes, count: int, seed: int) -> Indexes:
    """The part of each row (n,), from 0 to `count` - 1; all rows of a customer stand in one part."""
    names, place = np.unique(customer, return_inverse=True)
    dealt = np.random.default_rng(seed).permutation(len(names))
    parts: Indexes = (dealt * count // max(len(names), 1)).astype(np.intp)
    return parts[place]
