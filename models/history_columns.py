"""The columns of one history table, each read as its meaning asks, with every wrong cell noted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import polars as pl

from models.cells import Cells, Fault, read_categories, read_cells, read_numbers, read_texts
from models.features import FeatureType
from models.history_check import Complaints, Terms, feature_column
from models.inputs import DIRECTIONS, Setting
from models.pair import LAST_OUTCOMES
from models.times import local_hours, read_times

Column = npt.NDArray[np.float64] | npt.NDArray[np.float32]
Columns = dict[str, Column]

STANDARD_OUTCOMES = LAST_OUTCOMES[1:-1]


def read_columns(complaints: Complaints, terms: Terms) -> Columns:
    """All columns by name, each of shape (n,), NaN = missing: `at`, `action`, `outcome` (index in the policy's outcome
    types), `outcome_at`, `reward`, `probability`, and model inputs under their own names."""
    reading = _Reading(complaints, terms.setting)
    columns: Columns = {
        "at": reading.times("at", required=True),
        "action": reading.names("action", terms.actions.ids),
        "outcome": reading.names("outcome", outcome_types(terms.setting)),
        "outcome_at": reading.times("outcome_at"),
        "reward": reading.numbers("reward"),
        "probability": reading.probabilities("probability"),
    }
    columns |= _moments(reading, terms.setting, columns["at"])
    for feature in terms.schema.features:
        column = feature_column(feature.name, complaints.table.frame.columns)
        if column and feature.trainable:
            columns[f"customer.{feature.name}"] = reading.cells(column, feature.type, feature.values)
    return columns


def read_customers(complaints: Complaints) -> pl.Series:
    """The customer of each row, as text; an empty cell is a problem."""
    column = read_texts(complaints.table.frame["customer_id"])
    complaints.cells("customer_id", _missing(column.is_null().to_numpy(), "write who was met"))
    return column


def outcome_types(setting: Setting) -> tuple[str, ...]:
    """What may have happened: the standard outcomes, then the policy's own."""
    return tuple(dict.fromkeys((*STANDARD_OUTCOMES, *setting.outcomes)))


class _Reading:
    """Reads named columns of a table; an absent column is all missing."""

    def __init__(self, complaints: Complaints, setting: Setting) -> None:
        self._complaints = complaints
        self._zone = setting.time_zone
        self.frame = complaints.table.frame

    def times(self, name: str, *, required: bool = False) -> Column:
        if name not in self.frame.columns:
            return self._absent()
        cells = read_times(self.frame[name], self._zone)
        self._complaints.cells(name, cells.faults)
        if required:
            self._complaints.cells(name, _missing(self.frame[name].is_null().to_numpy(), "write when it was"))
        return cells.values

    def names(self, name: str, values: Sequence[str], *, required: bool = False) -> Column:
        """Indexes in `values`."""
        if name not in self.frame.columns:
            return self._absent()
        cells = read_categories(self.frame[name], values)
        self._complaints.cells(name, cells.faults, values)
        if required:
            self._complaints.cells(name, _missing(self.frame[name].is_null().to_numpy(), "write one of the declared"))
        return cells.values

    def numbers(self, name: str) -> Column:
        return self._take(name, read_numbers(self.frame[name])) if name in self.frame.columns else self._absent()

    def probabilities(self, name: str) -> Column:
        numbers = self.numbers(name)
        wrong = np.flatnonzero((numbers <= 0) | (numbers > 1))
        if len(wrong):
            hint = "write the probability with which this action was chosen, above 0 and at most 1"
            self._complaints.cells(name, (Fault(wrong, "out-of-range", "is no probability of a choice made", hint),))
        return numbers

    def cells(self, name: str, kind: FeatureType, values: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._take(name, read_cells(self.frame[name], kind, values), values).astype(np.float32)

    def zones(self) -> pl.Series:
        """The zone of each row: its own, or the company's."""
        if "time_zone" not in self.frame.columns:
            return pl.repeat(self._zone, len(self.frame), dtype=pl.String, eager=True)
        column = read_texts(self.frame["time_zone"])
        wrong = [one for one in column.unique().drop_nulls() if not _is_zone(one)]
        rows = np.flatnonzero(column.is_in(wrong).fill_null(value=False).to_numpy())
        if len(rows):
            fault = Fault(rows, "unknown-name", "is no time zone", "write an IANA name such as Europe/Berlin")
            self._complaints.cells("time_zone", (fault,))
        return column.set(pl.Series(column.is_in(wrong).fill_null(value=True)), self._zone)

    def _take(self, name: str, cells: Cells, options: Sequence[str] = ()) -> npt.NDArray[np.float64]:
        self._complaints.cells(name, cells.faults, options)
        return cells.values

    def _absent(self) -> npt.NDArray[np.float64]:
        return np.full(len(self.frame), np.nan)


def _moments(reading: _Reading, setting: Setting, at: Column) -> Columns:
    """The moment's inputs; those without a column of their own follow from the channel and the time."""
    channel = reading.names("channel", tuple(setting.channels), required=True)
    direction_of = np.array([DIRECTIONS.index(one) for one in setting.channels.values()] + [np.nan])
    hour, weekday = local_hours(at.astype(np.float64), reading.zones())
    columns: Columns = {
        "moment.channel": channel,
        "moment.direction": direction_of[np.nan_to_num(channel, nan=-1).astype(np.intp)],
        "moment.hour": hour,
        "moment.weekday": weekday,
    }
    if "intent" in reading.frame.columns and setting.intents:
        columns["moment.intent"] = reading.names("intent", setting.intents)
    for key in setting.context:
        if f"context.{key.name}" in reading.frame.columns:
            columns[f"context.{key.name}"] = reading.cells(f"context.{key.name}", key.type, key.values)
    return columns


def _missing(empty: npt.NDArray[np.bool_], hint: str) -> tuple[Fault, ...]:
    return (Fault(np.flatnonzero(empty), "missing", "is empty", hint),) if empty.any() else ()


@cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
