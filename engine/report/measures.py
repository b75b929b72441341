"""What groups are compared by: each a sum over units divided by another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from models.clustered import Clustered, ratio


class Form(StrEnum):
    """How a measure is written."""

    MONEY = "money"
    SHARE = "share"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Measure:
    """`name` for programs, `says` for people; `amount` and `count` are columns of the units. `more`: more is better."""

    name: str
    says: str
    amount: str
    count: str
    form: Form
    more: bool = True


REVENUE = Measure("revenue", "revenue told with outcomes, per customer and month", "revenue", "units", Form.MONEY)
PURCHASES = Measure("purchases", "purchases, per customer and month", "purchases", "units", Form.MONEY)
WORTH = Measure("worth", "what was accepted by its worth in the policy, per customer and month", "worth", "units",
                Form.MONEY)  # fmt: skip
CONVERSION = Measure("conversion", "successes per contact", "successes", "contacts", Form.SHARE)
ACCEPTING = Measure("accepting", "customers who accepted something in a month", "accepting", "units", Form.SHARE)
COST = Measure("cost", "cost of contacts, per customer and month", "cost", "units", Form.MONEY, more=False)
CONTACTS = Measure("contacts", "contacts, per customer and month", "contacts", "units", Form.NUMBER, more=False)
SATISFACTION = Measure("satisfaction", "average rating", "stars", "ratings", Form.NUMBER)
COMPLAINTS = Measure("complaints", "complaints, per customer and month", "complaints", "units", Form.SHARE, more=False)
REFERRAL = Measure("referral", "referrals, per customer and month", "referrals", "units", Form.SHARE)
RETENTION = Measure("retention", "customers who are still active", "active", "watched", Form.SHARE)
MEASURES = (
    PURCHASES, REVENUE, WORTH, CONVERSION, ACCEPTING, COST, CONTACTS, SATISFACTION, COMPLAINTS, REFERRAL, RETENTION,
)  # fmt: skip


def measured(rows: pl.DataFrame, measure: Measure) -> Clustered | None:
    """The measure over some units; None where there is nothing to divide by."""
    amounts, counts, customers = (rows[name].to_numpy() for name in (measure.amount, measure.count, "customer"))
    return ratio(amounts, counts, customers)


def money_of(rows: pl.DataFrame) -> Measure:
    """What stands for money: purchases, which come in all groups alike; without any, revenue told with outcomes;
    without that, what was accepted by its worth in the policy."""
    return next((one for one in (PURCHASES, REVENUE) if rows[one.amount].sum() > 0.0), WORTH)


def told(rows: pl.DataFrame) -> tuple[Measure, ...]:
    """The measures of which the log says anything at all."""
    return tuple(one for one in MEASURES if rows[one.amount].abs().sum() > 0.0)
