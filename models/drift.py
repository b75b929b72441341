"""Whether customers, scores and calibration are still those that the model learnt from.

Population stability index: sum over bins of (now - then) x ln(now / then), the shares of each bin kept at least
`LEAST_SHARE` so that an empty bin does not say infinity, and at least that of half a customer: of a hundred customers
a bin with one in forty is often empty by chance, which says no more than that. Below 0.1 nothing to speak of, above
0.25 another population: the bounds that credit scoring has used since the 1990s. Numbers are cut at ten quantiles of
then; what is missing is a bin of its own, and so is each value of a category.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.manifest import Input, InputType

QUANTILES = 10
LEAST_SHARE = 1e-4
NOTICED, ALARMING = 0.1, 0.25

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float32] | npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Population:
    """How one column was spread: inner `edges` of its bins (numbers; a value on an edge is above it), or a bin per code
    (`edges` None), and the `shares` of the bins, what is missing last, summing to 1."""

    edges: tuple[float, ...] | None
    shares: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """As a manifest keeps it."""
        return {"edges": None if self.edges is None else list(self.edges), "shares": list(self.shares)}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Population:
        """Raises KeyError or TypeError where it is none."""
        edges = said["edges"]
        return cls(None if edges is None else tuple(map(float, edges)), tuple(map(float, said["shares"])))

    def counts(self, column: Numbers) -> Floats:
        """How many of a column (n,) fall into each bin, missing last."""
        missing = np.isnan(column)
        known = column[~missing]
        if self.edges is None:
            codes = np.clip(known, 0, len(self.shares) - 2).astype(np.intp)
        else:
            codes = np.searchsorted(np.asarray(self.edges, dtype=column.dtype), known, side="right")
        found = np.bincount(codes, minlength=len(self.shares) - 1).astype(np.float64)
        return np.append(found, float(missing.sum()))


@dataclass(frozen=True, slots=True)
class Drift:
    """How far one column has moved: its index, and the rows that tell."""

    name: str
    index: float
    rows: int

    @property
    def alarming(self) -> bool:
        return self.index > ALARMING


def effective_customers(customers: Indexes) -> float:
    """How many customers with equally many rows tell as much as these (n,), n > 0: n^2 / sum of squares of each one's
    rows (Kish 1965). A customer's rows are alike, so a thousand rows of ten people are ten people."""
    rows = np.unique(customers, return_counts=True)[1].astype(np.float64)
    return float(rows.sum() ** 2 / np.square(rows).sum())


def population(column: Numbers, categories: int = 0) -> Population:
    """The spread of a column (n,), n > 0: ten quantiles of a number, or a bin for each of so many categories."""
    edges = None if categories else _edges(column)
    bins = categories if edges is None else len(edges) + 1
    empty = Population(edges, (0.0,) * (bins + 1))
    return Population(edges, tuple((empty.counts(column) / len(column)).tolist()))


def populations(inputs: Sequence[Input], rows: Rows) -> dict[str, Population]:
    """The spread of every input's column in `rows` (n, len(inputs)), by the inputs' names."""
    return {
        one.name: population(rows[:, place], len(one.values) if one.type is InputType.CATEGORY else 0)
        for place, one in enumerate(inputs)
    }


def drift(name: str, then: Population, column: Numbers, customers: float | None = None) -> Drift:
    """How far a column (n,) now lies from what it was; it tells as much as so many `customers` with one row each, None
    = n."""
    if not len(column):
        return Drift(name, 0.0, 0)
    people = len(column) if customers is None else customers
    now = then.counts(column) / len(column)
    return Drift(name, stability_index(then.shares, now, max(LEAST_SHARE, 0.5 / people)), len(column))


def stability_index(then: Sequence[float], now: Sequence[float] | Floats, least: float = LEAST_SHARE) -> float:
    """The population stability index of two lists of shares of the same bins, each taken as `least` at least."""
    before = np.maximum(np.asarray(then, dtype=np.float64), least)
    after = np.maximum(np.asarray(now, dtype=np.float64), least)
    return float(((after - before) * np.log(after / before)).sum())


def _edges(column: Numbers) -> tuple[float, ...]:
    known = column[~np.isnan(column)]
    if not len(known):
        return ()
    cuts = np.quantile(known, np.arange(1, QUANTILES) / QUANTILES, method="higher")
    return tuple(float(cut) for cut in np.unique(cuts) if cut > known.min())
