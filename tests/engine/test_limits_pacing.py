"""Pacing on whole days: what it gains over first-come, by itself and through real decisions of two workers."""

from itertools import islice

import numpy as np
import pytest

from engine.limits.simulated_day import WORTHS, days
from rules.limits import LimitKind, Pacing
from tests.engine.company import DAY, with_actions
from tests.engine.limited import Workers, limit, offered, shop_with
from tests.rules.shop import cel

MIDNIGHT = 1_790_200_800.0
"""24 September 2026 in Berlin."""


@pytest.mark.parametrize("worths", WORTHS)
def test_pacing_brings_several_times_what_first_come_brings(worths):
    cold, second, third = islice(days(worths, 5000, 200, seed=7), 3)
    assert cold.paced > 2.5 * cold.first_come
    assert all(one.paced > 0.9 * one.hindsight and one.used > 190 for one in (second, third))


def test_where_there_is_enough_for_all_nothing_is_lost():
    for one in islice(days("exponential", 150, 200, seed=7), 2):
        assert one.paced > 0.98 * one.first_come


ALONE = ("basic_tariff", "new_phone", "film_box")
"""What else the web could show."""


async def brought(paced, budget=60.0):
    """What the offer brought on a day of 1,200 customers whose worth differs a lot; each contact spends one."""
    money = limit("money", budget, LimitKind.BUDGET, spends=1.0, pacing=Pacing() if paced else None)
    worth = {"value": {"margin": cel("customer.value_12m")}, "cost": 0.0}
    workers = Workers(with_actions(shop_with(money), upgrade_unlimited=worth), 2)
    values = np.random.default_rng(5).exponential(500.0, 1200).round()
    taken = []
    for number, value in enumerate(values.tolist()):
        workers.now = MIDNIGHT + DAY * (number + 1) / (len(values) + 1)
        await workers.refresh()
        customer = workers.someone(value_12m=value)
        if offered(await workers.decide(number % 2, customer, exclude=ALONE)):
            taken.append(value)
    assert len(taken) <= budget
    return sum(taken)


async def test_real_decisions_bring_more_under_a_price():
    assert await brought(paced=True) > 1.8 * await brought(paced=False)
