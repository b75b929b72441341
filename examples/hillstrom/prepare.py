"""Turns the tables of the MineThatData e-mail challenge into Befit's history and customers files.

python prepare.py history challenge.csv history.parquet
python prepare.py customers challenge.csv customers.parquet
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

ARMS = {"Mens E-Mail": "mens_email", "Womens E-Mail": "womens_email", "No E-Mail": "no_email"}
SENT_AT = "2008-03-20T09:00:00"  # the challenge says which month; every e-mail went out at once
FEATURES = ["recency", "history", "history_segment", "mens", "womens", "zip_code", "newbie"]
FLAGS = ["mens", "womens", "newbie"]


def history(challenge: pl.DataFrame) -> pl.DataFrame:
    """A row per customer: the arm that was drawn with probability 1/3, and whether the customer visited."""
    visited = pl.when(pl.col("visit") == 1).then(pl.lit("VISIT")).otherwise(pl.lit("NO_RESPONSE"))
    return challenge.select(
        customer_id=_customer_id(),
        at=pl.lit(SENT_AT),
        channel=pl.lit("email"),
        action=pl.col("segment").replace_strict(ARMS),
        outcome=visited,
        probability=pl.lit(1 / 3),
        **_features(),
    )


def customers(challenge: pl.DataFrame) -> pl.DataFrame:
    """A row per customer: what was known before the e-mail; `row_id` finds the row again."""
    return challenge.select(customer_id=_customer_id(), row_id=pl.col("row_id"), **_features())


def _customer_id() -> pl.Expr:
    return pl.format("c{}", "row_id")


def _features() -> dict[str, pl.Expr]:
    plain = {name: pl.col(name) for name in FEATURES}
    flags = {name: pl.col(name) == 1 for name in FLAGS}
    return plain | flags | {"bought_through": pl.col("channel")}


def main() -> None:
    """What the command line runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["history", "customers"])
    parser.add_argument("challenge", type=Path, help="the challenge's table, .csv or .csv.gz")
    parser.add_argument("out", type=Path, help="the Parquet file to write")
    told = parser.parse_args()
    challenge = pl.read_csv(told.challenge)
    made = history(challenge) if told.what == "history" else customers(challenge)
    made.write_parquet(told.out)
    print(f"{told.out}: {len(made):,} rows")


if __name__ == "__main__":
    main()
