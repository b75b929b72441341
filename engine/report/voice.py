"""The voice of the customer: why offers are rejected, what is complained of, what is asked for and not there, and what
was not known when it was needed - each with the money behind it, the most first.

- a rejection: what an acceptance would have been worth, by the policy's values then; what an agent did not even offer
  is no rejection
- a complaint, a request: what the customers behind it are worth, by the policy's own feature (`tiers: direction: now`)
  as last logged, else what they spent in the log; each customer counts once
- a gap: see gaps.py
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from engine.report.agents import NO_REASON
from engine.report.gaps import Gap
from engine.report.gathering import NOTHING_FOUND, Gathered
from engine.report.terms import Terms
from engine.snapshot import Snapshot
from rules.event_types import ASK_ANSWERED, PURCHASE


class Heard(StrEnum):
    REJECTION = "rejection"
    COMPLAINT = "complaint"
    REQUEST = "request"
    ANSWER = "answer"
    GAP = "gap"


_FOR = {
    Heard.REJECTION: "product",
    Heard.COMPLAINT: "quality",
    Heard.REQUEST: "product",
    Heard.ANSWER: "product",
    Heard.GAP: "quality",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that customers say. `subject` is what, `about` the action, product or rule that it is said of, `group`
    its group of products; `channels` where, the most frequent first; `first` and `last` seconds, None of gaps."""

    kind: Heard
    subject: str
    about: str
    group: str
    times: int
    customers: int
    money: float
    channels: tuple[str, ...] = ()
    first: float | None = None
    last: float | None = None

    @property
    def for_whom(self) -> str:
        """Who should hear it."""
        return _FOR[self.kind]


def voice(found: Gathered, snapshot: Snapshot, terms: Terms) -> tuple[Said, ...]:
    """All that customers say, the most money first."""
    worth = _worth(found)
    said = [
        *_rejections(found),
        *_told(found, Heard.COMPLAINT, frozenset({"COMPLAINT"}), worth),
        *_told(found, Heard.REQUEST, terms.requests, worth),
        *_events(found, Heard.REQUEST, terms.requests | {NOTHING_FOUND}, worth),
        *_events(found, Heard.ANSWER, frozenset({ASK_ANSWERED}), worth),
        *map(_of_gap, found.gaps.found(snapshot)),
    ]
    return tuple(sorted(said, key=lambda one: (-one.money, -one.times, one.kind, one.subject, one.about)))


def _worth(found: Gathered) -> pl.DataFrame:
    """By customer: the policy's own feature as last logged, else what was spent in the log."""
    tables = found.tables
    logged = tables.decisions.sort("at").group_by("customer").agg(pl.col("customer_worth").drop_nulls().last())
    owners = tables.decisions.select("decision", "customer")
    spent = pl.concat(
        [
            tables.outcomes.join(owners, on="decision").select("customer", pl.col("revenue").alias("spent")),
            tables.events.filter(pl.col("type") == PURCHASE).select("customer", pl.col("amount").alias("spent")),
        ]
    )
    both = logged.join(spent.group_by("customer").agg(pl.col("spent").sum()), on="customer", how="full", coalesce=True)
    return both.select("customer", pl.coalesce("customer_worth", "spent", pl.lit(0.0)).alias("worth"))


def _rejections(found: Gathered) -> Iterator[Said]:
    tables = found.tables
    gains = tables.picks.group_by("decision", "action").agg(pl.col("gain").first(), pl.col("about").first())
    rows = (
        tables.outcomes.filter((pl.col("type") == "REJECTED") & (pl.col("instead") == ""))
        .unique(["decision", "action"], maintain_order=True)
        .join(gains, on=["decision", "action"], how="left")
        .join(tables.decisions.select("decision", "customer", "channel"), on="decision")
        .with_columns(pl.col("reason").replace("", NO_REASON), pl.col("gain").fill_null(0.0))
    )
    counted = _counted(rows, ["reason", "action"], pl.col("gain").sum())
    yield from (_said(Heard.REJECTION, row, "reason", "action") for row in counted)


def _told(found: Gathered, kind: Heard, types: frozenset[str], worth: pl.DataFrame) -> Iterator[Said]:
    tables = found.tables
    groups = tables.picks.select("action", "about").unique("action")
    rows = (
        tables.outcomes.filter(pl.col("type").is_in(list(types)))
        .join(tables.decisions.select("decision", "customer", "channel"), on="decision")
        .join(groups, on="action", how="left")
        .with_columns(pl.when(pl.col("reason") == "").then("type").otherwise("reason").alias("reason"))
        .join(worth, on="customer", how="left")
    )
    counted = _counted(rows, ["reason", "action"], _once())
    yield from (_said(kind, row, "reason", "action") for row in counted)


def _events(found: Gathered, kind: Heard, types: frozenset[str], worth: pl.DataFrame) -> Iterator[Said]:
    rows = found.tables.events.filter(pl.col("type").is_in(list(types))).join(worth, on="customer", how="left")
    shaped = rows.with_columns(pl.lit("").alias("channel"), pl.lit("").alias("about"))
    counted = _counted(shaped, ["subject", "type"], _once())
    yield from (_said(kind, row, "subject", "type") for row in counted)


def _once() -> pl.Expr:
    """The worth of all customers, each once."""
    return pl.col("worth").fill_null(0.0).filter(pl.col("customer").is_first_distinct()).sum()


def _counted(rows: pl.DataFrame, by: list[str], money: pl.Expr) -> Iterator[dict[str, Any]]:
    channels = pl.col("channel").filter(pl.col("channel") != "").value_counts(sort=True).alias("channels")
    counted = rows.group_by(by).agg(
        pl.len().alias("times"),
        pl.col("customer").n_unique().alias("customers"),
        money.alias("money"),
        pl.col("about").first().fill_null("").alias("of"),
        pl.col("at").min().alias("first"),
        pl.col("at").max().alias("last"),
        channels,
    )
    yield from counted.iter_rows(named=True)


def _said(kind: Heard, row: dict[str, Any], subject: str, about: str) -> Said:
    where = tuple(one["channel"] for one in row["channels"])
    named = (row[subject], row[about], row["of"])
    return Said(kind, *named, row["times"], row["customers"], float(row["money"]), where, row["first"], row["last"])


def _of_gap(gap: Gap) -> Said:
    subject = f"{gap.missing} is not known" if gap.missing else "something that an earlier policy read is not known"
    about = ", ".join(gap.rules)
    return Said(Heard.GAP, subject, about, ", ".join(gap.actions[:3]), gap.decisions, gap.customers, gap.money)
