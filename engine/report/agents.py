"""What agents do with what they are told: follow it, or offer something else, and why.

An action counts once, by the outcomes that name an agent: overridden where one says what was offered instead, else
followed. Agents choose whom they overrule, so the two are told beside each other; the difference is no proof of either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from engine.fairness.rates import wilson
from engine.report.rows import Tables
from engine.report.terms import Terms

AGENT, TEAM, OUTSOURCER = "agent", "team", "outsourcer"
LEVELS = (OUTSOURCER, TEAM, AGENT)
NO_REASON = "no reason given"
_COUNTED = (
    "followed", "overridden", "followed_successes", "overridden_successes", "followed_money", "overridden_money",
    "complaints",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Followed:
    """One agent, team or outsourcer: how many proposals were followed and overridden (`low` and `high` bound the share
    that is followed, 95 %), successes and money of either, complaints, ratings."""

    level: str
    name: str
    followed: int
    overridden: int
    low: float
    high: float
    followed_successes: int
    overridden_successes: int
    followed_money: float
    overridden_money: float
    complaints: int
    rating: float | None

    @property
    def share(self) -> float:
        return self.followed / (self.followed + self.overridden)


@dataclass(frozen=True, slots=True)
class Overridden:
    """Why, and by whom: `action` was proposed, `instead` offered; the teams with most of it first."""

    action: str
    instead: str
    reason: str
    times: int
    successes: int
    teams: tuple[str, ...]


def followed(tables: Tables, terms: Terms) -> tuple[Followed, ...]:
    """By outsourcer, team and agent, those with most proposals first."""
    rows = _proposals(tables, terms)
    return tuple(one for level in LEVELS for one in _at(rows, level))


def overridden(tables: Tables, terms: Terms) -> tuple[Overridden, ...]:
    """What was offered instead of what, and why, the most frequent first."""
    rows = _proposals(tables, terms).filter("overridden")
    counted = rows.group_by("action", "instead", "reason").agg(
        pl.len().alias("times"), pl.col("won").sum(), pl.col("team").value_counts(sort=True).alias("teams")
    )
    ordered = counted.sort(["times", "action", "instead", "reason"], descending=[True, False, False, False])
    return tuple(
        Overridden(row["action"], row["instead"], row["reason"] or NO_REASON, row["times"], row["won"],
                   tuple(one["team"] for one in row["teams"] if one["team"]))
        for row in ordered.iter_rows(named=True)
    )  # fmt: skip


def _proposals(tables: Tables, terms: Terms) -> pl.DataFrame:
    """One row a proposal of which an agent told."""
    told = tables.outcomes.filter(pl.col("agent") != "").sort("at")
    teams = {team: terms.outsourcer(team) for team in told["team"].unique().to_list()}
    instead = pl.col("instead") != ""
    won = pl.col("success") | (instead & pl.col("type").is_in(["ACCEPTED", "CONVERSION"]))
    why = pl.col("reason").filter(instead & (pl.col("reason") != "")).first().fill_null("")
    return (
        told.group_by("decision", "action", maintain_order=True)
        .agg(
            pl.col("agent").first(),
            pl.col("team").first(),
            instead.any().alias("overridden"),
            pl.col("instead").filter(instead).first().fill_null("").alias("instead"),
            why.alias("reason"),
            won.any().alias("won"),
            pl.col("revenue").sum(),
            (pl.col("type") == "COMPLAINT").sum().alias("complaints"),
            pl.col("rating").sum().alias("stars"),
            pl.col("rating").count().alias("ratings"),
        )
        .with_columns(pl.col("team").replace_strict(teams, return_dtype=pl.String).alias(OUTSOURCER))
    )


def _at(rows: pl.DataFrame, level: str) -> Iterator[Followed]:
    over = pl.col("overridden")
    counted = (
        rows.filter(pl.col(level) != "")
        .group_by(level)
        .agg(
            (~over).sum().alias("followed"), over.sum().alias("overridden"),
            pl.col("won").filter(~over).sum().alias("followed_successes"),
            pl.col("won").filter(over).sum().alias("overridden_successes"),
            pl.col("revenue").filter(~over).sum().alias("followed_money"),
            pl.col("revenue").filter(over).sum().alias("overridden_money"),
            pl.col("complaints").sum(), pl.col("stars").sum(), pl.col("ratings").sum(),
        )
    )  # fmt: skip
    ordered = counted.with_columns((pl.col("followed") + pl.col("overridden")).alias("all"))
    for row in ordered.sort(["all", level], descending=[True, False]).iter_rows(named=True):
        low, high = wilson(row["followed"], row["all"])
        rating = row["stars"] / row["ratings"] if row["ratings"] else None
        told = {name: row[name] for name in _COUNTED}
        yield Followed(level=level, name=row[level], low=low, high=high, rating=rating, **told)
