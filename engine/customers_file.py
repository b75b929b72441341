"""Customers handed over as a table: `customer_id`, a column per feature, consent, time zone; read in chunks.

Columns: `customer_id`; optionally `row_id` (handed through), `time_zone` (an IANA name), flags
`consent:<channel>:<purpose>` and `personalisation` (no = opted out); and features by name, or as
`customer.<feature>`. A row with a wrong cell is left out and told by its line; the others stand. Missing cells are
missing features.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import available_timezones

import numpy as np
import numpy.typing as npt
import polars as pl

from documents.problem import DocumentInvalid, Problem
from documents.reader import did_you_mean
from engine.ids import valid_id
from models.cells import Cells, Fault, read_cells, read_flags, read_texts
from models.features import FeatureSchema
from models.table_file import Table, read_batches

CHUNK_ROWS = 20_000
MOST_PROBLEMS = 100
CONSENT = "consent:"
LINE, PROBLEM = "befit:line", "befit:problem"
_OWN = ("customer_id", "row_id", "time_zone", "personalisation")

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CustomerRows:
    """The rows of a chunk that hold, n of them.

    `vectors` float32 (n, n_features) in the order of the schema, NaN missing, categories as codes. `row_ids` as
    text, None without such a column; `time_zones` "" where none is given; `personalisation` None likewise. `wrong`
    counts rows left out; `problems` tells of the first of them, `left_out` has them all as they stand in the file,
    with LINE and PROBLEM; `notes` tells of columns that mean nothing (first chunk only).
    """

    customer_ids: tuple[str, ...]
    row_ids: tuple[str, ...] | None
    vectors: npt.NDArray[np.float32]
    consent: tuple[Mapping[str, bool], ...]
    time_zones: tuple[str, ...]
    personalisation: tuple[bool | None, ...]
    wrong: int = 0
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    left_out: pl.DataFrame = field(default_factory=pl.DataFrame)

    def __len__(self) -> int:
        return len(self.customer_ids)


def read_customers(
    path: Path, schema: FeatureSchema, rows: int = CHUNK_ROWS, channels: Collection[str] | None = None
) -> Iterator[CustomerRows]:
    """The file in chunks of about `rows` rows; consent for `channels` only, None = any. Raises DocumentInvalid."""
    for number, table in enumerate(read_batches(path, rows)):
        if not number:
            _check_header(table, schema)
            _check_consent(table, channels)
        yield _Chunk(table, schema).rows(notes=() if number else _notes(table, schema))


class _Chunk:
    """Reads one chunk, noting which rows are wrong."""

    def __init__(self, table: Table, schema: FeatureSchema) -> None:
        self._table = table
        self._schema = schema
        self._wrong = np.zeros(len(table.frame), dtype=np.bool_)
        self._problems: list[Problem] = []
        self._why: dict[int, str] = {}

    def rows(self, notes: tuple[Problem, ...]) -> CustomerRows:
        frame = self._table.frame
        customers = self._customers()
        zones = self._zones()
        vectors = self._vectors()
        consent = self._consent()
        opted = self._opted()
        right = ~self._wrong
        kept = pl.Series(right)
        row_ids = tuple(read_texts(frame["row_id"]).fill_null("").filter(kept)) if "row_id" in frame.columns else None
        return CustomerRows(
            customer_ids=tuple(customers.filter(kept)),
            row_ids=row_ids,
            vectors=vectors[right],
            consent=tuple(_granted(consent, row) for row in np.flatnonzero(right).tolist()),
            time_zones=tuple(zones.fill_null("").filter(kept)),
            personalisation=tuple(None if np.isnan(one) else bool(one) for one in opted[right].tolist()),
            wrong=int(self._wrong.sum()),
            problems=tuple(sorted(self._problems, key=lambda one: one.place.line)[:MOST_PROBLEMS]),
            notes=notes,
            left_out=self._left_out(),
        )

    def _left_out(self) -> pl.DataFrame:
        rows = np.flatnonzero(self._wrong).tolist()
        told = pl.Series(PROBLEM, [self._why[row] for row in rows], dtype=pl.String)
        return self._table.frame[rows].with_columns(self._table.lines()[rows].alias(LINE), told)

    def _customers(self) -> pl.Series:
        column = read_texts(self._table.frame["customer_id"])
        ids = column.to_list()
        empty = column.is_null().to_numpy()
        bad = np.array([one is not None and not valid_id(one) for one in ids], dtype=np.bool_)
        hint = "write 1 to 128 characters without braces or control characters"
        self._refuse("customer_id", Fault(np.flatnonzero(empty), "missing", "is empty", hint))
        self._refuse("customer_id", Fault(np.flatnonzero(bad), "bad-id", "cannot be an id", hint))
        return column

    def _zones(self) -> pl.Series:
        frame = self._table.frame
        if "time_zone" not in frame.columns:
            return pl.repeat("", len(frame), dtype=pl.String, eager=True)
        column = read_texts(frame["time_zone"])
        known = column.is_in(list(available_timezones())).fill_null(value=True).to_numpy()
        hint = "write an IANA name such as Europe/Berlin"
        self._refuse("time_zone", Fault(np.flatnonzero(~known), "unknown-name", "is no time zone", hint))
        return column

    def _vectors(self) -> npt.NDArray[np.float32]:
        frame = self._table.frame
        vectors = np.full((len(frame), len(self._schema)), np.nan, dtype=np.float32)
        for place, one in enumerate(self._schema.features):
            column = _feature_column(one.name, frame.columns)
            if column:
                vectors[:, place] = self._take(column, read_cells(frame[column], one.type, one.values))
        return vectors

    def _consent(self) -> dict[str, npt.NDArray[np.float64]]:
        """Consent by "<channel>:<purpose>": 1, 0 or NaN for each row."""
        frame = self._table.frame
        named = [name for name in frame.columns if name.startswith(CONSENT)]
        return {name.removeprefix(CONSENT): self._take(name, read_flags(frame[name])) for name in named}

    def _opted(self) -> npt.NDArray[np.float64]:
        """Whether the customer lets decisions be personal: 1, 0 or NaN for each row."""
        frame = self._table.frame
        if "personalisation" not in frame.columns:
            return np.full(len(frame), np.nan)
        return self._take("personalisation", read_flags(frame["personalisation"]))

    def _take(self, column: str, cells: Cells) -> npt.NDArray[np.float64]:
        for fault in cells.faults:
            self._refuse(column, fault)
        return cells.values

    def _refuse(self, column: str, fault: Fault) -> None:
        """Mark the fault's rows; each row is told of once, by its first fault."""
        fresh = fault.rows[~self._wrong[fault.rows]]
        self._wrong[fault.rows] = True
        self._why.update(dict.fromkeys(fresh.tolist(), f"{column}: {fault.message}"))
        for row in fresh[:MOST_PROBLEMS].tolist():
            found = self._table.frame[column][row]
            said = "the cell" if found is None else repr(found)
            message = f"column {column!r}: {said} {fault.message}"
            self._problems.append(Problem(fault.code, self._table.place(row, column), message, fault.hint))


