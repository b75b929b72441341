"""How the tables of a report write what they hold."""

from __future__ import annotations

from math import inf, nan

import pytest

from engine.report.sheets import lifts
from models.lift import Lift


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.25, 0.75, "+25.0% to +75.0%"), (nan, nan, ""), (-inf, 0.1, ""), (-0.5, inf, "")]
)
def test_the_interval_of_a_lift_is_told_where_it_has_both_ends(low, high, said):
    assert lifts(Lift(0.5, 0.1, low, high)) == said
