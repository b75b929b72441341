"""The snapshot in force follows what all workers share, and stays as it is while the store is away."""

from __future__ import annotations

import pytest

from engine.live import Live
from engine.memory.store import MemoryStore
from engine.store import StoreUnavailable
from models.codec import encode
from models.features import Feature, FeatureSchema, FeatureType
from rules.policy import Exploration
from tests.engine.company import ANNA, NOW, Company, changed, corner_shop, names

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())
OTHER = FeatureSchema((Feature("age", FeatureType.INTEGER),))


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def live(store) -> Live:
    live = Live(SHOP, store)
    await live.begin()
    return live


async def test_a_worker_publishes_its_schema(store, live):
    assert store.settings.schemas == {SHOP.schema.hash.hex(): SHOP.schema.to_json()}


async def shown(live: Live) -> list[str]:
    return names(await Company(live.snapshot()).decide(), "hero")


async def test_a_stopped_action_is_proposed_nowhere_from_the_next_refresh_on(store, live):
    await store.stop_action("film_box", True)
    assert await shown(live) == ["film_box"]
    await live.refresh()
    assert (await shown(live), live.stopped) == (["upgrade_unlimited"], ("film_box",))
    await store.stop_action("film_box", False)
    await live.refresh()
    assert await shown(live) == ["film_box"]


async def test_stopping_what_the_policy_does_not_have_stops_nothing(store, live):
    await store.stop_action("sold_out_long_ago", True)
    await live.refresh()
    assert (live.snapshot().stopped, live.stopped) == (0, ("sold_out_long_ago",))


async def test_vectors_of_other_workers_schemas_become_readable(store, live):
    assert OTHER.hash not in live.snapshot().readings
    await store.keep_schema(OTHER.hash.hex(), OTHER.to_json())
    await live.refresh()
    assert set(live.snapshot().readings) == {OTHER.hash, SHOP.schema.hash}
    company = Company(live.snapshot())
    company.store.customers[ANNA].vector = encode(OTHER, {"age": 30}, ANNA, NOW)
    assert (await company.decide(view=True)).view.features == {"age": 30.0}


@pytest.mark.parametrize("written", [b"", b"{", b"[]", b'{"features": 3}', OTHER.to_json().replace(b"age", b"egg")])
async def test_a_schema_that_cannot_be_read_or_is_another_changes_nothing(store, live, written):
    await store.keep_schema(OTHER.hash.hex(), written)
    await live.refresh()
    assert set(live.snapshot().readings) == {SHOP.schema.hash}


async def test_a_refresh_without_news_keeps_the_snapshot(live):
    before = live.snapshot()
    await live.refresh()
    assert live.snapshot() is before


async def test_while_the_store_is_away_everything_stays_and_the_problem_is_told(store, live):
    await store.stop_action("film_box", True)
    await live.refresh()
    before = live.snapshot()
    store.fail = "timeout"
    await live.refresh()
    assert (live.snapshot() is before, live.store_problem, live.stopped) == (True, "timeout", ("film_box",))
    store.fail = ""
    await live.refresh()
    assert live.store_problem == ""


async def test_a_worker_does_not_begin_without_its_store(store):
    store.fail = "refused"
    with pytest.raises(StoreUnavailable):
        await Live(SHOP, store).begin()
