"""The voice of the customer: why offers are rejected, what is complained of, what is asked for and not there, what is
answered, and what was not known when it was needed.

All of it is ranked by one figure, `money`: what the customers who say it are worth, each once, by the policy's own
feature (`tiers: direction: now`, where its unit is the policy's currency) as last logged, else by what they spent in
the log. Rejections and gaps also tell what was `missed`: what acceptances would have been worth, by the policy's values
then (what an agent did not even offer is no rejection); see gaps.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
_NAMED = 3
"""Of so many actions it is told that something was said of them."""
_SHAPE = ("kind", "subject", "key", "about", "group", "customer", "at", "channel", "missed")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that customers say. `subject` is what, `about` the actions, product or rule that it is said of, `group`
    its group of products; `money` what those who say it are worth, each once, `missed` what it kept from being earned,
    None where that cannot be told; `channels` where, the most frequent first; `first` and `last` seconds, None of
    gaps."""

    kind: Heard
    subject: str
    about: str
    group: str
    times: int
    customers: int
    money: float
    missed: float | None = None
    channels: tuple[str, ...] = ()
    first: float | None = None
    last: float | None = None

    @property
    def for_whom(self) -> str:
        """Who should hear it."""
        return _FOR[self.kind]


@dataclass(frozen=True, slots=True)
class Voice:
    """All that customers say, the most money first; `kinds` sums it up, where a customer who says several things counts
    once."""

    said: tuple[Said, ...]
    kinds: Mapping[Heard, Said]


def voice(found: Gathered, snapshot: Snapshot, terms: Terms) -> Voice:
    """Count and rank it."""
    worth = _worth(found)
    rows = _rows(found, terms).join(worth, on="customer", how="left").with_columns(pl.col("worth").fill_null(0.0))
    gaps = found.gaps.found(snapshot)
    values = dict(worth.iter_rows())
    said = [*_counted(rows, ["kind", "subject", "key"]), *(_of_gap(one, values) for one in gaps)]
    kinds = {one.kind: one for one in _counted(rows.with_columns(subject=pl.lit(""), key=pl.lit("")), ["kind"])}
    if gaps:
        kinds[Heard.GAP] = _all_gaps(gaps, values)
    ranked = sorted(
        said, key=lambda one: (-one.money, -(one.missed or 0.0), -one.times, one.kind, one.subject, one.about)
    )
    return Voice(tuple(ranked), kinds)


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


def _rows(found: Gathered, terms: Terms) -> pl.DataFrame:
    """One row for each time that something was said; `key` keeps apart what is told of each action by itself."""
    tables = found.tables
    gains = tables.picks.group_by("decision", "action").agg(pl.col("gain").first(), pl.col("about").first())
    told = (
        tables.outcomes.join(gains, on=["decision", "action"], how="left")
        .join(tables.decisions.select("decision", "customer", "channel"), on="decision")
        .with_columns(pl.col("about").fill_null("").alias("group"), pl.col("action").alias("about"))
    )
    rejected = told.filter((pl.col("type") == "REJECTED") & (pl.col("instead") == "")).unique(
        ["decision", "action"], maintain_order=True
    )
    kinds = ((Heard.COMPLAINT, frozenset({"COMPLAINT"})), (Heard.REQUEST, terms.requests))
    happened = ((Heard.REQUEST, terms.requests | {NOTHING_FOUND}), (Heard.ANSWER, frozenset({ASK_ANSWERED})))
    return pl.concat(
        [
            _shaped(rejected, Heard.REJECTION, pl.col("reason").replace("", NO_REASON), pl.col("about")),
            *(
                _shaped(told.filter(pl.col("type").is_in(list(types))), kind, _reason_or_type(), pl.lit(""))
                for kind, types in kinds
            ),
            *(_shaped(_of_events(tables.events, types), kind, pl.col("subject"), pl.col("about"))
              for kind, types in happened),
        ]
    )  # fmt: skip


def _reason_or_type() -> pl.Expr:
    return pl.when(pl.col("reason") == "").then("type").otherwise("reason")


def _of_events(events: pl.DataFrame, types: frozenset[str]) -> pl.DataFrame:
    mine = events.filter(pl.col("type").is_in(list(types)))
    return mine.with_columns(group=pl.lit(""), channel=pl.lit(""))


def _shaped(rows: pl.DataFrame, kind: Heard, subject: pl.Expr, key: pl.Expr) -> pl.DataFrame:
    missed = pl.col("gain").fill_null(0.0) if kind is Heard.REJECTION else pl.lit(None, dtype=pl.Float64)
    return rows.with_columns(
        kind=pl.lit(kind.value), subject=subject, key=key, missed=missed
    ).select(_SHAPE)  # fmt: skip


def _counted(rows: pl.DataFrame, by: list[str]) -> Iterator[Said]:
    channels = pl.col("channel").filter(pl.col("channel") != "").value_counts(sort=True)
    counted = rows.group_by(by).agg(
        pl.len().alias("times"),
        pl.col("customer").n_unique().alias("customers"),
        pl.col("worth").filter(pl.col("customer").is_first_distinct()).sum().alias("money"),
        pl.when(pl.col("missed").count() > 0).then(pl.col("missed").sum()).alias("missed"),
        pl.col("about").value_counts(sort=True).alias("of"),
        pl.col("group").first(),
        pl.col("at").min().alias("first"),
        pl.col("at").max().alias("last"),
        channels.alias("channels"),
    )
    for row in counted.iter_rows(named=True):
        yield _said(row)


def _said(row: Mapping[str, Any]) -> Said:
    about = ", ".join(one["about"] for one in row["of"][:_NAMED]) if "subject" in row else ""
    return Said(
        Heard(row["kind"]), row.get("subject", ""), about, row["group"] if "subject" in row else "",
        row["times"], row["customers"], float(row["money"]), row["missed"],
        tuple(one["channel"] for one in row["channels"]), row["first"], row["last"],
    )  # fmt: skip


def _of_gap(gap: Gap, worth: Mapping[int, float]) -> Said:
    subject = f"{gap.missing} is not known" if gap.missing else "something that an earlier policy read is not known"
    about, actions = ", ".join(gap.rules), ", ".join(gap.actions[:_NAMED])
    money = sum(worth.get(one, 0.0) for one in gap.customers)
    return Said(Heard.GAP, subject, about, actions, gap.decisions, len(gap.customers), money, gap.money)


def _all_gaps(gaps: list[Gap], worth: Mapping[int, float]) -> Said:
    customers = frozenset[int]().union(*(one.customers for one in gaps))
    money = sum(worth.get(one, 0.0) for one in customers)
    times, missed = sum(one.decisions for one in gaps), sum(one.money for one in gaps)
    return Said(Heard.GAP, "", "", "", times, len(customers), money, missed)
