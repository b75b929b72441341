"""Columns of a table as numbers of a declared type, with every cell that does not hold.

Missing cells are NaN. Flags are 0 and 1 (also true/false, yes/no), categories the index in their values.
Whole numbers beyond 2^24 do not fit float32 exactly and are refused, as the feature store refuses them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from models.codec import LARGEST_WHOLE
from models.features import FeatureType

LARGEST = float(np.finfo(np.float32).max)
_FLAGS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Fault:
    """Cells of a column that are wrong in one way: their rows (from 0), a code, what is wrong, how to mend it."""

    rows: Rows
    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Cells:
    """A column as numbers, shape (n,), NaN where missing or wrong."""

    values: Numbers
    faults: tuple[Fault, ...] = ()


def read_cells(column: pl.Series, kind: FeatureType, values: Sequence[str] = ()) -> Cells:
    """The column as numbers of a feature's type; `values` are a category's."""
    if kind is FeatureType.CATEGORY:
        return read_categories(column, values)
    if kind is FeatureType.FLAG:
        return read_flags(column)
    cells = read_numbers(column)
    return _whole(cells) if kind is FeatureType.INTEGER else cells


def read_numbers(column: pl.Series) -> Cells:
    """Numbers that fit float32; text is read as numbers with a decimal point."""
    if not (column.dtype.is_numeric() or column.dtype in (pl.String, pl.Boolean, pl.Null)):
        return _all_wrong(column, "numbers")
    stripped = _text(column) if column.dtype == pl.String else column
    cast = stripped.cast(pl.Float64, strict=False)
    numbers = cast.to_numpy().astype(np.float64)
    unread = (cast.is_null() & stripped.is_not_null()).to_numpy()
    infinite = np.abs(np.nan_to_num(numbers, nan=0.0, posinf=np.inf, neginf=-np.inf)) > LARGEST
    faults = _faults(
        (unread, "wrong-type", "is not a number", "write a number such as 12.5, or leave the cell empty"),
        (infinite, "not-finite", "is not a finite number that fits", "leave the cell empty where the value is unknown"),
    )
    return Cells(np.where(infinite, np.nan, numbers), faults)


def read_flags(column: pl.Series) -> Cells:
    """true/false, yes/no or 1/0, in any case."""
    if not (column.dtype.is_numeric() or column.dtype in (pl.String, pl.Boolean, pl.Null)):
        return _all_wrong(column, "flags")
    text = _text(column.cast(pl.String)).str.to_lowercase()
    flags = text.replace_strict(_FLAGS, default=None, return_dtype=pl.Float64)
    wrong = (flags.is_null() & text.is_not_null() & (text != "nan")).to_numpy()
    return Cells(
        flags.to_numpy().astype(np.float64), _faults((wrong, "wrong-type", "is no flag", "write true or false"))
    )


def read_categories(column: pl.Series, values: Sequence[str]) -> Cells:
    """The index of each text in `values`."""
    if column.dtype.is_nested() or column.dtype.is_temporal() or column.dtype.is_float():
        return _all_wrong(column, "texts")
    text = _text(column.cast(pl.String))
    places = {value: float(place) for place, value in enumerate(values)}
    codes = text.replace_strict(places, default=None, return_dtype=pl.Float64) if places else text.cast(pl.Float64)
    wrong = (codes.is_null() & text.is_not_null()).to_numpy()
    hint = f"known values: {', '.join(values[:20])}"
    return Cells(codes.to_numpy().astype(np.float64), _faults((wrong, "unknown-name", "is not a declared value", hint)))


def read_texts(column: pl.Series) -> pl.Series:
    """The column as texts, stripped, null where empty; whole numbers become their digits."""
    if column.dtype.is_float() and bool((column.fill_nan(None).drop_nulls() % 1 == 0).all()):
        column = column.fill_nan(None).cast(pl.Int64)
    return _text(column.cast(pl.String))


def _text(column: pl.Series) -> pl.Series:
    stripped = column.str.strip_chars()
    return stripped.set(stripped == "", None)


def _whole(cells: Cells) -> Cells:
    numbers = cells.values
    broken = ~np.isnan(numbers) & (np.floor(numbers) != numbers)
    large = np.abs(np.nan_to_num(numbers)) > LARGEST_WHOLE
    faults = _faults(
        (broken, "wrong-type", "is not a whole number", "write a whole number, or declare the feature as a number"),
        (large, "too-large", f"is beyond {LARGEST_WHOLE:,}", "scale it, or declare the feature as a category"),
    )
    return Cells(np.where(broken | large, np.nan, numbers), cells.faults + faults)


def _all_wrong(column: pl.Series, expected: str) -> Cells:
    hint = f"write {expected} into this column"
    fault = Fault(np.arange(len(column)), "wrong-type", f"is of type {column.dtype}, not one of {expected}", hint)
    return Cells(np.full(len(column), np.nan), (fault,))


def _faults(*kinds: tuple[npt.NDArray[np.bool_], str, str, str]) -> tuple[Fault, ...]:
    return tuple(Fault(np.flatnonzero(wrong), *said) for wrong, *said in kinds if wrong.any())
