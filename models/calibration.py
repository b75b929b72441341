"""What a raw propensity is worth: per action a strictly increasing piecewise-linear map to the rate that happened.

Actions with too little history share the pooled map "*". Strictly increasing, so that calibration never
makes two different scores a tie. Fitting is training's work; applying is a few microseconds for 50 candidates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from documents.problem import BefitError

POOLED = "*"
FORMAT = 1
_SPACING = 2.0


class CalibrationInvalid(BefitError):
    """A table is not strictly increasing over [0, 1], or lacks the pooled map; raised on construction."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Knots of one map: `raw` strictly increasing from 0 to 1, `calibrated` strictly increasing within [0, 1]."""

    raw: tuple[float, ...]
    calibrated: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.raw) != len(self.calibrated) or len(self.raw) < 2:
            raise CalibrationInvalid(f"{len(self.raw)} knots with {len(self.calibrated)} values")
        if any(not low < high for knots in (self.raw, self.calibrated) for low, high in pairwise(knots)):
            raise CalibrationInvalid("a map that is not strictly increasing")
        if self.raw[0] != 0 or self.raw[-1] != 1:
            raise CalibrationInvalid(f"a map over [{self.raw[0]}, {self.raw[-1]}], not over [0, 1]")
        if self.calibrated[0] < 0 or self.calibrated[-1] > 1:
            raise CalibrationInvalid("a map to what is no probability")


IDENTITY = Curve((0.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Curves by action id; "*" is for all other actions."""

    curves: Mapping[str, Curve]

    def __post_init__(self) -> None:
        if POOLED not in self.curves:
            raise CalibrationInvalid('the pooled map "*" is missing')

    def over(self, actions: Sequence[str]) -> ActionCalibration:
        """The calibration of a catalogue, whose order `actions` gives; built once per catalogue and bundle."""
        used = [POOLED, *sorted(set(actions) & set(self.curves) - {POOLED})]
        place = {name: i for i, name in enumerate(used)}
        curve_of = np.array([place.get(action, 0) for action in actions], dtype=np.float64)
        return ActionCalibration.of([self.curves[name] for name in used], curve_of * _SPACING)

    def to_json(self) -> bytes:
        curves = {
            name: {"raw": list(curve.raw), "calibrated": list(curve.calibrated)} for name, curve in self.curves.items()
        }
        return json.dumps({"format": FORMAT, "curves": curves}, indent=1, allow_nan=False).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Calibration:
        """Read what `to_json` wrote. Raises CalibrationInvalid where it is not that."""
        try:
            said: Any = json.loads(content)
            if said["format"] != FORMAT:
                raise CalibrationInvalid(f"format {said['format']!r} is not {FORMAT}")
            return cls({str(name): _curve_from(curve) for name, curve in said["curves"].items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CalibrationInvalid(f"not a calibration table: {error!r}") from None


@dataclass(frozen=True, slots=True)
class ActionCalibration:
    """All segments of all curves side by side: curve c lies over [2c, 2c + 1], so one search serves every candidate.

    `offset` float64 (n_actions,) is 2c of the action's curve; `start` (n_segments,) where a segment begins;
    `raw`, `calibrated`, `slope` (n_segments,) its line. The line is taken at the unshifted propensity:
    the shift can move a value within 1e-12 of a knot to the neighbouring line, which meets it there.
    """

    offset: NDArray[np.float64]
    start: NDArray[np.float64]
    raw: NDArray[np.float64]
    calibrated: NDArray[np.float64]
    slope: NDArray[np.float64]

    @classmethod
    def of(cls, curves: Sequence[Curve], offset: NDArray[np.float64]) -> ActionCalibration:
        raw = [np.array(curve.raw) for curve in curves]
        height = [np.array(curve.calibrated) for curve in curves]
        start = np.concatenate([knots[:-1] + _SPACING * i for i, knots in enumerate(raw)])
        slope = np.concatenate([np.diff(y) / np.diff(x) for x, y in zip(raw, height, strict=True)])
        base = np.concatenate([x[:-1] for x in raw])
        return cls(offset, start, base, np.concatenate([y[:-1] for y in height]), slope)

    def apply(self, chosen: NDArray[np.intp], propensity: ArrayLike) -> NDArray[np.float64]:
        """Calibrated propensities (k,) of the actions with indexes `chosen` (k,); raw `propensity` (k,) in [0, 1]."""
        raw: NDArray[np.float64] = np.asarray(propensity, dtype=np.float64)
        segment = self.start.searchsorted(raw + self.offset.take(chosen), side="right") - 1
        rise = self.slope.take(segment) * (raw - self.raw.take(segment))
        calibrated: NDArray[np.float64] = self.calibrated.take(segment) + rise
        return calibrated


def _curve_from(said: Mapping[str, Sequence[float]]) -> Curve:
    return Curve(tuple(float(x) for x in said["raw"]), tuple(float(y) for y in said["calibrated"]))
