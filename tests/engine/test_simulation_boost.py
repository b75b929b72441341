"""The boost that a search finds reaches its aim, and a smaller one does not: by deciding everything with it."""

from __future__ import annotations

import pytest

from engine.decide import resolve
from engine.simulation.boost import STEP, Aim, find_boost, lever_of
from engine.simulation.change import boost_of
from engine.simulation.questions import LoggedBatch, Pair
from engine.simulation.sides import Plan, build
from engine.simulation.spread import Spread
from tests.engine.simulated import past, shop

BATCHES = [LoggedBatch(past().records[start : start + 100]) for start in range(0, 300, 100)]


def found(aim: Aim, *changes: str):
    side = shop(*changes)
    with Spread(Plan(side, side), 1) as spread:
        steps: list[int] = []
        boost = find_boost(spread, BATCHES, aim, steps.append)
    assert steps == list(range(1, len(steps) + 1))
    return boost


def share_with(aim: Aim, *changes: str) -> float:
    """The share of first places under a policy that was loaded with the changes."""
    side = shop(*changes)
    sides = build(Plan(side, side))
    index = sides.after.policy.catalogue.index[aim.action]
    firsts = []
    for asked in past().asked(sides):
        assert isinstance(asked, Pair)
        if asked.after.request.channel == aim.channel:
            placed = resolve(sides.after, asked.after).placed
            firsts += [one.picked.actions[:1] == (index,) for one in placed if one.placement.name == aim.placement]
    return sum(firsts) / len(firsts)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.33, 0.5])
@pytest.mark.parametrize("action", ["film_box", "basic_tariff"])
def test_the_boost_reaches_the_share_and_a_thousandth_less_does_not(share, action):
    aim = Aim(action, "web", "hero", share)
    boost = found(aim)
    assert boost.factor is not None
    assert share_with(aim, f"lever.{action}={boost_of(boost.factor)}") == boost.reached >= share
    assert share_with(aim, f"lever.{action}={boost_of(boost.factor - STEP)}") == boost.below < share
    assert boost.now == share_with(aim)


def test_the_search_starts_from_the_policy_as_changed():
    aim = Aim("film_box", "web", "hero", 0.3)
    boost = found(aim, "lever.film_box=1.5", "lever.group.partners=1.2")
    assert boost.now_factor == pytest.approx(1.7)
    assert boost.factor == pytest.approx(found(aim).factor)


def test_a_share_that_no_boost_reaches_is_told_with_the_most_that_can_be():
    aim = Aim("upgrade_unlimited", "web", "hero", 1.0)
    boost = found(aim)
    assert boost.factor is None
    assert boost.reached == share_with(aim, "lever.upgrade_unlimited=10000%") < 1.0
    assert 0 < boost.allowed < boost.decisions


def test_an_action_with_nothing_to_gain_is_never_boosted_to_win():
    aim = Aim("film_box", "web", "hero", 0.05)
    boost = found(aim, "actions.film_box.value.margin=-5")
    assert (boost.factor, boost.reached) == (None, 0.0)


def test_a_past_without_the_placement_needs_no_boost():
    boost = found(Aim("film_box", "kiosk", "hero", 0.05))
    assert (boost.factor, boost.decisions, boost.reached) == (None, 0, 0.0)


def test_a_lever_is_told_as_the_policy_has_it():
    side = shop("lever.film_box=1.25")
    assert lever_of(build(Plan(side, side)).after, "film_box") == 1.25
