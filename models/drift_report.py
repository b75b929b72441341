"""A bundle held against newer rows: have inputs or propensities moved, and does it still hit the rates.

- Inputs and the raw propensity: population stability index against training's population (models/drift.py). Of n newer
  and N earlier customers in B bins chance alone makes about (B - 1) x (1/n + 1/N) (Yurdakul, 2018); that much is
  allowed on top of 0.25. Many contacts of one customer count for less than those of as many people (models/drift.py).
  Hours and weekdays are left out of what is too short to have them all.
- Calibration: the error over ten bins of equally many rows (models/measure.py), on rows whose result is settled. Of
  propensities that are right a bin's gap is nearly normal with variance sum p (1 - p), and the error's mean and
  deviation follow; propensities that N rows taught are themselves off by chance, which makes that 1 + n / N times as
  much for n newer rows. It alarms where it is three deviations above that mean and a tenth of the rate or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import inf, pi, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from models.bundle import Bundle
from models.drift import ALARMING, Drift, Population, drift, effective_customers
from models.judged_rows import JudgedRows, NothingToJudge
from models.judging import POPULATION
from models.measure import PARTS, calibration_error

SCORE = "score"
CLEARLY = 3.0
MATERIAL = 0.1
FEWEST = 100
"""Customers that anything is judged by, and settled rows that calibration is."""
CYCLES_S: Mapping[str, float] = {"moment.hour": 86_400.0, "moment.weekday": 7 * 86_400.0}
"""Inputs that go round with the time, and in how long: fewer days look like another population and are none."""

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shift:
    """How far an input, or the propensity, has moved; `by_chance` what equal populations would show."""

    name: str
    index: float
    by_chance: float

    @property
    def alarming(self) -> bool:
        return self.index > ALARMING + self.by_chance


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Observed rate and mean propensity over settled rows, the calibration error, and the mean and deviation that it
    has where the propensities are right."""

    rows: int
    rate: float
    propensity: float
    error: float
    by_chance: float
    deviation: float

    @property
    def alarming(self) -> bool:
        clear = self.error > self.by_chance + CLEARLY * self.deviation
        return clear and self.error > MATERIAL * max(self.rate, self.propensity)


@dataclass(frozen=True, slots=True)
class DriftReport:
    """Newer rows beside training's. `calibration` None where too few rows are settled; `then_rate` the rate of
    success in training."""

    model: str
    rows: int
    customers: int
    first: float
    last: float
    inputs: tuple[Shift, ...]
    score: Shift
    calibration: Calibrated | None
    then_rate: float

    @property
    def alarms(self) -> tuple[str, ...]:
        """What rings, by name."""
        moved = [one.name for one in (*self.inputs, self.score) if one.alarming]
        off = self.calibration is not None and self.calibration.alarming
        return (*moved, "calibration") if off else tuple(moved)

    def to_json(self) -> dict[str, Any]:
        """Plain values, all finite."""
        calibration = self.calibration
        said = {one.name: {**asdict(one), "alarming": one.alarming} for one in self.inputs}
        return {
            "model": self.model,
            "rows": self.rows,
            "customers": self.customers,
            "first": self.first,
            "last": self.last,
            "inputs": said,
            "score": {**asdict(self.score), "alarming": self.score.alarming},
            "calibration": None if calibration is None else asdict(calibration) | {"alarming": calibration.alarming},
            "then_rate": self.then_rate,
            "alarms": list(self.alarms),
        }


def drift_report(bundle: Bundle, rows: JudgedRows) -> DriftReport:
    """Hold the bundle against newer rows. Raises NothingToJudge where they are too few or it does not tell its
    population."""
    people = effective_customers(rows.customers)
    if people < FEWEST:
        raise NothingToJudge(_too_few(len(rows), people))
    said: Mapping[str, Any] | None = bundle.manifest.metrics.get(POPULATION)
    if said is None:
        raise NothingToJudge(f"bundle {bundle.revision} does not tell its population: train it anew")
    many = float(said.get("customers", said["rows"])), people
    fewer = min(many)
    inputs = [
        _shift(then, drift(one.name, then, rows.values[:, place], fewer), many)
        for place, one in enumerate(bundle.manifest.inputs)
        if (then := _comparable(one.name, said["inputs"], bundle, rows)) is not None
    ]
    score = Population.from_json(said["score"])
    return DriftReport(
        model=bundle.revision,
        rows=len(rows),
        customers=len(np.unique(rows.customers)),
        first=float(rows.at.min()),
        last=float(rows.at.max()),
        inputs=tuple(sorted(inputs, key=lambda one: -one.index)),
        score=_shift(score, drift(SCORE, score, rows.raw, fewer), many),
        calibration=_calibration(bundle, rows),
        then_rate=float(said["rate"]),
    )


def _too_few(rows: int, people: float) -> str:
    met = f"{rows:,} contacts, worth {people:.0f} customers with one each,"
    return f"{met} are too few to tell: at least {FEWEST}; say an earlier --since"


def _comparable(name: str, then: Mapping[str, Any], bundle: Bundle, rows: JudgedRows) -> Population | None:
    """How an input was spread in training; None where that is not known, or one of both times is too short for it."""
    shorter = min(bundle.manifest.training.end - bundle.manifest.training.start, float(np.ptp(rows.at)))
    if name not in then or shorter < CYCLES_S.get(name, 0.0):
        return None
    return Population.from_json(then[name])


def _calibration(bundle: Bundle, rows: JudgedRows) -> Calibrated | None:
    settled = rows.settled & ~np.isnan(rows.served)
    if settled.sum() < FEWEST:
        return None
    return calibrated(rows.labels[settled], rows.served[settled], taught_by(bundle))


def taught_by(bundle: Bundle) -> float:
    """How many rows the bundle's rates are known from: all that it learnt from, or those that calibrated it anew."""
    latest = bundle.manifest.metrics.get("latest", {})
    return float(latest["rows"] if latest.get("repaired") else bundle.manifest.training.rows)


def calibrated(labels: Labels, propensity: Floats, taught: float = inf) -> Calibrated:
    """Propensities, which `taught` rows > 0 told, against what happened, shapes (n,), n > 0."""
    variance = propensity * (1.0 - propensity) * (1.0 + len(labels) / taught)
    order = np.argsort(propensity, kind="stable")
    bins = np.array_split(order, max(1, min(PARTS, len(labels) // PARTS)))
    spread = np.array([sqrt(float(variance[rows].sum())) for rows in bins]) / len(labels)
    return Calibrated(
        rows=len(labels),
        rate=float(labels.mean()),
        propensity=float(propensity.mean()),
        error=calibration_error(labels, propensity),
        by_chance=sqrt(2 / pi) * float(spread.sum()),
        deviation=sqrt((1 - 2 / pi) * float(np.square(spread).sum())),
    )


def _shift(then: Population, found: Drift, many: tuple[float, float]) -> Shift:
    """Beside what chance makes of so many customers then and now."""
    bins = sum(share > 0.0 for share in then.shares)
    return Shift(found.name, found.index, max(0, bins - 1) * sum(1 / max(one, 1.0) for one in many))
