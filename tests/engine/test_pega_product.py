"""What a lever does to a priority, told as a product."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.interchange.pega.product import Weighed, product_of

CHANCE, MONEY, WEIGHT = st.floats(0.01, 1.0), st.floats(0.5, 500.0), st.floats(0.1, 3.0)


@settings(max_examples=60)
@given(st.tuples(CHANCE, MONEY, WEIGHT), st.floats(0.0, 20.0), WEIGHT, st.floats(0.1, 80.0), st.floats(0.0, 20.0))
def test_the_product_is_the_priority_and_any_lever_outdoes_the_rival_when_the_policys_does(
    worth, spent, lever, rival, other
):
    chance, gain, context = worth
    priority = chance * gain * context * lever - spent
    found = product_of(Weighed(chance, gain, spent, context, priority), rival)
    assert found is not None
    assert chance * context * found.value * found.lever == pytest.approx(priority)
    ahead = chance * gain * context * other - spent - rival
    if abs(ahead) > 1e-6 * (rival + spent):
        assert (chance * context * found.value * other > rival) == (ahead > 0.0)


def test_where_nothing_is_spent_value_and_lever_are_the_policys_own():
    found = product_of(Weighed(0.1, 120.0, 0.0, 1.2, 0.1 * 120.0 * 1.2 * 1.5), 7.0)
    assert found is not None
    assert (found.value, found.lever) == (pytest.approx(120.0), pytest.approx(1.5))


def test_without_a_rival_the_value_is_the_gain():
    found = product_of(Weighed(0.1, 120.0, 2.0, 1.0, 10.0), 0.0)
    assert found is not None
    assert found.value == 120.0


def test_what_no_lever_moves_has_no_product():
    assert product_of(Weighed(0.0, 120.0, 2.0, 1.0, -2.0), 5.0) is None
    assert product_of(Weighed(0.1, 0.0, 2.0, 1.0, -2.0), 5.0) is None
