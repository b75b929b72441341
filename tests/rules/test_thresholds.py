"""Thresholds: the most specific wins, the stricter of two that are as specific."""

import math

from rules.policy import Direction, Kind, Scope, Threshold
from tests.rules.shop import compiled, offer

ACTIONS = (offer("a", group="phones"), offer("b"), offer("note", kind=Kind.MESSAGE))
ANY = frozenset(Direction)


def least(propensity=None, priority=None, *, channels=(), directions=ANY, **scope):
    return Threshold(propensity, priority, Scope(**scope), channels, directions)


def minimums(*thresholds, channel="push"):
    return compiled(ACTIONS, thresholds=thresholds).thresholds[channel]


def test_without_thresholds_everything_passes():
    found = minimums()
    assert found.none
    assert found.propensity.tolist() == [0.0, 0.0, 0.0]
    assert found.priority.tolist() == [-math.inf] * 3


def test_the_scope_with_more_keys_wins_over_one_with_fewer():
    broad, narrow = least(0.5), least(0.1, kinds=(Kind.OFFER,), groups=("phones",))
    for order in ((broad, narrow), (narrow, broad)):
        assert minimums(*order).propensity.tolist() == [0.1, 0.5, 0.5]


def test_the_stricter_of_two_as_specific_wins():
    one, other = least(0.2, groups=("phones",)), least(0.3, kinds=(Kind.OFFER,))
    for order in ((one, other), (other, one)):
        assert minimums(*order).propensity.tolist() == [0.3, 0.3, 0.0]


def test_a_named_channel_or_direction_is_more_specific_than_none():
    everywhere, outbound = least(0.5), least(0.1, directions=frozenset({Direction.OUTBOUND}))
    push = least(0.2, channels=("push",), directions=frozenset({Direction.OUTBOUND}))
    assert minimums(everywhere, outbound, push).propensity.tolist() == [0.2] * 3
    assert minimums(everywhere, outbound, push, channel="web").propensity.tolist() == [0.5] * 3


def test_propensity_and_priority_are_settled_apart():
    found = minimums(least(0.5, 3.0), least(priority=1.0, groups=("phones",)))
    assert found.propensity.tolist() == [0.5] * 3
    assert found.priority.tolist() == [1.0, 3.0, 3.0]
    assert not found.none
