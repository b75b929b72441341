"""The tables that a report is counted from: decisions, what they proposed, outcomes, events, one row each."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl


class DecisionRow(NamedTuple):
    """One decision that stands. `decision` and `customer` are running numbers, `at` seconds, `month` "2026-11" (UTC).
    `customer_worth` is told by the policy's own feature, None
    where it does not say."""

    decision: int
    customer: int
    at: float
    month: str
    channel: str
    inbound: bool
    tier: str
    group: str
    customer_worth: float | None


class PickRow(NamedTuple):
    """One action that was proposed; gain and cost as they were weighed then. `contact`: it is an offer, a message or a
    question."""

    decision: int
    action: str
    about: str
    contact: bool
    gain: float
    cost: float


class OutcomeRow(NamedTuple):
    """One outcome. `success`: it is the one that its action is made for, in time."""

    decision: int
    action: str
    at: float
    type: str
    success: bool
    revenue: float
    rating: float | None
    reason: str
    agent: str
    team: str
    instead: str


class EventRow(NamedTuple):
    """One event of a customer. `own`: the customer did it, not Befit; `subject` is what it names, as a product, and
    `about` the question that it answers, else its type."""

    customer: int
    at: float
    type: str
    amount: float
    subject: str
    about: str
    own: bool


class Tables(NamedTuple):
    """All rows as frames, with the fields of the rows as columns. `names` are the customers by their numbers."""

    decisions: pl.DataFrame
    picks: pl.DataFrame
    outcomes: pl.DataFrame
    events: pl.DataFrame
    names: tuple[str, ...]


_TEXT, _NUMBER, _WHOLE, _FLAG = pl.String(), pl.Float64(), pl.Int64(), pl.Boolean()
_TYPES = {
    "decision": _WHOLE, "customer": _WHOLE, "at": _NUMBER, "month": _TEXT, "channel": _TEXT, "inbound": _FLAG,
    "tier": _TEXT, "group": _TEXT, "customer_worth": _NUMBER, "action": _TEXT, "about": _TEXT, "contact": _FLAG,
    "gain": _NUMBER, "cost": _NUMBER, "type": _TEXT, "success": _FLAG, "revenue": _NUMBER, "rating": _NUMBER,
    "reason": _TEXT, "agent": _TEXT, "team": _TEXT, "instead": _TEXT, "amount": _NUMBER, "subject": _TEXT,
    "own": _FLAG,
}  # fmt: skip


def frame(rows: list[tuple[object, ...]], kind: type[NamedTuple]) -> pl.DataFrame:
    """Rows of one kind as a frame."""
    schema = {name: _TYPES[name] for name in kind._fields}
    return pl.DataFrame(rows, schema=schema, orient="row")


def span_of(decisions: pl.DataFrame) -> tuple[float, float]:
    """The first and the last moment of decisions, of which there are some (s)."""
    at: list[float] = decisions["at"].to_list()
    return min(at), max(at)
