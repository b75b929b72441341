"""Pega's interactions as Befit's history and events: an export of Interaction History, or a Historical Dataset.

Rows of one interaction that tell of the same action in the same place are one contact: its outcome is the strongest
that was told, and it happened no later than its outcome, whose clock Pega keeps apart. What tells of a customer and of
no action is an event. Columns `<Context>_<name>` beside `Context_` and `Decision_` are what was known of customers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from documents.problem import DocumentInvalid, Problem
from engine.interchange.pega.dataset import read_dataset
from models.table_file import Table

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "interaction": ("pxInteractionID", "Decision_InteractionID", "InteractionID"),
    "customer_id": ("pySubjectID", "CustomerID", "Decision_SubjectID", "pxSubjectID", "SubjectID"),
    "outcome": ("pyOutcome", "Decision_Outcome", "Outcome"),
    "outcome_at": ("pxOutcomeTime", "Decision_OutcomeTime", "OutcomeTime"),
    "decided_at": ("pxDecisionTime", "Decision_DecisionTime", "DecisionTime"),
    "channel": ("pyChannel", "Context_Channel", "Channel"),
    "direction": ("pyDirection", "Context_Direction", "Direction"),
    "issue": ("pyIssue", "Context_Issue", "Issue"),
    "group": ("pyGroup", "Context_Group", "Group"),
    "action": ("pyName", "Context_Name", "Name"),
    "treatment": ("pyTreatment", "Context_Treatment", "Treatment"),
    "rank": ("pxRank", "Decision_Rank", "Rank"),
}
"""What we read, by the names under which Pega's files have it."""
REQUIRED = ("interaction", "customer_id", "outcome", "channel", "action")
OUTCOMES: Mapping[str, str] = {
    "Pending": "",
    "Impression": "IMPRESSION",
    "Impressed": "IMPRESSION",
    "NoResponse": "NO_RESPONSE",
    "Rejected": "REJECTED",
    "Reject": "REJECTED",
    "Click": "CLICKED",
    "Clicked": "CLICKED",
    "Accept": "ACCEPTED",
    "Accepted": "ACCEPTED",
    "Conversion": "CONVERSION",
}
"""Outcomes by Pega's labels; others become types of the policy's own."""
_STRENGTH = ("", "IMPRESSION", "NO_RESPONSE", "REJECTED", "CLICKED", "ACCEPTED", "CONVERSION")
_OTHER_STRENGTH = 1.5
_NOT_KNOWN_THEN = ("Context", "Decision")
_MOST_VALUES = 100
_TIME = r"%Y%m%dT%H%M%S%.f GMT"
_CONTACT = ("interaction", "channel", "action", "treatment", "rank")


@dataclass(frozen=True, slots=True)
class Imported:
    """`history` has the columns of a history, `events` those of RecordEvents; `actions` issue, group, channel and
    direction of every action. `left_out` tells which columns are no features, and why."""

    history: pl.DataFrame
    events: pl.DataFrame
    actions: pl.DataFrame
    features: tuple[str, ...]
    left_out: Mapping[str, str]


def read_interactions(path: Path) -> Imported:
    """Read a file (see dataset.py). Raises DocumentInvalid where it cannot be read or is none of Pega's."""
    table = read_dataset(path)
    rows = _named(table)
    features, left_out = _features(table.frame)
    told = rows.with_columns(features.get_columns())
    of_action = told.filter(pl.col("action").is_not_null())
    contacts = _contacts(of_action)
    named = ("action", "issue", "group", "channel", "direction")
    return Imported(
        history=contacts.select(
            "customer_id", "at", "channel", "action", "outcome", "outcome_at", "decision_id", *features.columns
        ),
        events=_events(told.filter(pl.col("action").is_null())),
        actions=of_action.select(named).unique(("action", "channel"), maintain_order=True).sort("action", "channel"),
        features=tuple(features.columns),
        left_out=left_out,
    )


