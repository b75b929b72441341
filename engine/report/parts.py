"""The same comparison by tier, by channel and by action."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from engine.report.dealt import BEFIT
from engine.report.gathering import Gathered
from engine.report.groups import Group, pairs
from engine.report.measures import CONTACTS, CONVERSION, COST, PURCHASES, REVENUE, WORTH, Measure, measured, money_of
from engine.report.terms import Terms
from engine.report.units import COUNTED, UNIT, decided, proposals
from engine.report.verdict import Against, Pace
from models.clustered import Clustered

TIER, CHANNEL, ACTION = "tier", "channel", "action"


@dataclass(frozen=True, slots=True)
class Part:
    """One tier, channel or action: Befit by itself, and against the groups, by their ids. `units` are customers and
    months, of an action its contacts; `money` what they brought, `cost` what they cost."""

    dimension: str
    name: str
    units: int
    customers: int
    conversion: Clustered | None
    money: float
    cost: float
    money_says: str
    against: tuple[tuple[str, tuple[Against, ...]], ...]

    @property
    def return_on_cost(self) -> float | None:
        """What came back for each unit of money spent; None where nothing was spent."""
        return self.money / self.cost if self.cost > 0.0 else None


def parts(found: Gathered, rows: pl.DataFrame, groups: Sequence[Group], terms: Terms, pace: Pace) -> tuple[Part, ...]:
    """All parts, those with most units first in their dimension."""
    made = decided(found.tables, terms)
    by_channel = _per_channel(made)
    tables = ((TIER, rows), (CHANNEL, by_channel), (ACTION, _per_action(found, made)))
    others = [one.id for one in groups if one.id != BEFIT and one.units]
    return tuple(part for dimension, table in tables for part in _of(dimension, table, others, pace))


def _per_channel(made: pl.DataFrame) -> pl.DataFrame:
    """Units by channel: with what decisions brought, since a purchase does not tell of which channel it is."""
    sums = [pl.col(name).sum() for name in COUNTED if name != "accepting"]
    rows = made.group_by([*UNIT, CHANNEL], maintain_order=True).agg(pl.col("accepting").max(), *sums)
    return rows.with_columns(pl.lit(1.0).alias("units"), pl.lit(0.0).alias("purchases"))


def _per_action(found: Gathered, made: pl.DataFrame) -> pl.DataFrame:
    """One row a contact, which is its own unit."""
    owners = made.select("decision", "customer", "group")
    rows = proposals(found.tables).join(owners, on="decision")
    return rows.with_columns(
        pl.col("success").alias("successes"),
        pl.col("brought").alias("worth"),
        pl.lit(1.0).alias("contacts"),
        pl.lit(1.0).alias("units"),
        pl.lit(0.0).alias("purchases"),
    )


def _of(dimension: str, table: pl.DataFrame, others: Sequence[str], pace: Pace) -> Iterator[Part]:
    money = money_of(table)
    sizes = table.group_by(dimension).agg(pl.len().alias("n")).sort(["n", dimension], descending=[True, False])
    for name in sizes[dimension].to_list():
        mine = table.filter(pl.col(dimension) == name)
        test = mine.filter(pl.col("group") == BEFIT)
        measures = (CONVERSION, money, COST) if dimension == ACTION else (CONVERSION, money, COST, CONTACTS)
        controls = ((other, mine.filter(pl.col("group") == other)) for other in others)
        told = tuple((other, pairs(test, control, measures, pace)) for other, control in controls)
        yield _part(dimension, name, test, money, tuple(one for one in told if one[1]))


def _part(
    dimension: str, name: str, test: pl.DataFrame, money: Measure, told: tuple[tuple[str, tuple[Against, ...]], ...]
) -> Part:
    says = {PURCHASES.name: "purchases", REVENUE.name: "revenue", WORTH.name: "worth of what was accepted"}[money.name]
    return Part(
        dimension,
        name,
        len(test),
        test["customer"].n_unique(),
        measured(test, CONVERSION),
        float(test[money.amount].sum()),
        float(test[COST.amount].sum()),
        says,
        told,
    )
