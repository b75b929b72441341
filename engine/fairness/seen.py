"""What each customer got, one row a customer: the table that fairness is measured on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from engine.decision import Value
from models.features import Feature, FeatureSchema, FeatureType
from rules.policy import Kind, Policy

CUSTOMER, TIER, SERVICE, OFFERS = "customer_id", "tier", "service", "offers"
NOT_KNOWN = "not known"
_TYPES: Mapping[str, pl.DataType] = {
    CUSTOMER: pl.String(), TIER: pl.String(), SERVICE: pl.String(), OFFERS: pl.List(pl.String()),
}  # fmt: skip


@dataclass(slots=True)
class Got:
    """What one customer got, by the newest decision that tells each: None where none does. `offers` are ids."""

    tier: str | None = None
    service: str | None = None
    offers: tuple[str, ...] | None = None
    groups: dict[str, Value] = field(default_factory=dict)

    def add(self, older: Got) -> None:
        """Fill in what an older decision tells."""
        self.tier = older.tier if self.tier is None else self.tier
        self.service = older.service if self.service is None else self.service
        self.offers = older.offers if self.offers is None else self.offers
        self.groups = {**older.groups, **self.groups}


@dataclass(frozen=True, slots=True)
class Places:
    """Which placements of a channel serve and which take offers; `channel` "" = any of that name."""

    serving: frozenset[tuple[str, str]]
    offering: frozenset[tuple[str, str]]

    @staticmethod
    def of(policy: Policy) -> Places:
        named = [
            (name, placement.name, placement.kinds)
            for channel in policy.channels.values()
            for placement in channel.placements.values()
            for name in ("", channel.name)
        ]
        return Places(
            frozenset((channel, name) for channel, name, kinds in named if Kind.SERVICE_LEVEL in kinds),
            frozenset((channel, name) for channel, name, kinds in named if Kind.OFFER in kinds),
        )

    def got(self, tier: str, channel: str, filled: Mapping[str, Sequence[tuple[str, str]]]) -> Got:
        """What a decision gave: `filled` has (action, kind) by placement, in the order of ranks."""
        levels: list[str] = []
        offers: list[str] = []
        offered = False
        for placement, actions in filled.items():
            offered = offered or (channel, placement) in self.offering
            levels += [action for action, kind in actions if kind == Kind.SERVICE_LEVEL][:1]
            offers += [action for action, kind in actions if kind == Kind.OFFER]
        return Got(tier, levels[0] if levels else None, tuple(offers) if offered else None)


def protected(schema: FeatureSchema) -> tuple[Feature, ...]:
    """The features that fairness is asked about."""
    return tuple(one for one in schema.features if one.protected)


def table(got: Mapping[str, Got], features: Iterable[Feature], bands: Mapping[str, Sequence[float]]) -> pl.DataFrame:
    """One row a customer: what they got, and a column of group names for every feature."""
    columns: dict[str, list[str] | list[str | None] | list[list[str] | None]] = {
        CUSTOMER: list(got),
        TIER: [one.tier for one in got.values()],
        SERVICE: [one.service for one in got.values()],
        OFFERS: [None if one.offers is None else list(one.offers) for one in got.values()],
    }
    for feature in features:
        values = [one.groups.get(feature.name) for one in got.values()]
        columns[f"group:{feature.name}"] = _groups(feature, values, bands.get(feature.name))
    return pl.DataFrame(columns, schema_overrides=_TYPES)


def _groups(feature: Feature, values: Sequence[Value | None], edges: Sequence[float] | None) -> list[str]:
    if feature.type is FeatureType.FLAG:
        return [NOT_KNOWN if one is None else "yes" if one else "no" for one in values]
    if feature.type is FeatureType.CATEGORY:
        return [NOT_KNOWN if one is None else str(one) for one in values]
    numbers = [float(one) for one in values if one is not None]
    edges = _quartiles(numbers) if edges is None else edges
    return [NOT_KNOWN if one is None else _band(float(one), edges) for one in values]


def _quartiles(numbers: Sequence[float]) -> tuple[float, ...]:
    """The three values that part the numbers into quarters, as far as they differ."""
    ordered = sorted(numbers)
    at = (ordered[len(ordered) * quarter // 4] for quarter in (1, 2, 3)) if ordered else ()
    return tuple(dict.fromkeys(edge for edge in at if edge > ordered[0]))


def _band(value: float, edges: Sequence[float]) -> str:
    """The band that a number falls into: below the first edge, from one edge up to the next, from the last one on."""
    below = [edge for edge in edges if edge <= value]
    above = [edge for edge in edges if edge > value]
    if not below:
        return f"below {above[0]:g}" if above else "all"
    return f"{below[-1]:g} to below {above[0]:g}" if above else f"{below[-1]:g} and above"
