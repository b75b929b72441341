"""Times of a table as seconds since the epoch, and the local hour and weekday that models read.

A time is ISO 8601 text, a datetime, a date, or seconds since the epoch. Where it says no zone it is local
to the company; a local time that a change of clocks skips is read as the hour after it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from models.cells import Cells, Fault, read_numbers, read_texts

LATEST = 1e11
_DAY = r"^\d{8}$"
_HINT = "write 2026-03-31T18:05:00, or seconds since the epoch"

Numbers = npt.NDArray[np.float64]


def read_times(column: pl.Series, zone: str) -> Cells:
    """Seconds since the epoch, float64 (n,), NaN where missing or no time; `zone` is an IANA name."""
    if column.dtype.is_temporal() and column.dtype in (pl.Date, pl.Datetime):
        return Cells(_seconds(column.cast(pl.Datetime("us")) if column.dtype == pl.Date else column, zone))
    if column.dtype == pl.String:
        text = read_texts(column)
        numbers = text.cast(pl.Float64, strict=False)
        numeric = numbers.null_count() == text.null_count() and not text.str.contains(_DAY).any()
        return _bounded(read_numbers(numbers)) if numeric else _from_iso(text, zone)
    if column.dtype.is_numeric() or column.dtype == pl.Null:
        return _bounded(read_numbers(column))
    fault = Fault(np.arange(len(column)), "wrong-type", f"is of type {column.dtype}, which is no time", _HINT)
    return Cells(np.full(len(column), np.nan), (fault,))


def local_hours(at: Numbers, zones: pl.Series) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Hour (0 to 23) and weekday (1 Monday to 7) of each time in its row's zone; both float32 (n,)."""
    hours, weekdays = np.full(len(at), np.nan, np.float32), np.full(len(at), np.nan, np.float32)
    moments = pl.Series((at * 1e6).round()).fill_nan(None).cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
    for zone in zones.unique().drop_nulls():
        rows = (zones == zone).fill_null(value=False).to_numpy()
        local = moments.filter(pl.Series(rows)).dt.convert_time_zone(zone)
        hours[rows] = local.dt.hour().to_numpy()
        weekdays[rows] = local.dt.weekday().to_numpy()
    return hours, weekdays


def _seconds(column: pl.Series, zone: str) -> Numbers:
    if getattr(column.dtype, "time_zone", None) is None:
        exact = column.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        later = column.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        column = exact.zip_with(exact.is_not_null(), later)
    return (column.dt.epoch("us").cast(pl.Float64) / 1e6).to_numpy().astype(np.float64)


def _from_iso(text: pl.Series, zone: str) -> Cells:
    local = ZoneInfo(zone)
    known = {said: _moment(said, local) for said in text.unique().drop_nulls().to_list()}
    seconds = _looked_up(text, known)
    wrong = np.flatnonzero(text.is_not_null().to_numpy() & np.isnan(seconds))
    return Cells(seconds, (Fault(wrong, "wrong-type", "is no time", _HINT),) if len(wrong) else ())


def _looked_up(text: pl.Series, known: Mapping[str, float]) -> Numbers:
    found = text.replace_strict(known, default=None, return_dtype=pl.Float64) if known else text.cast(pl.Float64)
    return found.to_numpy().astype(np.float64)


def _moment(said: str, local: ZoneInfo) -> float:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=local)).timestamp()


def _bounded(cells: Cells) -> Cells:
    far = np.flatnonzero(np.abs(np.nan_to_num(cells.values)) > LATEST)
    if not len(far):
        return cells
    hint = "write seconds; divide milliseconds by 1000"
    fault = Fault(far, "out-of-range", "is too large for seconds since the epoch", hint)
    values = cells.values.copy()
    values[far] = np.nan
    return Cells(values, (*cells.faults, fault))
