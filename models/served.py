"""What of a bundle is served: every customer's own propensities, or a table where more than that is noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

EVERYONE = "*"
"""The row of the table for tiers that it does not have."""

Floats = npt.NDArray[np.float64]


class Level(StrEnum):
    """How personal: one ranking for all, a table by tier, or the model. From simplest to most personal."""

    ONE = "one"
    TIERS = "tiers"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Served:
    """`rates` of success by tier (or EVERYONE) and action id; empty where the model is served."""

    level: Level = Level.FULL
    rates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def table(self, tiers: Sequence[str], ids: Sequence[str]) -> Floats:
        """The rates for tiers x actions, (len(tiers), len(ids)), NaN for actions that the table does not have."""
        everyone = self.rates.get(EVERYONE, {})
        rows = [{**everyone, **self.rates.get(tier, {})} for tier in tiers]
        return np.array([[row.get(action, np.nan) for action in ids] for row in rows]).reshape(len(tiers), len(ids))

    def to_json(self) -> dict[str, Any]:
        """As a manifest keeps it."""
        return {"level": self.level.value, "rates": {tier: dict(row) for tier, row in self.rates.items()}}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Served:
        """Raises ValueError, KeyError, TypeError or AttributeError where it is none."""
        rates = {str(tier): {str(a): _rate(rate) for a, rate in row.items()} for tier, row in said["rates"].items()}
        found = cls(Level(said["level"]), rates)
        if (found.level is not Level.FULL) != (EVERYONE in rates):
            raise ValueError("a table is served where there is one, and only there")
        return found


def _rate(said: Any) -> float:
    rate = float(said)
    if not 0.0 <= rate <= 1.0:
        raise ValueError(f"a rate of {rate} is none")
    return rate
