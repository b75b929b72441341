"""Where limits over all customers stand: told to those who run the service, and measured."""

from engine.cli.status import limit_row
from engine.counts import Counts
from engine.limits.upkeep import Upkeep, UpkeepParts
from engine.memory.store import MemoryStore
from engine.metrics import Tally, exposition
from engine.wire.limits import limit_message
from models.pacing import STEPS
from rules.limits import LimitKind, Pacing
from tests.engine.company import DAY
from tests.engine.limited import Workers, limit, offered, shop_with


def upkeep_of(shop, counts=None):
    store = MemoryStore()
    store.limits = shop.store.limits.of("worker-0")
    parts = UpkeepParts(store, shop.keepers[0], lambda: shop.snapshot, 256, (counts or Counts()).hold)
    return Upkeep(parts, shop.now)


async def test_the_status_tells_what_is_used_and_left():
    shop = Workers(shop_with(limit("launch", 100), limit("money", 50, LimitKind.BUDGET, spends="cost")))
    upkeep = upkeep_of(shop)
    assert [one.known for one in upkeep.standings()] == [False, False]
    for _ in range(5):
        assert offered(await shop.decide())
    await upkeep.refresh(shop.now)
    rows = [limit_row(limit_message(one)) for one in upkeep.standings()]
    assert rows[0] == ("launch", "5", "23", "72", "100", "", "2026-09-24 22:00 UTC")
    assert rows[1][:2] == ("money", "4")
    assert limit_row(limit_message(upkeep_of(Workers(shop.snapshot)).standings()[0]))[1] == "not known"


async def test_the_gauges_of_all_workers_tell_of_the_same_thing():
    shop, tally = Workers(shop_with(limit("launch", 100))), Tally()
    for number in range(2):
        counts = Counts()
        shop.now += 1
        await upkeep_of(shop, counts).refresh(shop.now)
        tally.workers[number] = counts.snapshot()
    text = exposition(tally).decode()
    assert 'befit_limit_used{limit="launch"} 0.0' in text
    assert 'befit_limit_left{limit="launch"} 75.0' in text


async def test_a_paced_limit_asks_a_price_that_enters_the_priority_and_the_record():
    shop = Workers(shop_with(limit("launch", 50, pacing=Pacing())))
    first = await shop.decide()
    for _ in range(12):  # far more than the day's share of these minutes
        await shop.decide()
        shop.now += DAY / STEPS
        await shop.refresh()
    priced = await shop.decide(dry_run=True)
    assert (first.placements[0].actions[0].factors.scarcity, offered(priced)) == (0.0, False)
    factors = next(one.factors for one in priced.dropped if one.action == "upgrade_unlimited")
    assert factors.scarcity > 0.0
    assert factors.priority == first.placements[0].actions[0].factors.priority - factors.scarcity
    for _ in range(200):
        shop.now += DAY / STEPS
        await shop.refresh()
    idle = await shop.decide(dry_run=True)
    assert offered(idle)
    assert shop.keepers[0].accounts(shop.snapshot)[0].price == 0.0
