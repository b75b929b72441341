"""Limits over all customers: their intervals, what they leave of the allowed actions, and what scarcity costs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.intervals import CALENDARS, Demand, Interval, interval_of
from rules.limits import COST, CountedApart, Limit, LimitKind
from rules.policy import Reason, Scope
from rules.rationing import CLOSED, MeterSeen, Rations, Wanted
from rules.removal import Remover
from rules.situation import Moment
from rules.wording.code import Code
from tests.rules.shop import DAY, HERE, NOON, cel, compiled, judged, names, offer, tier

BERLIN = ZoneInfo("Europe/Berlin")
ACTIONS = (offer("a", cost=2.0), offer("b", cost=5.0), offer("c", group="other"))


def limit(name: str = "one", kind: LimitKind = LimitKind.VOLUME, most: float = 10.0, **fields: Any) -> Limit:
    given: dict[str, Any] = {
        "per": "day",
        "within": 0.0,
        "scope": Scope(groups=("tariffs",)),
        "reason": Reason(),
    }
    return Limit(id=name, kind=kind, most=most, place=HERE, **(given | fields))


def rationed(*limits: Limit, seen: dict[str, MeterSeen], exempt: int = 0, rank: str = "low") -> tuple[Remover, Rations]:
    ready = compiled(ACTIONS, limits=limits, tiers=(tier("low"),))
    verdicts = judged(ready, Moment(NOON, "web"), {"spend": 3.0})
    cost = np.array([action.cost for action in ready.catalogue.actions])
    remover = Remover(ready.catalogue.all)
    return remover, ready.rationing.ration(Wanted("web", rank, verdicts.values, cost, exempt), seen, remover)


def left(remover: Remover) -> set[str]:
    return names(compiled(ACTIONS), remover.allowed)


def test_what_is_exhausted_is_removed_and_what_is_not_known_may_be_asked_for() -> None:
    assert left(rationed(limit(), seen={"one": MeterSeen(0, 10, 0.0)})[0]) == {"c"}
    assert left(rationed(limit(), seen={"one": MeterSeen(1, 10, 0.0)})[0]) == {"a", "b", "c"}
    assert left(rationed(limit(), seen={"one": MeterSeen(None, 10, 0.0)})[0]) == {"a", "b", "c"}
    closed, _ = rationed(limit(), seen={"one": MeterSeen(CLOSED, 10, 0.0)})
    assert (left(closed), closed.removals[0].code) == ({"c"}, Code.LIMIT_UNKNOWN)


def test_an_offer_that_stands_is_exempt() -> None:
    remover, rations = rationed(limit(), seen={"one": MeterSeen(0, 10, 0.0)}, exempt=1)
    assert left(remover) == {"a", "c"}
    assert list(rations.of(0)) == []


def test_a_tier_leaves_its_floor() -> None:
    floors = {"low": 0.2}
    assert left(rationed(limit(floors=floors), seen={"one": MeterSeen(3, 10, 0.0)})[0]) == {"a", "b", "c"}
    assert left(rationed(limit(floors=floors), seen={"one": MeterSeen(2, 10, 0.0)})[0]) == {"c"}
    assert left(rationed(limit(floors=floors), seen={"one": MeterSeen(1, 10, 0.0)}, rank="high")[0]) == {"a", "b", "c"}


def test_a_budget_removes_what_costs_more_than_is_left() -> None:
    money = limit(kind=LimitKind.BUDGET, spends=COST)
    remover, rations = rationed(money, seen={"one": MeterSeen(40_000, 100_000, 0.0)})
    assert left(remover) == {"a", "c"}
    assert [units for _, units in rations.of(0)] == [20_000]


def test_an_amount_may_be_an_expression_and_is_unknown_where_its_facts_are() -> None:
    spends = limit(kind=LimitKind.BUDGET, spends=cel("customer.spend * 2"))
    assert [units for _, units in rationed(spends, seen={})[1].of(1)] == [60_000]
    unknown, _ = rationed(limit(kind=LimitKind.BUDGET, spends=cel("customer.age * 1")), seen={})
    assert (left(unknown), unknown.removals[0].code) == ({"c"}, Code.UNKNOWN_FACT)


def test_prices_of_all_limits_add_up() -> None:
    money = limit("money", LimitKind.BUDGET, spends=COST)
    seen = {"one": MeterSeen(5, 10, 1.5), "money": MeterSeen(90_000, 100_000, 0.25)}
    scarcity = rationed(limit(), money, seen=seen)[1].scarcity
    assert scarcity is not None
    assert scarcity.tolist() == [1.5 + 0.25 * 2.0, 1.5 + 0.25 * 5.0, 0.0]


def test_each_may_be_counted_apart() -> None:
    ready = compiled(ACTIONS, limits=(limit(scope=Scope(), each=CountedApart.GROUP),))
    apart = {one.name: names(ready, one.mask) for one in ready.rationing.meters}
    assert apart == {"one/other": {"c"}, "one/tariffs": {"a", "b"}}
    ready = compiled(ACTIONS, limits=(limit(each=CountedApart.CHANNEL, channels=("web", "push")),))
    assert [one.name for one in ready.rationing.by_channel["push"]] == ["one/push"]
    assert ready.rationing.by_channel["call_centre"] == ()


def test_no_more_is_chosen_than_is_left() -> None:
    _, rations = rationed(limit(), seen={"one": MeterSeen(1, 10, 0.0)})
    assert [rations.beyond(chosen) for chosen in ([0], [2, 1], [0, 1], [1, 2, 0])] == [0, 0, 2, 1]


@pytest.mark.parametrize(
    ("per", "at", "begins", "hours"),
    [
        ("hour", "2026-09-24T12:34:56", "2026-09-24T12:00:00", 1),
        ("day", "2026-03-29T12:00:00", "2026-03-29T00:00:00", 23),
        ("day", "2026-10-25T12:00:00", "2026-10-25T00:00:00", 25),
        ("week", "2026-09-24T12:00:00", "2026-09-21T00:00:00", 168),
        ("month", "2026-02-11T12:00:00", "2026-02-01T00:00:00", 28 * 24),
    ],
)
def test_intervals_follow_the_companys_clock(per: str, at: str, begins: str, hours: int) -> None:
    found = interval_of(per, datetime.fromisoformat(at).replace(tzinfo=BERLIN).timestamp(), BERLIN)
    assert datetime.fromtimestamp(found.start, BERLIN).isoformat()[:19] == begins
    assert found.end - found.start == hours * 3600


@given(st.sampled_from(CALENDARS), st.floats(1.6e9, 2.0e9))
def test_every_moment_lies_in_its_interval(per: str, now: float) -> None:
    found = interval_of(per, now, BERLIN)
    assert found.start <= now < found.end
    assert interval_of(per, found.end - 1, BERLIN) == found


@given(st.lists(st.integers(0, 5), min_size=24, max_size=24), st.lists(st.floats(0, DAY), min_size=2, max_size=5))
def test_demand_goes_by_from_nothing_to_all(by_hour: list[int], seconds: list[float]) -> None:
    day = Interval(NOON - DAY / 2, NOON + DAY / 2)
    demand = Demand(day, by_hour, BERLIN)
    gone = [demand.gone(day.start + one) for one in sorted(seconds)]
    assert gone == sorted(gone)
    assert (demand.gone(day.start), demand.gone(day.end)) == (0.0, 1.0)
    if sum(by_hour):
        assert demand.gone(NOON) == pytest.approx(sum(by_hour[:12]) / sum(by_hour))
