"""Calibration follows its knots, keeps order, and knows which action it is about."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import IDENTITY, Calibration, CalibrationInvalid, Curve

PLAN = Curve((0.0, 0.2, 0.6, 1.0), (0.01, 0.05, 0.5, 0.9))
POOLED = Curve((0.0, 0.5, 1.0), (0.0, 0.1, 0.3))
ACTIONS = ("phone", "plan", "survey", "plan")

INNER = st.lists(st.integers(1, 999), unique=True, max_size=8)


@st.composite
def curves(draw):
    raw = sorted(draw(INNER))
    heights = sorted(draw(st.lists(st.integers(0, 1000), unique=True, min_size=len(raw) + 2, max_size=len(raw) + 2)))
    return Curve((0.0, *(x / 1000 for x in raw), 1.0), tuple(y / 1000 for y in heights))


def test_each_action_follows_its_own_curve_and_others_the_pooled_one():
    applied = Calibration({"*": POOLED, "plan": PLAN, "gone": IDENTITY}).over(ACTIONS)
    raw = np.array([0.25, 0.4, 1.0, 0.2])
    assert applied.apply(np.array([0, 1, 2, 3]), raw) == pytest.approx([0.05, 0.275, 0.3, 0.05])


def test_the_order_of_candidates_is_free_and_repetition_harmless():
    applied = Calibration({"*": POOLED, "plan": PLAN}).over(ACTIONS)
    chosen = np.array([1, 0, 1])
    assert applied.apply(chosen, np.array([0.0, 0.0, 1.0])) == pytest.approx([0.01, 0.0, 0.9])
    assert applied.apply(np.empty(0, dtype=int), np.empty(0)).shape == (0,)


@given(st.lists(curves(), min_size=1, max_size=40), st.lists(st.integers(0, 10**6), unique=True, min_size=2))
def test_it_is_linear_between_knots_and_strictly_increasing(maps, places):
    names = [f"a{i}" for i in range(len(maps))]
    applied = Calibration({"*": IDENTITY, **dict(zip(names, maps, strict=True))}).over(names)
    raw = np.array(sorted(places)) / 10**6
    for index, curve in enumerate(maps):
        found = applied.apply(np.full(len(raw), index), raw)
        assert found == pytest.approx(np.interp(raw, curve.raw, curve.calibrated), abs=1e-12)
        assert np.all(np.diff(found) > 0)
        assert np.all((found >= 0) & (found <= 1))


def test_a_table_survives_json():
    table = Calibration({"*": POOLED, "plan": PLAN})
    assert Calibration.from_json(table.to_json()) == table


@pytest.mark.parametrize(
    ("raw", "calibrated"),
    [
        ((0.0, 1.0), (0.0, 0.5, 1.0)),
        ((0.0,), (0.0,)),
        ((0.1, 1.0), (0.0, 1.0)),
        ((0.0, 0.9), (0.0, 1.0)),
        ((0.0, 0.5, 0.5, 1.0), (0.0, 0.1, 0.2, 1.0)),
        ((0.0, 0.5, 1.0), (0.2, 0.2, 1.0)),
        ((0.0, 1.0), (-0.1, 1.0)),
        ((0.0, 1.0), (0.0, 1.1)),
        ((0.0, 1.0), (0.0, float("nan"))),
    ],
)
def test_a_curve_that_is_no_increasing_map_of_probabilities_is_refused(raw, calibrated):
    with pytest.raises(CalibrationInvalid):
        Curve(raw, calibrated)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"format": 2, "curves": {}}',
        b'{"format": 1, "curves": {}}',
        b'{"format": 1, "curves": {"*": {"raw": [0, 1]}}}',
        b'{"format": 1, "curves": {"*": {"raw": [0, 1], "calibrated": [0, NaN]}}}',
        b'{"format": 1, "curves": {"*": {"raw": "01", "calibrated": ["x", 1]}}}',
    ],
)
def test_what_is_no_table_is_refused(content):
    with pytest.raises(CalibrationInvalid):
        Calibration.from_json(content)
