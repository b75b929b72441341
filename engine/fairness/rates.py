"""Rates by group, and how far a group's is from that of the group that does best.

    interval of a rate    Wilson's, 95 %
    ratio                 a group's rate / that of the group that does best: whose interval begins highest, among those
                          of at least LEAST_CUSTOMERS customers, so that a small group's luck is no yardstick
    interval of a ratio   exp(ln ratio +- z x sqrt((1 - p1) / (n1 p1) + (1 - p2) / (n2 p2)))   (Katz et al. 1978),
                          half a customer added to each count where one of them is 0

A ratio is marked as a disparity where it is below the bar (four fifths, unless said otherwise) and its interval stays
below 1 although many ratios are looked at: z is that of 95 % for all comparisons together (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import polars as pl

from engine.fairness.seen import NOT_KNOWN, OFFERS, SERVICE, TIER
from rules.policy import Kind, Policy

LEAST_CUSTOMERS = 30
"""Below it a group is told, but compared with no other."""
FOUR_FIFTHS = 0.8
_ALPHA = 0.05
_Z = NormalDist().inv_cdf(1 - _ALPHA / 2)


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that one would rather have: which customers it can be told of, and which have it."""

    name: str
    told: pl.Expr
    has: pl.Expr


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of a group's customers have something; `low` and `high` bound the rate. Against the group that does
    `best` the ratio and its bounds, None where there are too few to compare."""

    feature: str
    group: str
    measure: str
    customers: int
    having: int
    rate: float
    low: float
    high: float
    best: str = ""
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    disparity: bool = False


def measures(policy: Policy, offers: Sequence[str]) -> Iterator[Measure]:
    """What is better to have than not: a tier or a higher one, a service level above the standing one, an offer."""
    for index, tier in enumerate(policy.tiers[:-1]):
        upto = [one.name for one in policy.tiers[: index + 1]]
        yield Measure(f"tier {tier.name} or higher", pl.col(TIER).is_not_null(), pl.col(TIER).is_in(upto))
    placements = [one for channel in policy.channels.values() for one in channel.placements.values()]
    fallbacks = {one.fallback for one in placements}
    for action in policy.actions:
        if action.kind is Kind.SERVICE_LEVEL and action.id not in fallbacks:
            yield Measure(f"service {action.id}", pl.col(SERVICE).is_not_null(), pl.col(SERVICE) == action.id)
    told = pl.col(OFFERS).is_not_null()
    yield Measure("any offer", told, pl.col(OFFERS).list.len() > 0)
    for offer in offers:
        yield Measure(f"offer {offer}", told, pl.col(OFFERS).list.contains(offer))


def rates(seen: pl.DataFrame, policy: Policy, least: float = FOUR_FIFTHS) -> tuple[Rate, ...]:
    """Every measure that anyone has, for every group of every feature; `least` is the bar below which a ratio may be a
    disparity."""
    offers = seen[OFFERS].explode().drop_nulls().unique().sort().to_list()
    features = [name for name in seen.columns if name.startswith("group:")]
    found: list[list[Rate]] = []
    for feature in features:
        counted = (_of(seen, feature, measure) for measure in measures(policy, offers))
        found += [group for group in counted if any(one.having for one in group)]
    compared = sum(max(0, len([one for one in group if _counts(one)]) - 1) for group in found)
    z = NormalDist().inv_cdf(1 - _ALPHA / (2 * max(1, compared)))
    return tuple(rate for group in found for rate in _compared(group, z, least))


def wilson(having: int, customers: int, z: float = _Z) -> tuple[float, float]:
    """The bounds of a rate: the two that its interval would just reach. (0, 1) of no customers."""
    if not customers:
        return 0.0, 1.0
    rate, shrunk = having / customers, 1 + z * z / customers
    middle = (rate + z * z / (2 * customers)) / shrunk
    half = z * math.sqrt(rate * (1 - rate) / customers + z * z / (4 * customers * customers)) / shrunk
    return max(0.0, middle - half), min(1.0, middle + half)


def ratio_of(one: Rate, best: Rate, z: float) -> tuple[float, float, float]:
    """A group's rate over the best one's, and its bounds."""
    half = 0.5 if not one.having or not best.having else 0.0
    mine, theirs = (one.having + half) / (one.customers + half), (best.having + half) / (best.customers + half)
    spread = z * math.sqrt((1 - mine) / (one.having + half) + (1 - theirs) / (best.having + half))
    return one.rate / best.rate, mine / theirs * math.exp(-spread), mine / theirs * math.exp(spread)


def _of(seen: pl.DataFrame, feature: str, measure: Measure) -> list[Rate]:
    told = seen.filter(measure.told)
    counted = told.group_by(feature).agg(pl.len().alias("n"), measure.has.sum().alias("k")).sort(feature)
    rows: Iterator[Mapping[str, int | str]] = counted.iter_rows(named=True)
    name = feature.removeprefix("group:")
    return [_rate(name, str(row[feature]), measure.name, (int(row["n"]), int(row["k"]))) for row in rows]


def _rate(feature: str, group: str, measure: str, counted: tuple[int, int]) -> Rate:
    customers, having = counted
    low, high = wilson(having, customers)
    return Rate(feature, group, measure, customers, having, having / customers, low, high)


def _counts(one: Rate) -> bool:
    return one.customers >= LEAST_CUSTOMERS and one.group != NOT_KNOWN


def _compared(group: Sequence[Rate], z: float, least: float) -> Iterator[Rate]:
    best = max((one for one in group if _counts(one)), key=lambda one: one.low, default=None)
    for one in group:
        if best is None or not best.having or one is best or not _counts(one):
            yield replace(one, best=best.group if best is not None and best.having else "")
            continue
        ratio, low, high = ratio_of(one, best, z)
        marked = ratio < least and high < 1.0
        yield replace(one, best=best.group, ratio=ratio, ratio_low=low, ratio_high=high, disparity=marked)