def _named(table: Table) -> pl.DataFrame:
    """The columns that we read, by our names; those that the file lacks are null."""
    there = {
        ours: next((one for one in theirs if one in table.frame.columns), None) for ours, theirs in COLUMNS.items()
    }
    lacking = [name for name in REQUIRED if there[name] is None]
    if lacking:
        problems = [
            Problem(
                "missing-column", table.header(), f"no column tells the {name}", f"Pega names it {COLUMNS[name][0]}"
            )
            for name in lacking
        ]
        raise DocumentInvalid(problems)
    return table.frame.select(
        _text(ours, theirs) if not ours.endswith("_at") else _moment(table.frame, ours, theirs)
        for ours, theirs in there.items()
    ).with_columns(
        pl.col("channel", "action").str.replace_all(r"[^A-Za-z0-9_.\-]", "_"),
        pl.col("direction").fill_null("Inbound"),
        pl.col("issue", "group").fill_null("imported"),
    )


def _text(ours: str, theirs: str | None) -> pl.Expr:
    found = pl.lit(None, dtype=pl.String) if theirs is None else pl.col(theirs).cast(pl.String)
    return pl.when(found != "").then(found).alias(ours)


def _moment(frame: pl.DataFrame, ours: str, theirs: str | None) -> pl.Expr:
    """Pega's times are GMT."""
    if theirs is None:
        return pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias(ours)
    if frame.schema[theirs] == pl.String:
        found = pl.col(theirs).str.to_datetime(_TIME, strict=False, time_unit="us")
        return (
            pl.coalesce(found, pl.col(theirs).str.to_datetime(strict=False, time_unit="us"))
            .dt.replace_time_zone("UTC")
            .alias(ours)
        )
    return pl.col(theirs).cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias(ours)


def _contacts(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each contact, in order of time."""
    ours = pl.col("outcome").replace_strict(OUTCOMES, default=_own("outcome"), return_dtype=pl.String)
    strength = ours.replace_strict(
        {name: float(place) for place, name in enumerate(_STRENGTH)}, default=_OTHER_STRENGTH, return_dtype=pl.Float64
    )
    at = pl.min_horizontal("decided_at", "outcome_at")
    return (
        rows.with_columns(ours, strength.alias("strength"), at.alias("at"))
        .sort("strength", descending=True, maintain_order=True)
        .with_columns(pl.col("at").min().over(_CONTACT))
        .unique(_CONTACT, keep="first", maintain_order=True)
        .with_columns(
            pl.when(pl.col("outcome") != "").then("outcome"),
            pl.when(pl.col("outcome") != "").then("outcome_at"),
            pl.col("interaction").alias("decision_id"),
        )
        .sort("at", "decision_id", "rank", maintain_order=True)
    )


def _own(column: str) -> pl.Expr:
    """A label as the name of a type: `TermsRead` as TERMS_READ."""
    return (
        pl.col(column).str.replace_all(r"([a-z0-9])([A-Z])", "${1}_$2").str.replace_all(r"\W+", "_").str.to_uppercase()
    )


def _events(rows: pl.DataFrame) -> pl.DataFrame:
    """What tells of a customer and of no action."""
    kind = _own("outcome").str.to_lowercase()
    return rows.select(
        pl.format("pega:{}:{}", "interaction", kind).alias("event_id"),
        kind.alias("type"),
        "customer_id",
        pl.coalesce("outcome_at", "decided_at").alias("at"),
    ).sort("at", "event_id")


def _features(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """What was known of customers, by feature, and which columns are not taken, and why."""
    found: dict[str, pl.Series] = {}
    left_out: dict[str, str] = {}
    for name in frame.columns:
        context, _, rest = name.partition("_")
        if not rest or context in _NOT_KNOWN_THEN:
            continue
        column = _cells(frame[name])
        values = column.drop_nulls().n_unique()
        if values < 2:
            left_out[name] = "is the same in every row"
        elif column.dtype == pl.String and values > _MOST_VALUES:
            left_out[name] = f"has {values} different texts, as names and ids have"
        else:
            feature = re.sub(r"\W", "_", name).lower()
            found[feature] = column.alias(feature)
    return pl.DataFrame(found), left_out


def _cells(column: pl.Series) -> pl.Series:
    """A column with its type: numbers, flags, texts; nothing written is missing."""
    if column.dtype != pl.String:
        return column
    texts = column.set(column == "", None)
    said = set(texts.drop_nulls().unique().to_list())
    if said <= {"true", "false"}:
        return texts == "true"
    numbers = texts.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == texts.null_count() else texts
