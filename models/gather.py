"""From a vector as it was written to the values wanted now: by name, whatever was added, moved or removed since."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.features import Feature, FeatureSchema, FeatureType, Value

Row = NDArray[np.float32]
TINY = 1e-12
"""Below it nobody writes decimals."""

_EXPONENTS = range(-13, 25)
_SCALES: Mapping[int, float] = dict(zip(_EXPONENTS, (10.0 ** (6.0 - np.array(_EXPONENTS))).tolist(), strict=True))
"""What makes seven digits before the point, by the decimal exponent of a number that is not whole."""

_NUMERIC = frozenset({FeatureType.NUMBER, FeatureType.INTEGER})


class Gather:
    """Reads vectors of one written schema in the order of a wanted one. Built once per pair of schemas.

    What the written schema lacks, or types otherwise (number and integer are alike), is missing: NaN. Codes of
    categories whose values differ are mapped by value. An infinity is missing.
    """

    def __init__(self, written: FeatureSchema, wanted: FeatureSchema) -> None:
        self._length = len(written)
        here = [_same(written, one) for one in wanted.features]
        self._index = np.array([written.index(one.name) if one else 0 for one in here], dtype=np.intp)
        self._missing = np.array([i for i, one in enumerate(here) if one is None], dtype=np.intp)
        moved = [i for i, one in enumerate(here) if one and one.values != wanted.features[i].values]
        self._moved = np.array(moved, dtype=np.intp)
        tables = [_remapping(written.feature(wanted.features[i].name), wanted.features[i]) for i in moved]
        self._sizes = np.array([len(table) - 1 for table in tables], dtype=np.float32)
        self._starts = np.cumsum([0, *(len(table) for table in tables)], dtype=np.intp)[: len(tables)]
        self._table = np.concatenate(tables) if tables else np.empty(0, dtype=np.float32)

    def gather(self, body: Row) -> Row:
        """The wanted values, a fresh float32 (n_wanted,), from a written vector's body (n_written,). Raises ValueError
        where the body has another length: `codec.fits` tells before."""
        if len(body) != self._length:
            raise ValueError(f"a vector of {len(body)} values, not of {self._length}")
        if not len(body):
            return np.full(len(self._index), np.nan, dtype=np.float32)
        row = body.take(self._index)
        if len(self._missing):
            row[self._missing] = np.nan
        if len(self._moved):
            row[self._moved] = self._remapped(row[self._moved])
        infinite = np.isinf(row)
        if infinite.any():
            row[infinite] = np.nan
        return row

    def _remapped(self, codes: Row) -> Row:
        known = (codes >= 0) & (codes < self._sizes) & (codes == np.floor(codes))
        place = self._starts + np.where(known, codes, self._sizes).astype(np.intp)
        return self._table.take(place)


class ReadValues(NamedTuple):
    """What is known of a customer, as rules read it; `invalid` names features whose stored value made no sense (an
    infinity, a code that the schema does not have) and that count as missing."""

    values: dict[str, Value]
    invalid: tuple[str, ...] = ()


class ValueReader:
    """Turns rows of one schema into plain values. Built once per schema. Plain loops: 10 us for 70 features, where
    arrays of so few take twice as long."""

    def __init__(self, schema: FeatureSchema) -> None:
        self._names = schema.names
        numbers = (place for place, one in enumerate(schema.features) if one.type is FeatureType.NUMBER)
        self._numbers = tuple(numbers)
        self._coded: tuple[tuple[str, Mapping[Value, Value]], ...] = tuple(
            (one.name, _meanings(one)) for one in schema.features if one.type not in _NUMERIC
        )

    def read(self, body: Row) -> ReadValues:
        """The known values of a row (n_features,): number (to seven digits) and integer as float, flag as bool,
        category as text."""
        numbers: list[float] = body.tolist()
        for place in self._numbers:
            if not numbers[place].is_integer():
                numbers[place] = as_written(numbers[place])
        values: dict[str, Value] = dict(zip(self._names, numbers, strict=True))
        invalid: list[str] = []
        for place in (~np.isfinite(body)).nonzero()[0].tolist():
            name = self._names[place]
            if numbers[place] == numbers[place]:
                invalid.append(name)
            del values[name]
        for name, meanings in self._coded:
            code = values.get(name)
            if code is None:
                continue
            if code in meanings:
                values[name] = meanings[code]
            else:
                del values[name]
                invalid.append(name)
        return ReadValues(values, tuple(invalid))


def as_written(number: float) -> float:
    """A number as people wrote it before it became float32: 0.35 again, not 0.3499999940395355, so that `>= 0.35`
    holds. Seven significant digits; whole, missing and tiny numbers and infinities stay."""
    size = abs(number)
    if not TINY < size < math.inf or number.is_integer():
        return number
    scale = _SCALES[math.floor(math.log10(size))]
    return round(number * scale) / scale


def read_values(schema: FeatureSchema, body: Row) -> dict[str, Value]:
    """The known values of a row. What made no sense is missing; use ValueReader to hear of it."""
    return _reader(schema).read(body).values


@lru_cache(maxsize=64)
def _reader(schema: FeatureSchema) -> ValueReader:
    return ValueReader(schema)


def _same(written: FeatureSchema, wanted: Feature) -> Feature | None:
    if wanted.name not in written:
        return None
    found = written.feature(wanted.name)
    alike = found.type == wanted.type or {found.type, wanted.type} <= _NUMERIC
    return found if alike else None


def _remapping(written: Feature, wanted: Feature) -> Row:
    """By written code the wanted code, NaN where the value is gone; one more NaN at the end for codes out of range."""
    codes = {value: code for code, value in enumerate(wanted.values)}
    return np.array([*(codes.get(value, np.nan) for value in written.values), np.nan], dtype=np.float32)


def _meanings(feature: Feature) -> Mapping[Value, Value]:
    if feature.type == FeatureType.FLAG:
        return {0.0: False, 1.0: True}
    return {float(code): value for code, value in enumerate(feature.values)}