def _granted(consent: Mapping[str, npt.NDArray[np.float64]], row: int) -> Mapping[str, bool]:
    return {key: bool(flags[row]) for key, flags in consent.items() if not np.isnan(flags[row])}


def _feature_column(feature: str, columns: Sequence[str]) -> str:
    """The column that holds a feature, "" where none does."""
    if f"customer.{feature}" in columns:
        return f"customer.{feature}"
    return feature if feature in columns and feature not in _OWN else ""


def _check_header(table: Table, schema: FeatureSchema) -> None:
    columns = table.frame.columns
    if "customer_id" not in columns:
        hint = did_you_mean("customer_id", [one for one in columns if one not in schema])
        message = "the column 'customer_id' is missing"
        raise DocumentInvalid([Problem("missing-column", table.header(), message, hint or "add it")])


def _check_consent(table: Table, channels: Collection[str] | None) -> None:
    """A consent that is misspelt would be no withdrawal at all."""
    for name in table.frame.columns:
        if not name.startswith(CONSENT):
            continue
        if name.count(":") != 2:
            message, hint = f"the column {name!r} names no consent", "write consent:<channel>:<purpose>"
            raise DocumentInvalid([Problem("bad-name", table.place(0, name), message, hint)])
        channel = name.split(":")[1]
        if channels is not None and channel not in channels:
            message = f"the column {name!r} is for the channel {channel!r}, which the policy does not declare"
            problem = Problem("unknown-name", table.place(0, name), message, did_you_mean(channel, sorted(channels)))
            raise DocumentInvalid([problem])


def _notes(table: Table, schema: FeatureSchema) -> tuple[Problem, ...]:
    """The columns that mean nothing."""
    known = {*_OWN, LINE, PROBLEM, *schema.names, *(f"customer.{name}" for name in schema.names)}
    return tuple(
        Problem("undeclared-column", table.place(0, name), f"the column {name!r} is no feature: not used", hint)
        for name in table.frame.columns
        if name not in known and not name.startswith(CONSENT)
        for hint in [did_you_mean(name, schema.names)]
    )
