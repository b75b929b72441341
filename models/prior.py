"""Another market's model as a start: believed as long as there is little evidence of one's own.

    margin(x) = w x prior(x) + (1 - w) x logit(rate) + trees of one's own
    w = K / (K + s)

K = 200 outcomes, the number from which an action counts as known; s how many of the closed rows have the rarer result,
of success and none, and `rate` the share of successes. One's own trees are grown on what the first two terms leave
(LightGBM's init_score), so they correct the prior where rows speak against it. With w = 1 the sum is the prior, with
w = 0 what would have been grown without one; below w = 0.01 it is left out. Calibration is mixed with the same weight:
w x the prior's curve + (1 - w) x one's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import lightgbm
import numpy as np
import numpy.typing as npt

from models.bundle import Bundle
from models.calibration import POOLED, Calibration, Curve
from models.fit import Fitted
from models.manifest import Input
from models.prior_trees import forest_text, moved, places_of, stump, trees_of

PRIOR_OUTCOMES = 200.0
LEAST_WEIGHT = 0.01
_APART = 1e-9

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Prior:
    """A bundle as a start for a model over `inputs`, believed with `weight`; `offset` stands for the rest of it."""

    bundle: Bundle
    inputs: tuple[Input, ...]
    weight: float
    offset: float = 0.0

    @cached_property
    def trees(self) -> list[str]:
        """The prior's share of the margin, as trees over one's own inputs."""
        places = places_of(self.bundle.manifest.inputs, self.inputs)
        return [stump(self.offset), *moved(self.bundle.booster.model_to_string(), places, self.weight)]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The prior's inputs that do not exist here, and so are missing for its trees."""
        own = places_of(self.bundle.manifest.inputs, self.inputs).own
        return tuple(one.name for one, place in zip(self.bundle.manifest.inputs, own, strict=True) if place is None)

    def margins(self, rows: Rows) -> Floats:
        """The prior's share of the margin of rows (n, len(inputs)), shape (n,)."""
        return np.asarray(self.alone().booster.predict(rows, raw_score=True), dtype=np.float64)

    def alone(self) -> Fitted:
        """The prior's share as a model."""
        return _fitted(self.inputs, self.trees)

    def before(self, own: Fitted) -> Fitted:
        """The sum of it and of trees that were grown on what it leaves."""
        return _fitted(self.inputs, [*self.trees, *trees_of(own.model_text())])

    def calibrated(self, own: Calibration) -> Calibration:
        """The prior's calibration and one's own, mixed."""
        theirs = self.bundle.calibration.curves
        names = {*theirs, *own.curves}
        curves = {
            name: _mixed(theirs.get(name, theirs[POOLED]), own.curves.get(name, own.curves[POOLED]), self.weight)
            for name in sorted(names)
        }
        return Calibration(curves)

    def told(self) -> dict[str, object]:
        """What the manifest keeps of it."""
        manifest = self.bundle.manifest
        return {
            "revision": manifest.revision,
            "name": manifest.name,
            "weight": self.weight,
            "lacking": list(self.lacking),
        }


def weight_of(labels: Labels) -> float:
    """w for closed rows with these results (n,)."""
    rarer = min(int(labels.sum()), int((~labels).sum()))
    return PRIOR_OUTCOMES / (PRIOR_OUTCOMES + rarer)


def prior_of(bundle: Bundle, inputs: tuple[Input, ...], labels: Labels) -> Prior | None:
    """The bundle as a start for closed rows with these results (n,); None where they need no prior any more."""
    weight = weight_of(labels)
    if weight < LEAST_WEIGHT:
        return None
    rate = (float(labels.sum()) + 1.0) / (len(labels) + 2.0)
    return Prior(bundle, inputs, weight, (1.0 - weight) * float(np.log(rate / (1.0 - rate))))


def _fitted(inputs: tuple[Input, ...], trees: list[str]) -> Fitted:
    return Fitted(lightgbm.Booster(model_str=forest_text(inputs, trees)), len(trees))


def _mixed(theirs: Curve, own: Curve, weight: float) -> Curve:
    """weight x theirs + (1 - weight) x own, on the knots of both."""
    every = np.unique([*theirs.raw, *own.raw])
    raw = every[np.concatenate(([True], np.diff(every) > _APART))]
    raw[-1] = 1.0
    first, second = (np.interp(raw, one.raw, one.calibrated) for one in (theirs, own))
    return Curve(tuple(raw.tolist()), tuple((weight * first + (1.0 - weight) * second).tolist()))
