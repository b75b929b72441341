"""Decisions under limits over all customers: exactly as much as there is, and back what does not stand."""

import asyncio
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.store import StoreUnavailable
from rules.ledger import SEEN
from rules.limits import CountedApart, LimitKind
from rules.policy import Scope
from tests.engine.company import DAY, contact
from tests.engine.limited import Workers, limit, offered, shop_with, why_not


async def test_a_limit_of_ten_is_proposed_ten_times_by_three_workers():
    shop = Workers(shop_with(limit("launch")), 3)
    found = [await shop.decide(number % 3) for number in range(30)]
    assert [offered(one) for one in found] == [True] * 10 + [False] * 20
    assert why_not(found[-1]) == ("availability", "launch", "LIMIT_REACHED")
    assert shop.noted["befit_scarce_trips", "refused"] <= 3


async def test_a_limit_holds_when_all_decide_at_once():
    shop = Workers(shop_with(limit("launch", 40)), 3)
    found = await asyncio.gather(*(shop.decide(number % 3) for number in range(90)))
    for _ in range(4):  # leases that were handed out to others come back
        await shop.refresh()
        found += await asyncio.gather(*(shop.decide(number % 3) for number in range(30)))
    assert sum(map(offered, found)) == 40


async def test_extra_trips_are_rare_while_much_is_left():
    shop = Workers(shop_with(limit("launch", 2000)), 2)
    await shop.refresh()
    for number in range(400):
        assert offered(await shop.decide(number % 2))
        if number % 50 == 0:
            await shop.refresh()
    assert sum(count for key, count in shop.noted.items() if key[0] == "befit_scarce_trips") <= 2


async def test_a_new_day_begins_anew():
    shop = Workers(shop_with(limit("launch", 1)))
    assert [offered(await shop.decide()) for _ in range(3)] == [True, False, False]
    shop.now += DAY
    assert [offered(await shop.decide()) for _ in range(3)] == [True, False, False]


async def test_a_rolling_window_counts_what_is_younger():
    shop = Workers(shop_with(limit("launch", 2, per="", within=3600.0)))
    found = []
    for _ in range(8):
        found.append(offered(await shop.decide()))
        await shop.refresh()
        shop.now += 1200
    assert found == [True, True, False, False, True, True, False, False]


async def test_each_action_may_have_a_limit_of_its_own():
    scope = Scope(actions=("upgrade_unlimited", "basic_tariff"))
    shop = Workers(shop_with(limit("each", 1, scope=scope, each=CountedApart.ACTION)))
    found = [await shop.decide() for _ in range(3)]
    assert [offered(one) for one in found] == [True, False, False]
    assert [offered(one, "basic_tariff") for one in found] == [False, True, False]


async def test_a_limit_on_a_channel_is_no_limit_elsewhere():
    shop = Workers(shop_with(limit("web_only", 0, channels=("web",))))
    assert not offered(await shop.decide())
    assert offered(await shop.decide(channel="call_centre"))


async def test_a_budget_pays_what_contacts_cost_and_is_never_passed():
    shop = Workers(shop_with(limit("money", 2.5, LimitKind.BUDGET, spends="cost")))  # 0.8 each
    assert [offered(await shop.decide()) for _ in range(5)] == [True, True, True, False, False]
    await shop.refresh()
    assert await shop.used("budget:money") == 24_000


async def test_a_tier_leaves_what_is_reserved_for_others():
    shop = Workers(shop_with(limit("launch", 10, floors={"transactional": 0.2, "prospect": 0.2})))
    for _ in range(8):
        assert offered(await shop.decide(who=shop.someone(value_12m=10.0)))
    assert why_not(await shop.decide(who=shop.someone(value_12m=10.0)))[2] == "LIMIT_REACHED"
    assert [offered(await shop.decide()) for _ in range(3)] == [True, True, False]


async def test_a_route_spills_over_when_its_queue_is_full():
    queue = limit("agents", 0, LimitKind.CAPACITY, per="", queue="retention", fresh_for=60.0,
                  scope=Scope(actions=("route_retention",)))  # fmt: skip
    shop = Workers(shop_with(queue))

    async def route():
        decision = await shop.decide(channel="call_centre", intent="cancel")
        return next(one.actions[0].action for one in decision.placements if one.placement == "route")

    assert await route() == "route_general"
    await shop.store.limits.post_capacity("retention", 2, shop.now)
    await shop.refresh()
    assert [await route() for _ in range(3)] == ["route_retention"] * 2 + ["route_general"]
    await shop.store.limits.post_capacity("retention", 1, shop.now + 1)
    await shop.refresh()
    assert await route() == "route_retention"
    shop.now += 100
    await shop.refresh()
    assert await route() == "route_general"


