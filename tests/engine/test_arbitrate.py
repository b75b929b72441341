"""Choosing among allowed actions: the best first, drawn with the probability that is told, never at a loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from engine.arbitrate import NOTHING, Candidates, Preference, Slot, fill, first_place_probabilities
from engine.decision import Cause

FALLBACK = 99
MONEY = st.one_of(st.sampled_from([-5.0, 0.0, 1.0, 7.5]), st.floats(-100, 100).map(lambda money: round(money, 2)))


def candidates(
    *priorities: float, mandatory: int = 0, honoured: int = 0, weights: tuple[float, ...] = ()
) -> Candidates:
    """Candidates 10, 11, ... in the order given, which is that of preference."""
    no_loss = mandatory + sum(money >= 0.0 for money in priorities[mandatory:])
    worth = mandatory + sum(money > 0.0 for money in priorities[mandatory:])
    weight = np.array(weights or [1.0] * len(priorities))[:no_loss]
    return Candidates(list(range(10, 10 + len(priorities))), mandatory, no_loss, worth, weight, honoured)


def slot(**fields) -> Slot:
    return Slot(**({"places": 1, "allow_nothing": True, "fallback": None, "share": 0.0, "draw": 0.5} | fields))


@st.composite
def boards(draw):
    """Any candidates in order of preference with their priorities, and any slot."""
    count = draw(st.integers(0, 6))
    mandatory = draw(st.integers(0, min(count, 2)))
    led = draw(st.lists(MONEY, min_size=mandatory, max_size=mandatory))
    rest = draw(st.lists(MONEY, min_size=count - mandatory, max_size=count - mandatory))
    priorities = (*sorted(led, reverse=True), *sorted(rest, reverse=True))
    weights = tuple(draw(st.lists(st.floats(0.05, 1.0), min_size=count, max_size=count)))
    honoured = draw(st.integers(0, 63)) << 10
    asked = slot(
        places=draw(st.integers(1, 4)),
        allow_nothing=draw(st.booleans()),
        fallback=draw(st.sampled_from([None, FALLBACK])),
        share=draw(st.sampled_from([0.0, 0.05, 0.5, 1.0])),
        draw=draw(st.floats(0.0, 1.0, exclude_max=True)),
    )
    found = candidates(*priorities, mandatory=mandatory, honoured=honoured, weights=weights)
    return found, asked, dict(zip(found.actions, priorities, strict=True))


def test_mandatory_comes_first_then_the_priority_then_the_raw_score_then_the_order_of_the_catalogue():
    mandatory = 1 << 11 | 1 << 15
    priority = np.array([3.0, -9.0, 5.0, 3.0, 3.0, 2.0])
    raw = np.array([0.2, 0.9, 0.1, 0.4, 0.2, 0.1])
    found = Preference.of(range(10, 16), mandatory, priority, raw)
    assert found.listed == [15, 11, 12, 13, 10, 14]
    assert found[1:] == (mandatory, 0b111111 << 10, 0b111111 << 10)


def test_a_placement_sees_its_own_part_of_the_preference():
    priority = np.array([3.0, -9.0, 5.0, 0.0, -1.0, 2.0])
    found = Preference.of(range(6), 0b10, priority, np.zeros(6))
    assert found.listed == [1, 2, 0, 5, 3, 4]
    here = found.among(0b011110, honoured=4)
    assert here._replace(weight=None) == ([1, 2, 3, 4], 1, 3, 2, None, 4)
    there = found.among(0b110001, honoured=0)
    assert there._replace(weight=None) == ([0, 5, 4], 0, 2, 2, None, 0)


def test_the_best_take_the_places_in_their_order():
    assert fill(candidates(9.0, 4.0, 1.0), slot(places=2)).actions == (10, 11)


def test_only_mandatory_actions_are_proposed_at_a_loss():
    assert fill(candidates(-3.0, 5.0, -1.0, mandatory=1), slot(places=3)).actions == (10, 11)
    assert fill(candidates(5.0, -1.0), slot(places=2)).actions == (10,)


def test_nothing_beats_what_is_worth_no_more_where_nothing_is_allowed():
    assert fill(candidates(0.0), slot()).cause is Cause.BEST_IS_NOTHING
    assert fill(candidates(0.0), slot(allow_nothing=False)).actions == (10,)
    assert fill(candidates(), slot()).cause is Cause.NONE_ALLOWED


def test_the_fallback_stands_in_where_nothing_else_may():
    picked = fill(candidates(-1.0), slot(allow_nothing=False, fallback=FALLBACK, share=1.0))
    assert (picked.actions, picked.cause, picked.probability, picked.explored) == (
        (FALLBACK,),
        Cause.FALLBACK,
        1.0,
        False,
    )


def test_nothing_is_drawn_against_what_is_mandatory():
    for draw in (0.0, 0.5, 0.999):
        picked = fill(candidates(1.0, 50.0, mandatory=1), slot(share=1.0, draw=draw))
        assert (picked.actions, picked.probability, picked.explored) == ((10,), 1.0, False)


def test_an_honoured_offer_that_fell_behind_takes_the_last_place():
    found = candidates(9.0, 8.0, 7.0, 6.0, honoured=1 << 12 | 1 << 13)
    assert fill(found, slot(places=2)).actions == (10, 12)
    assert fill(found, slot(places=1)).actions == (10,)
    assert fill(found._replace(honoured=1 << 11 | 1 << 13), slot(places=2)).actions == (10, 11)
    assert fill(found._replace(mandatory=2), slot(places=2)).actions == (10, 11)


def test_what_is_drawn_comes_first_and_the_rest_follow_by_preference():
    picked = fill(candidates(9.0, 8.0, 7.0, 0.0), slot(places=3, share=1.0, draw=0.55))
    assert (picked.actions, picked.explored) == ((12, 10, 11), True)
    assert fill(candidates(9.0, 0.0), slot(places=3, share=1.0, draw=0.5)).actions == (11, 10)


def test_a_young_action_is_drawn_more_often_and_nothing_as_often_as_the_average():
    chances = first_place_probabilities(candidates(9.0, 8.0, weights=(0.5, 1.0)), slot(share=0.3))
    assert chances == pytest.approx({10: 0.7 + 0.3 * 0.5 / 2.25, 11: 0.3 * 1.0 / 2.25, NOTHING: 0.3 * 0.75 / 2.25})


def test_where_nothing_is_best_it_is_what_exploration_leaves():
    chances = first_place_probabilities(candidates(0.0, -2.0), slot(share=0.2))
    assert chances == pytest.approx({NOTHING: 0.9, 10: 0.1})


def test_where_something_is_worth_it_and_nothing_is_drawn_the_place_says_so():
    drawn = fill(candidates(9.0, 8.0), slot(share=0.3, draw=0.999))
    assert (drawn.actions, drawn.explored, drawn.cause) == ((), True, Cause.NOTHING_DRAWN)
    best = fill(candidates(0.0, -2.0), slot(share=0.2, draw=0.5))
    assert (best.actions, best.explored, best.cause) == ((), False, Cause.BEST_IS_NOTHING)


@given(boards())
def test_probabilities_sum_to_one_over_what_may_be_chosen(board):
    found, asked, _ = board
    chances = first_place_probabilities(found, asked)
    assert sum(chances.values()) == pytest.approx(1.0, abs=1e-12)
    assert set(chances) <= {*found.actions[: found.choosable], NOTHING, FALLBACK}
    assert all(chance >= 0.0 for chance in chances.values())


@given(boards())
def test_the_probability_that_is_told_is_that_of_the_first_place(board):
    found, asked, _ = board
    picked = fill(found, asked)
    chances = first_place_probabilities(found, asked)
    assert picked.probability == pytest.approx(chances[picked.actions[0] if picked.actions else NOTHING], abs=1e-12)


@given(boards())
def test_nothing_is_ever_proposed_at_a_loss_unless_it_is_mandatory(board):
    found, asked, worth = board
    mandatory = set(found.actions[: found.mandatory])
    for action in set(fill(found, asked).actions) - {FALLBACK} - mandatory:
        assert worth[action] >= 0.0


@given(boards())
def test_an_action_stands_once_and_no_more_than_asked_for(board):
    found, asked, _ = board
    picked = fill(found, asked)
    assert len(set(picked.actions)) == len(picked.actions) <= asked.places
    if picked.explored:
        assert found.mandatory == 0
        assert FALLBACK not in picked.actions


@given(boards(), st.integers(50, 400))
def test_evenly_spread_draws_choose_as_often_as_told(board, spread):
    found, asked, _ = board
    chances = first_place_probabilities(found, asked)
    counts = dict.fromkeys(chances, 0)
    for number in range(spread):
        picked = fill(found, structs.replace(asked, draw=(number + 0.5) / spread))
        counts[picked.actions[0] if picked.actions else NOTHING] += 1
    for action, chance in chances.items():
        assert abs(counts[action] - chance * spread) <= 2.0
