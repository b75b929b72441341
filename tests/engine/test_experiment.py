"""Comparison groups and draws: keyed hashes, the same everywhere and again, with the shares that were asked for."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.experiment import Draws, control_group
from engine.ids import CustomerKey
from rules.policy import ControlGroup
from tests.engine.company import ANNA, DAY, NOW

GROUPS = (ControlGroup("random", 0.02, "random"), ControlGroup("nobody", 0.1, "nothing"))
PEOPLE = [CustomerKey("shop", f"c{number}") for number in range(20_000)]
SEPTEMBER_ENDS = 1_790_812_800.0


def group_of(customer: CustomerKey, now: float = NOW, salt: str = "salt") -> str:
    group = control_group(GROUPS, salt, customer, now)
    return "" if group is None else group.id


def within_tolerance(count: int, share: float, of: int) -> bool:
    """Five standard deviations of a binomial: one false alarm in 1.7 million."""
    return abs(count - share * of) <= 5 * math.sqrt(of * share * (1 - share))


def test_groups_have_the_shares_that_were_asked_for():
    found = [group_of(customer) for customer in PEOPLE]
    for group in GROUPS:
        assert within_tolerance(found.count(group.id), group.share, len(PEOPLE))


@given(st.text(min_size=1, max_size=8), st.floats(0, 1, exclude_max=True))
def test_a_customer_stays_in_one_group_for_a_month(name, part):
    customer = CustomerKey("shop", name)
    begin = SEPTEMBER_ENDS - 30 * DAY
    assert group_of(customer, begin + part * 30 * DAY) == group_of(customer, begin)


def test_groups_are_drawn_anew_each_month_and_under_each_salt():
    begin = [group_of(customer, SEPTEMBER_ENDS - 1) for customer in PEOPLE[:5000]]
    for other in (
        [group_of(customer, SEPTEMBER_ENDS) for customer in PEOPLE[:5000]],
        [group_of(customer, SEPTEMBER_ENDS - 1, "another") for customer in PEOPLE[:5000]],
    ):
        both = sum(one == another == "nobody" for one, another in zip(begin, other, strict=True))
        assert within_tolerance(both, 0.01, 5000)


def test_tenants_do_not_share_groups():
    elsewhere = [group_of(replace(customer, tenant="bank")) for customer in PEOPLE[:2000]]
    assert elsewhere != [group_of(customer) for customer in PEOPLE[:2000]]


def test_without_groups_nobody_is_in_one():
    assert control_group((), "salt", ANNA, NOW) is None


def test_a_draw_repeats_for_the_same_question_on_the_same_day():
    draws = Draws("salt", ANNA, "billing", "2026-09-24")
    assert draws.first_place("offer") == Draws("salt", ANNA, "billing", "2026-09-24").first_place("offer")


def test_a_draw_differs_with_all_that_it_is_for():
    draws = Draws("salt", ANNA, "billing", "2026-09-24")
    others = [
        replace(draws, salt="other"),
        replace(draws, customer=CustomerKey("shop", "ben")),
        replace(draws, customer=CustomerKey("bank", "anna")),
        replace(draws, need="cancel"),
        replace(draws, day="2026-09-25"),
        replace(draws, attempt=2),
    ]
    drawn = [one.first_place("offer") for one in (draws, *others)] + [
        draws.first_place("hero"),
        draws.of_action("offer"),
    ]
    assert len(set(drawn)) == len(drawn)
    assert all(0.0 <= one < 1.0 for one in drawn)


def test_draws_are_spread_evenly_and_apart_from_the_groups():
    bins = [0] * 10
    compared = 0
    for customer in PEOPLE:
        drawn = Draws("salt", customer, "", "2026-09-24").first_place("hero")
        bins[int(drawn * 10)] += 1
        compared += drawn < 0.1 and group_of(customer) == "nobody"
    assert all(within_tolerance(count, 0.1, len(PEOPLE)) for count in bins)
    assert within_tolerance(compared, 0.01, len(PEOPLE))
