"""The customers: features that hang together, the traits behind them, consent and time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.demo.company.draws import Column, Flags, Floats, Texts
from engine.demo.company.sketch import Sketch, drawn, flags


@dataclass(frozen=True, slots=True)
class Population:
    """Customers by row. `columns`: feature name -> shape (n,); NaN and "" are missing. `consent`: "channel:purpose"
    -> shape (n,). `traits` are what nobody knows of them."""

    ids: tuple[str, ...]
    columns: Mapping[str, Column]
    consent: Mapping[str, Flags]
    zones: Texts
    traits: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def everything(self) -> dict[str, Column]:
        """Traits and features by name."""
        return {**self.traits, **self.columns}

    def number(self, name: str, missing: float = 0.0) -> Floats:
        """A numeric or flag column as numbers, with `missing` in place of NaN."""
        values = np.asarray(self.columns[name], dtype=np.float64)
        return np.where(np.isnan(values), missing, values)


def draw_customers(sketch: Sketch, count: int, seed: int) -> Population:
    """`count` customers. The same sketch, seed and count give the same customers."""
    traits = drawn(sketch.traits, {}, (seed, 1), count)
    columns = drawn(sketch.features, traits, (seed, 2), count)
    consent = drawn(sketch.consent, {**traits, **columns}, (seed, 3), count)
    ids = tuple(f"c-{number:05d}" for number in range(count))
    zones = np.full(count, sketch.zone, dtype="<U32")
    return Population(ids, columns, {name: flags(given) for name, given in consent.items()}, zones, traits)
