"""A bundle with its calibration fitted anew to the latest rows; its trees stay."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.bundle import Bundle
from models.bundle_writer import BundleParts
from models.calibrate import fit_calibration
from models.drift_report import Calibrated, calibrated, taught_by
from models.folds import folds_of
from models.judged_rows import JudgedRows, NothingToJudge
from models.judging import FEWEST_LATEST
from models.manifest import PARENTS
from models.served import Level

_SAMPLE = 1000


@dataclass(frozen=True, slots=True)
class Repaired:
    """The parts of the new bundle, and how it and the old one hit rates of customers that did not calibrate it."""

    parts: BundleParts
    before: Calibrated
    after: Calibrated


def repaired(bundle: Bundle, rows: JudgedRows, ids: tuple[str, ...], now: float) -> Repaired:
    """Calibrate by the settled rows, of which the bundle's trees must know none. `now` (s) is when. Raises
    NothingToJudge where they are too few, or where the bundle serves a table, which has no calibration."""
    if bundle.manifest.served.level is not Level.FULL:
        raise NothingToJudge("the bundle serves a table of rates: train it anew")
    settled = rows.settled & (rows.at > bundle.manifest.training.end)
    labels, raw, actions = rows.labels[settled], rows.raw[settled], rows.actions[settled]
    if min(int(labels.sum()), int((~labels).sum())) < FEWEST_LATEST:
        raise NothingToJudge(
            f"{int(labels.sum())} successes in {len(labels)} settled contacts since training; calibrating takes "
            f"{FEWEST_LATEST} successes and as many failures"
        )
    crossed, half = np.zeros(len(labels)), folds_of(rows.customers[settled], 2, 0) == 0
    for here in (half, ~half):
        curves = fit_calibration(labels[~here], raw[~here], actions[~here], ids).over(ids)
        crossed[here] = curves.apply(actions[here], raw[here])
    before = calibrated(labels, rows.served[settled], taught_by(bundle))
    after = calibrated(labels, crossed, len(labels) / 2)
    told = {"rows": len(labels), "from": float(rows.at[settled].min()), "to": float(rows.at[settled].max())}
    told |= {"calibration_error": after.error, "without_repair": before.error, "repaired": True}
    calibration = fit_calibration(labels, raw, actions, ids)
    parts = replace(_as_it_was(bundle, rows), created_at=now, calibration=calibration)
    metrics = {**parts.metrics, "latest": told, PARENTS: [bundle.revision]}
    return Repaired(replace(parts, metrics=metrics), before, after)


def _as_it_was(bundle: Bundle, rows: JudgedRows) -> BundleParts:
    manifest = bundle.manifest
    return BundleParts(
        name=manifest.name,
        created_at=manifest.created_at,
        model_text=bundle.booster.model_to_string(),
        inputs=manifest.inputs,
        schema=bundle.schema,
        outcome=manifest.outcome,
        training=manifest.training,
        calibration=bundle.calibration,
        metrics=manifest.metrics,
        sample=rows.values[np.unique(np.linspace(0, len(rows) - 1, _SAMPLE).astype(np.intp))],
        served=manifest.served,
    )
