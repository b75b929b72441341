"""The customers: features that hang together, the traits behind them, consent and time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.demo.company.relationship import bond_columns, draw_bond, product_columns, value_columns
from engine.demo.company.service import billing_columns, care_columns, reckoned_columns
from engine.demo.company.traits import Flags, Floats, Texts, Traits, draw_traits, happens
from engine.demo.company.usage import handset_columns, usage_columns

Column = Floats | Flags | Texts


@dataclass(frozen=True, slots=True)
class Population:
    """Customers by row. `columns`: feature name -> shape (n,); NaN and "" are missing. `consent`: "channel:purpose"
    -> shape (n,). `traits` are what nobody knows of them."""

    ids: tuple[str, ...]
    columns: Mapping[str, Column]
    consent: Mapping[str, Flags]
    zones: Texts
    traits: Traits

    def __len__(self) -> int:
        return len(self.ids)

    def number(self, name: str, missing: float = 0.0) -> Floats:
        """A numeric or flag column as numbers, with `missing` in place of NaN."""
        values = np.asarray(self.columns[name], dtype=np.float64)
        return np.where(np.isnan(values), missing, values)


def draw_customers(count: int, seed: int) -> Population:
    """`count` customers. The same seed and count give the same customers."""
    rng = np.random.default_rng([seed, 1])
    traits = draw_traits(count, rng)
    bond = draw_bond(traits, rng)
    columns: dict[str, Column] = dict(bond_columns(traits, bond, rng))
    columns |= product_columns(traits, bond, rng)
    columns |= value_columns(bond, np.asarray(columns["has_fixed_line"], dtype=np.bool_), rng)
    columns |= usage_columns(traits, bond, np.asarray(columns["has_roaming_pack"], dtype=np.bool_), rng)
    columns |= handset_columns(traits, bond, rng)
    columns |= billing_columns(traits, bond, np.asarray(columns["roaming_cost_90d"], dtype=np.float64), rng)
    columns |= care_columns(traits, bond, rng)
    columns |= reckoned_columns(traits, bond, np.asarray(columns["calls_90d"], dtype=np.float64), rng)
    ids = tuple(f"c-{number:05d}" for number in range(count))
    zones = np.full(count, "Europe/Berlin", dtype="<U32")
    return Population(ids, columns, _consent(traits, columns, rng), zones, traits)


def _consent(traits: Traits, columns: Mapping[str, Column], rng: np.random.Generator) -> dict[str, Flags]:
    known = columns["relationship_type"] != "none"
    chinese = columns["preferred_language"] == "zh"
    marketing = known & happens(0.5 + 0.5 * traits.warmth, rng)
    service = known & happens(2.5 + 0.3 * traits.warmth, rng)
    return {
        "app_push:marketing": marketing & happens(0.8 + 0.4 * traits.curiosity, rng),
        "app_push:service": service,
        "sms:marketing": marketing & happens(0.2 - 0.2 * traits.curiosity, rng),
        "sms:service": service,
        "wechat_push:marketing": marketing & chinese,
        "wechat_push:service": service & chinese,
    }
