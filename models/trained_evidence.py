"""What a bundle's training saw of each action: closed windows and successes, kept in the manifest's metrics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.evidence import Evidence
from models.manifest import Manifest

METRIC = "evidence"


def evidence_metric(
    success: npt.NDArray[np.bool_], actions: npt.NDArray[np.intp], ids: Sequence[str]
) -> dict[str, list[int]]:
    """[successes, closed windows] by action id, from closed rows, shape (n,); actions without a row are absent."""
    closed = np.bincount(actions, minlength=len(ids))
    successes = np.bincount(actions[success], minlength=len(ids))
    return {ids[one]: [int(successes[one]), int(closed[one])] for one in np.flatnonzero(closed).tolist()}


def trained_evidence(manifest: Manifest, ids: Sequence[str]) -> Evidence:
    """The evidence for a catalogue in the order of `ids`; what training did not see, or a manifest that says nothing of
    it, counts as none."""
    counts = manifest.metrics.get(METRIC, {})
    rows = np.array([counts.get(one, (0, 0)) for one in ids], dtype=np.float64).reshape(len(ids), 2)
    return Evidence(successes=rows[:, 0].copy(), closed=rows[:, 1].copy())
