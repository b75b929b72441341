"""Decayed aggregates halve on time and do not mind the order of events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.aggregates import Decaying, added, age, read_at

DAY = 86_400.0
TIMES = st.floats(1.7e9, 1.9e9)


def test_a_half_life_halves():
    assert read_at(Decaying(8.0, 0.0), 3 * DAY, DAY) == pytest.approx(1.0)


def test_a_clock_behind_reads_the_value_itself():
    assert read_at(Decaying(8.0, 100.0), 50.0, DAY) == 8.0


def test_an_event_is_added_to_what_is_left_of_earlier_ones():
    first = added(None, 4.0, 0.0, DAY)
    assert added(first, 1.0, DAY, DAY) == Decaying(pytest.approx(3.0), DAY)


@given(st.lists(st.tuples(TIMES, st.floats(0, 1000)), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_late_events_give_what_events_in_order_give(events, chance):
    def total(ordered):
        aggregate = None
        for at, amount in ordered:
            aggregate = added(aggregate, amount, at, 7 * DAY)
        return read_at(aggregate, 1.9e9, 7 * DAY)

    shuffled = list(events)
    chance.shuffle(shuffled)
    assert total(shuffled) == pytest.approx(total(sorted(events)), rel=1e-9, abs=1e-9)


def test_an_age_is_exact_to_the_second_and_never_negative():
    assert age(1_790_000_000.0, 1_790_000_001.0) == 1.0
    assert age(1_790_000_001.0, 1_790_000_000.0) == 0.0
