"""How customers use what they have: data, calls, journeys, the handset."""

from __future__ import annotations

import numpy as np

from engine.demo.company.relationship import Bond
from engine.demo.company.traits import Flags, Floats, Texts, Traits, happens, one_of, rounded, sigmoid

HANDSETS = ("ios", "android", "other")
PRICE_CLASSES = ("budget", "middle", "premium")


def usage_columns(traits: Traits, bond: Bond, packed: Flags, rng: np.random.Generator) -> dict[str, Floats]:
    """Data, calls and roaming; `packed` = has a roaming pack, so pays nothing extra abroad."""
    count = len(traits)
    known = ~bond.stranger
    seen = known.astype(np.float64)
    wanted = np.exp(2.1 + 0.8 * traits.hunger + 0.35 * rng.normal(size=count))
    included = np.maximum(bond.plan_data_gb, 1.0)
    used = np.where(known, np.minimum(wanted, 1.15 * included), 0.0)
    share = used / included
    abroad = np.where(known, rng.poisson(np.exp(0.4 + 0.9 * traits.wanderlust)), 0.0)
    charge = np.where(packed, 0.0, abroad * np.exp(rng.normal(0.6, 0.7, count)))
    return {
        "data_used_gb": rounded(used, 2),
        "data_used_share": np.round(share, 3),
        "data_trend": np.round(np.clip(rng.normal(0.05 + 0.12 * traits.hunger, 0.2), -1.0, 2.0) * seen, 3),
        "slowed_days_30d": rng.poisson(np.where(share > 0.95, 4.0, 0.05)).astype(np.float64) * seen,
        "streaming_share": np.round(sigmoid(-0.3 + 0.9 * traits.hunger + 0.4 * rng.normal(size=count)) * seen, 3),
        "voice_minutes_30d": np.round(np.exp(4.6 + 0.02 * (traits.years - 46.0) + rng.normal(0.0, 0.6, count)) * seen),
        "roaming_days_90d": np.minimum(abroad, 90.0),
        "roaming_cost_90d": rounded(charge, 2),
        "speed_mbps": np.where(known, np.round(np.exp(rng.normal(3.9, 0.7, count)), 1), np.nan),
        "dropped_calls_30d": rng.poisson(0.6, count).astype(np.float64) * seen,
    }


def handset_columns(traits: Traits, bond: Bond, rng: np.random.Generator) -> dict[str, Floats | Flags | Texts]:
    """The handset. Of strangers nothing is known of it."""
    count = len(traits)
    known = ~bond.stranger
    months = np.floor(np.minimum(rng.gamma(2.2, 9.0, count) * np.exp(-0.25 * traits.curiosity), 72.0))
    level = 0.7 * traits.means + 0.5 * traits.curiosity - 0.3 * traits.thrift
    classes = one_of(PRICE_CLASSES, np.column_stack([-1.2 * level, np.full(count, 0.4), 1.2 * level - 0.3]), rng)
    systems = one_of(HANDSETS, np.column_stack([0.5 * level, np.full(count, 0.5), np.full(count, -3.0)]), rng)
    owed = np.where((months < 24.0) & bond.contract & (rng.random(count) < 0.4), 24.0 - months, 0.0)
    return {
        "handset_age_months": np.where(known, months, np.nan),
        "handset_os": np.where(known, systems, "unknown"),
        "handset_price_class": np.where(known, classes, "unknown"),
        "handset_5g": known & happens(2.5 - months / 12.0 + 1.2 * (classes == "premium"), rng),
        "instalments_left": owed,
    }
