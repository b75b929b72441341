"""How sure the money is over time: looked at only where a verdict could be told."""

from __future__ import annotations

from rules.experiments import ControlGroup
from tests.engine.reported import Log, accepted, shop

HALF = (ControlGroup("by_chance", 0.5, "random"),)


def test_a_handful_of_customers_is_not_looked_at():
    assert accepted(Log(shop(HALF)), 40, lambda _: 0.5).report().trend == ()


def test_looks_begin_when_there_are_enough_customers_and_end_with_all_of_them():
    found = accepted(Log(shop(HALF)), 400, lambda _: 0.5).report()
    first, *_, last = found.trend
    assert first.days > 0.1 * last.days
    assert last.difference == found.compared[0].money.difference
