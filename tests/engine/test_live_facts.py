"""Facts of actions that events tell reach every worker with its next refresh, and are known again in replay."""

from __future__ import annotations

import pytest

from engine.decision import Audience, Trace
from engine.live import Live
from engine.outcome import Disposition
from engine.redis.store import RedisStore
from rules.policy import EngagementRule, Reason, Scope, Stage
from tests.engine.company import NOW, changed, names
from tests.engine.conftest import PATIENT
from tests.engine.eventful import HERE, EventfulCompany, cel, eventful
from tests.engine.servers import url_of

IN_STOCK = EngagementRule("in_stock", Stage.APPLICABILITY, True, cel("action.stock > 0"), Scope(), Reason(), HERE)


def shop():
    snapshot = eventful()
    return changed(snapshot, rules=(*snapshot.policy.policy.rules, IN_STOCK))


async def shown(company: EventfulCompany, live: Live, now: float = NOW) -> list[str]:
    await live.refresh()
    company.snapshot = live.snapshot()
    return names(await company.decide(now), "hero")


@pytest.fixture
async def company() -> EventfulCompany:
    return EventfulCompany(shop())


@pytest.fixture
async def live(company) -> Live:
    found = Live(company.snapshot, company.store)
    await found.begin()
    return found


async def test_what_is_sold_out_is_not_offered_from_the_next_refresh_on(company, live):
    (first,) = await shown(company, live)
    assert (await company.happens("action_facts", action=first, stock=0.0)).disposition is Disposition.ACCEPTED
    (second,) = await shown(company, live)
    assert second != first
    await company.happens("action_facts", NOW + 1, action=first, stock=5.0)
    assert await shown(company, live, NOW + 2) == [first]


async def test_a_stale_fact_is_unknown_so_that_the_action_is_not_offered(company, live):
    (first,) = await shown(company, live)
    await company.happens("action_facts", action=first, stock=5.0)
    assert await shown(company, live, NOW + 3599) == [first]
    assert first not in await shown(company, live, NOW + 3600)


async def test_a_repeated_event_is_told_and_changes_nothing(company, live):
    told = [await company.happens("action_facts", action="film_box", stock=1.0, event_id="s-1") for _ in range(2)]
    assert [one.disposition.value for one in told] == ["accepted", "duplicate"]


async def test_a_queues_free_places_reach_the_limits(company):
    assert (await company.happens("queue_capacity", queue="gold", free=7.0)).disposition is Disposition.ACCEPTED
    assert (await company.store.limits.capacities())["gold"].free == 7


async def test_every_worker_reads_the_facts_of_one_store(valkey_store, request):
    other = RedisStore(url_of(request.getfixturevalue("valkey")), "worker-2", PATIENT)
    await other.open()
    company = EventfulCompany(shop())
    company.events._store = valkey_store
    workers = [Live(shop(), store) for store in (valkey_store, other)]
    for worker in workers:
        await worker.begin()
    (first,) = await shown(company, workers[0])
    await company.happens("action_facts", action=first, stock=0.0)
    assert [first in await shown(company, worker) for worker in workers] == [False, False]
    await company.happens("action_facts", NOW + 1, action=first, stock=2.0)
    assert [first in await shown(company, worker, NOW + 2) for worker in workers] == [True, True]
    await other.close()


async def test_the_fact_that_decided_is_told_as_it_was(company, live):
    await company.happens("action_facts", action="film_box", stock=0.0)
    await shown(company, live)
    decision = await company.decide(trace=Trace.FULL, audience=Audience.ANALYST)
    (dropped,) = [one for one in decision.dropped if one.action == "film_box"]
    assert dropped.rule == "in_stock"
    assert "action.stock = 0" in dropped.why.sentence
