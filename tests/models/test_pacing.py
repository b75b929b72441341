"""The price of what is scarce: it rises with too fast a use, falls with too slow, and never below nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pacing import STEPS, Pace, Spending, stepped

shares = st.floats(0, 1)
paces = st.builds(
    Pace,
    st.just("day"),
    price=st.floats(0, 100),
    worth=st.floats(0, 100),
    gone=st.floats(0, 0.99),
    used=st.floats(0, 50),
)
seen = st.builds(Spending, st.just("day"), shares, st.floats(0, 100), st.floats(0, 100), st.none() | st.floats(0, 100))


@given(paces, seen)
def test_no_price_is_below_nothing_and_no_step_comes_too_early(pace, spending):
    moved = stepped(pace, spending)
    assert moved.price >= 0.0
    assert (moved is pace) == (spending.gone - pace.gone < 1 / STEPS)
    assert stepped(moved, spending) == moved


def test_the_price_moves_with_the_use():
    even = Pace("day", price=5.0, worth=10.0, gone=0.5, used=50.0)
    prices = [stepped(even, Spending("day", 0.6, used, 100.0, None)).price for used in (50.0, 60.0, 70.0)]
    assert prices == sorted(prices)
    assert prices[1] == 5.0


def test_it_is_a_matter_of_proportion_whatever_the_currency():
    cents = Pace("day", price=500.0, worth=1000.0, gone=0.5, used=50.0)
    euros = cents._replace(price=5.0, worth=10.0)
    moved = [stepped(one, Spending("day", 0.6, 80.0, 100.0, None)).price for one in (cents, euros)]
    assert moved[0] == pytest.approx(100 * moved[1])


def test_the_next_interval_begins_with_the_mean_price_of_the_last():
    pace = Pace("monday", worth=1.0)
    for step in range(1, 11):
        pace = stepped(pace, Spending("monday", step / 100, step * 5.0, 100.0, 1.0))
    begun = stepped(pace, Spending("tuesday", 0.3, 0.0, 100.0, None))
    assert (begun.period, begun.gone, begun.used) == ("tuesday", 0.0, 0.0)
    assert begun.price == pace.sum / 10
