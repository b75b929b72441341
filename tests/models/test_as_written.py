"""Rules see numbers as people wrote them, whatever float32 made of them."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.codec import encode
from models.features import Feature, FeatureSchema, FeatureType
from models.gather import as_written, read_values

SCHEMA = FeatureSchema((Feature("share", FeatureType.NUMBER), Feature("count", FeatureType.INTEGER)))


class Anna:
    tenant = "t"
    customer = "anna"


@given(st.integers(-9_999_999, 9_999_999), st.integers(0, 6))
def test_a_decimal_of_seven_digits_comes_back_as_it_was_written(digits: int, places: int):
    written = float(f"{digits}e-{places}")
    assert as_written(float(np.float32(written))) == written


def test_whole_numbers_missing_ones_and_infinities_stay():
    kept = [0.0, -3.0, 16_777_215.0, math.inf, -math.inf]
    assert list(map(as_written, kept)) == kept
    assert math.isnan(as_written(math.nan))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_no_number_moves_by_more_than_its_eighth_digit(number: float):
    assert math.isclose(as_written(number), number, rel_tol=6e-7, abs_tol=1e-12)


def test_a_boundary_that_was_stored_is_on_its_boundary():
    blob = encode(SCHEMA, {"share": 0.35, "count": 16_777_216}, Anna(), 0.0)
    values = read_values(SCHEMA, np.frombuffer(blob, dtype="<f4", offset=32))
    assert values == {"share": 0.35, "count": 16_777_216.0}
