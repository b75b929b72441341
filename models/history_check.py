"""What is wrong with a history table, and what of it will not be used: problems with places, and notes.

A problem stops training; a note says what was left out and why. Each names the file, the line (or the row of
a Parquet file), and the column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from documents.problem import Problem
from documents.reader import did_you_mean
from models.actions import ActionTable
from models.cells import Fault
from models.features import Feature, FeatureSchema
from models.inputs import Setting
from models.table_file import Table

REQUIRED = {
    "customer_id": "who was met",
    "at": "when, as ISO 8601 text or seconds since the epoch",
    "channel": "a channel of the policy",
    "action": "an action of the policy",
}
OUTCOME_COLUMNS = ("outcome", "reward")
OPTIONAL = ("outcome", "reward", "outcome_at", "probability", "intent", "time_zone", "row_id", "decision_id")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the words of a history mean: the features, the policy's actions, and where customers are met."""

    schema: FeatureSchema
    actions: ActionTable
    setting: Setting


class Complaints:
    """Gathers what is wrong with one table (`problems`) and what is left out of it (`notes`)."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []

    def wrong(self, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(code, self.table.header(), message, hint))

    def left_out(self, code: str, message: str, hint: str = "", column: str = "") -> None:
        place = self.table.header() if not column else self.table.place(0, column)
        self.notes.append(Problem(code, place, message, hint))

    def cells(self, column: str, faults: Iterable[Fault], options: Sequence[str] = ()) -> None:
        """One problem per kind of fault, at its first cell; `options` are the words that could have been meant."""
        for fault in faults:
            row = int(fault.rows[0])
            found = self.table.frame[column][row]
            said = "the cell" if found is None else repr(found)
            many = f" ({len(fault.rows):,} such rows)" if len(fault.rows) > 1 else ""
            hint = did_you_mean(str(found), options) if options and found is not None else fault.hint
            message = f"column {column!r}: {said} {fault.message}{many}"
            self.problems.append(Problem(fault.code, self.table.place(row, column), message, hint))


class Repeats:
    """Finds rows that stand in the files more than once, cell for cell: the same file named twice, an export joined
    to itself. They stay, and are noted: two equal contacts may have happened."""

    def __init__(self) -> None:
        self._seen: list[pl.Series] = []

    def note(self, complaints: Complaints) -> None:
        """Note how many rows of this table stood before, in it or in an earlier one."""
        frame = complaints.table.frame
        rows = frame.select(sorted(frame.columns)).hash_rows()
        earlier = pl.concat(self._seen).unique() if self._seen else rows.clear()
        repeated = int((~rows.is_first_distinct() | rows.is_in(earlier.implode())).sum())
        self._seen.append(rows.unique())
        if repeated:
            message = f"rows that repeat an earlier row cell for cell: {repeated:,}; each is learnt from again"
            complaints.left_out("repeated-row", message, "leave them out unless they happened twice")


def check_header(complaints: Complaints, terms: Terms) -> None:
    """Required columns, columns that mean nothing, features that no model may read, features without a column."""
    columns = complaints.table.frame.columns
    for name, meaning in REQUIRED.items():
        if name not in columns:
            hint = did_you_mean(name, [one for one in columns if one not in REQUIRED])
            close = hint if hint.startswith("did you mean") else ""
            complaints.wrong("missing-column", f"the column {name!r} is missing", close or f"add it: {meaning}")
    if not any(name in columns for name in OUTCOME_COLUMNS):
        hint = "add `outcome` (ACCEPTED, REJECTED, NO_RESPONSE...) or `reward` (a number)"
        complaints.wrong("missing-column", "neither 'outcome' nor 'reward' is there", hint)
    _check_meaning(complaints, terms)
    _check_features(complaints, terms.schema)


def feature_column(feature: str, columns: Sequence[str]) -> str | None:
    """The column that holds a feature: `customer.<feature>`, or its bare name where that means nothing else."""
    if f"customer.{feature}" in columns:
        return f"customer.{feature}"
    return feature if feature in columns and feature not in REQUIRED and feature not in OPTIONAL else None


def _check_meaning(complaints: Complaints, terms: Terms) -> None:
    context = [f"context.{key.name}" for key in terms.setting.context]
    features = list(terms.schema.names)
    known = {*REQUIRED, *OPTIONAL, *features, *context, *(f"customer.{name}" for name in features)}
    for name in complaints.table.frame.columns:
        if name not in known:
            hint = did_you_mean(name, [*context, *features])
            message = f"the column {name!r} is neither a feature nor a declared key of the context: not used"
            complaints.left_out("undeclared-column", message, hint, name)


def _refused_because(one: Feature) -> str:
    if one.known_after_outcome:
        return "is known only after the outcome"
    return "is protected, without a protected_use for models" if one.logged else "is declared `log: no`"


def _check_features(complaints: Complaints, schema: FeatureSchema) -> None:
    columns = complaints.table.frame.columns
    for one in schema.features:
        column = feature_column(one.name, columns)
        if column and not one.trainable:
            why = _refused_because(one)
            complaints.left_out("refused-feature", f"{one.name!r} {why}: no model may read it", column=column)
    absent = [one.name for one in schema.features if one.trainable and not feature_column(one.name, columns)]
    if absent:
        named = ", ".join(absent[:10]) + (" ..." if len(absent) > 10 else "")
        complaints.left_out(
            "absent-feature", f"no column for {len(absent)} features: {named}", "the model learns without"
        )
