"""What is counted of whom: one row for each customer, month and comparison group, with sums of all that followed.

A customer is dealt into a group for a month, so that is the unit. Outcomes count for the month of their decision,
whenever they came; purchases and other events for the month in which they happened, from the customer's first decision
in it on, since they come in all groups alike, also where nothing was offered.
"""

from __future__ import annotations

import polars as pl

from engine.experiment import month_of
from engine.report.gathering import Gathered
from engine.report.rows import Tables
from engine.report.terms import DAY, Terms
from rules.event_types import PURCHASE

UNIT = ["customer", "month", "group"]
COUNTED = (
    "decisions", "contacts", "successes", "accepting", "revenue", "worth", "cost", "ratings", "stars", "complaints",
    "referrals",
)  # fmt: skip
"""Sums that outcomes and proposals give."""
PASSIVE = ("NO_RESPONSE", "IMPRESSION")
"""Outcomes that say nothing of what the customer did."""


def decided(tables: Tables, terms: Terms) -> pl.DataFrame:
    """The decisions with the sums of what they proposed and of what came of it."""
    return (
        tables.decisions.join(_proposed(proposals(tables)), on="decision", how="left")
        .join(_told(tables.outcomes, terms), on="decision", how="left")
        .with_columns(pl.lit(1).alias("decisions"))
        .with_columns(pl.col(name).fill_null(0).cast(pl.Float64) for name in COUNTED)
    )


def proposals(tables: Tables) -> pl.DataFrame:
    """The offers, messages and questions that were proposed: `success`, `revenue` of each, and `brought`, its gain
    where it succeeded."""
    told = tables.outcomes.group_by("decision", "action").agg(pl.col("success").any(), pl.col("revenue").sum())
    return (
        tables.picks.filter("contact")
        .join(told, on=["decision", "action"], how="left")
        .with_columns(pl.col("success").fill_null(value=False).cast(pl.Float64), pl.col("revenue").fill_null(0.0))
        .with_columns((pl.col("success") * pl.col("gain")).alias("brought"))
    )


def units(found: Gathered, terms: Terms) -> pl.DataFrame:
    """One row a unit: the sums, `units` 1, what was bought, whether the customer is still active where that can be
    told, and the tier of the unit's first decision."""
    rows = decided(found.tables, terms).sort("at")
    sums = [pl.col(name).sum() for name in COUNTED if name != "accepting"]
    made = rows.group_by(UNIT, maintain_order=True).agg(
        pl.col("at").first(), pl.col("tier").first(), pl.col("accepting").max(), *sums
    )
    return (
        made.with_columns(pl.lit(1.0).alias("units"))
        .join(_happened(found.tables.events, made, terms), on=UNIT, how="left")
        .with_columns(pl.col("purchases").fill_null(0.0), pl.col("referred").fill_null(0.0))
        .with_columns((pl.col("referrals") + pl.col("referred")).alias("referrals"))
        .join(_active(found, terms), on="customer", how="left")
        .with_columns(_watched(found, terms).cast(pl.Float64).alias("watched"))
        .with_columns((pl.col("active").fill_null(0.0) * pl.col("watched")).alias("active"))
    )


def _proposed(contacts: pl.DataFrame) -> pl.DataFrame:
    return contacts.group_by("decision").agg(
        pl.len().alias("contacts"),
        pl.col("success").sum().alias("successes"),
        pl.col("success").max().alias("accepting"),
        pl.col("brought").sum().alias("worth"),
        pl.col("cost").sum(),
    )


def _told(outcomes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    return outcomes.group_by("decision").agg(
        pl.col("revenue").sum(),
        pl.col("rating").count().alias("ratings"),
        pl.col("rating").sum().alias("stars"),
        (pl.col("type") == "COMPLAINT").sum().alias("complaints"),
        pl.col("type").is_in(list(terms.referrals)).sum().alias("referrals"),
    )


def _happened(events: pl.DataFrame, made: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    months = [month_of(at) for at in events["at"].to_list()]
    dated = events.with_columns(pl.Series("month", months, dtype=pl.String))
    both = dated.join(made.select(*UNIT, pl.col("at").alias("from")), on=["customer", "month"])
    return (
        both.filter(pl.col("at") >= pl.col("from"))
        .group_by(UNIT)
        .agg(
            pl.col("amount").filter(pl.col("type") == PURCHASE).sum().alias("purchases"),
            pl.col("type").is_in(list(terms.referrals)).sum().cast(pl.Float64).alias("referred"),
        )
    )


def _watched(found: Gathered, terms: Terms) -> pl.Expr:
    """Whether it can be told of a unit that the customer is still active."""
    if terms.retained is not None:
        return pl.lit(value=True)
    return pl.col("at") <= found.newest - terms.active_days * DAY


def _active(found: Gathered, terms: Terms) -> pl.DataFrame:
    """By customer: 1 where still active, 0 where not."""
    if terms.retained is not None:
        names = pl.Series("name", found.tables.names, dtype=pl.String)
        retained = names.is_in(list(terms.retained)).cast(pl.Float64)
        return pl.DataFrame(
            {"customer": range(len(names)), "active": retained}, schema_overrides={"customer": pl.Int64}
        )
    did, churned = _did(found.tables), _churned(found.tables, terms)
    since = found.newest - terms.active_days * DAY
    here = did.group_by("customer").agg((pl.col("at").max() > since).cast(pl.Float64).alias("active"))
    return here.with_columns(
        pl.when(pl.col("customer").is_in(churned.implode())).then(0.0).otherwise("active").alias("active")
    )


def _did(tables: Tables) -> pl.DataFrame:
    """When a customer did something: came, answered, or an event of theirs."""
    came = tables.decisions.filter("inbound").select("customer", "at")
    answered = tables.outcomes.filter(~pl.col("type").is_in(PASSIVE)).select("decision", "at")
    owners = tables.decisions.select("decision", "customer")
    return pl.concat(
        [
            came,
            answered.join(owners, on="decision").select("customer", "at"),
            tables.events.filter("own").select("customer", "at"),
        ]
    )


def _churned(tables: Tables, terms: Terms) -> pl.Series:
    owners = tables.decisions.select("decision", "customer")
    told = tables.outcomes.filter(pl.col("type").is_in(list(terms.churn))).join(owners, on="decision")["customer"]
    return pl.concat([told, tables.events.filter(pl.col("type").is_in(list(terms.churn)))["customer"]])