async def test_what_nothing_is_committed_for_takes_nothing():
    shop = Workers(shop_with(limit("launch", 1)))
    assert all([offered(await shop.decide(dry_run=True)) for _ in range(3)])
    assert offered(await shop.decide())
    assert not offered(await shop.decide(dry_run=True))


async def test_without_the_store_nothing_limited_is_proposed():
    shop = Workers(shop_with(limit("topics", scope=Scope(actions=("topic_bill",)))))
    shop.store.failing = {"read_profile"}
    assert why_not(await shop.decide(channel="call_centre"), "topic_bill")[2] == "LIMIT_UNKNOWN"


async def test_a_commit_of_which_nothing_is_known_gives_back_once_it_is_void():
    shop = Workers(shop_with(limit("launch", 1)))
    shop.store.failing = {"commit"}
    assert not offered(await shop.decide())
    shop.store.failing = set()
    await shop.deciders[0].close()
    await shop.refresh()
    assert [offered(await shop.decide()) for _ in range(2)] == [True, False]


async def test_an_offer_lost_to_a_cap_gives_back():
    shop = Workers(shop_with(limit("launch", 1)))
    who = shop.someone()

    async def contacted(_):
        reached = [contact("upgrade_unlimited", shop.now - 60 * number) for number in (1, 2, 3)]
        await shop.store.contacted(who, *reached)

    shop.store.meanwhile = contacted
    await shop.decide(who=who)
    assert [offered(await shop.decide()) for _ in range(2)] == [True, False]


async def test_an_offer_that_stands_is_shown_again_without_taking():
    shop = Workers(shop_with(limit("launch", 1)))
    who = shop.someone()
    await shop.store.contacted(who, contact("upgrade_unlimited", shop.now - 60, flags=SEEN))
    assert [offered(await shop.decide(who=who)) for _ in range(3)] == [True, True, True]
    assert [offered(await shop.decide()) for _ in range(2)] == [True, False]


async def test_what_a_cancelled_decision_asked_for_is_there_for_others():
    shop = Workers(shop_with(limit("launch", 1)))
    limits, reached = shop.store.limits.of("worker-0"), asyncio.Event()
    keeper = shop.keepers[0]

    async def granted_but_never_heard(calls):
        await limits.lease(calls)
        reached.set()
        await asyncio.get_running_loop().create_future()

    keeper._store = SimpleNamespace(lease=granted_but_never_heard)
    asking = asyncio.create_task(shop.decide())
    await reached.wait()
    asking.cancel()
    await asyncio.wait([asking])
    keeper._store = limits
    await shop.refresh()
    assert [offered(await shop.decide()) for _ in range(2)] == [True, False]


async def test_while_the_store_of_limits_is_away_what_is_leased_goes_on_for_a_while():
    shop = Workers(shop_with(limit("launch", 40)))
    assert offered(await shop.decide())
    shop.store.limits._check = shop.keepers[0]._store._check = away
    with pytest.raises(StoreUnavailable):
        await shop.refresh()
    assert [offered(await shop.decide()) for _ in range(10)] == [True] * 9 + [False]
    assert shop.noted["befit_scarce_trips", "unanswered"] == 1
    shop.store.limits._check = shop.keepers[0]._store._check = lambda: None
    await shop.refresh()
    assert offered(await shop.decide())


def away():
    raise StoreUnavailable("timeout")


async def test_two_placements_do_not_promise_the_last_one_twice():
    scope = Scope(actions=("upgrade_unlimited", "basic_tariff", "new_phone"))
    shop = Workers(shop_with(limit("sales", 2, scope=scope)))
    decision = await shop.decide(channel="call_centre")
    assert sum(offered(decision, name) for name in scope.actions) == 2


@pytest.mark.parametrize("workers", [1, 3])
def test_whatever_happens_the_limit_is_not_passed(workers):
    @settings(max_examples=25, deadline=None)
    @given(
        most=st.integers(0, 60),
        script=st.lists(st.tuples(st.integers(0, workers - 1), st.sampled_from("ddddddrfu")), max_size=120),
    )
    def holds(most, script):
        assert asyncio.run(play(most, workers, script)) <= most

    async def play(most, count, script):
        shop, found = Workers(shop_with(limit("launch", most)), count), 0
        for worker, step in script:
            shop.store.failing = {"commit"} if step == "f" else set()
            if step == "r":
                await shop.keepers[worker].refresh(shop.snapshot, shop.now)
            elif step == "u":
                shop.now += 7
            else:
                found += offered(await shop.decide(worker))
        for decider in shop.deciders:
            await decider.close()
        await shop.refresh()
        assert await shop.used("volume:launch") >= found
        return found

    holds()
