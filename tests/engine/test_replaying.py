"""Logged decisions made again are the same byte for byte; what is not is told, with what differs or what is missing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.activation.loader import Loader
from engine.decision import Decision
from engine.explaining.explainer import Explainer
from engine.live import Live
from engine.memory.rules import Customer
from engine.memory.store import MemoryStore
from engine.recall import Recall
from engine.record import unpack_decision
from engine.replaying.replay import Outcome, Replayed, Replayer
from engine.replaying.retold import Retelling
from engine.replaying.revisions import PastSnapshots
from engine.snapshot import Snapshot
from models.features import FeatureSchema, FeatureType
from rules.policy import Direction, EngagementRule, Exploration, Levers, Reason, Scope, Stage
from tests.engine.company import ANNA, NOW, Company, changed, contact, corner_shop, telco
from tests.engine.eventful import HERE, EventfulCompany, cel, eventful
from tests.engine.limited import Workers, limit, shop_with
from tests.engine.otherwise import Asked, anybody

PARTITIONS = 256


def snapshots(store: MemoryStore, *known: Snapshot) -> PastSnapshots:
    loader = Loader(store.revisions)
    for one in known:
        loader.remember(one)
    return PastSnapshots(store, loader)


async def replays(store: MemoryStore, *known: Snapshot) -> list[Replayed]:
    return [one async for one in Replayer(store, snapshots(store, *known)).all(PARTITIONS)]


async def busy(snapshot: Snapshot, count: int) -> Company:
    """Decisions for all sorts of people; every fifth loses a claim to another channel, every seventh is taken back."""
    company = Company(snapshot)
    for seed in range(count):
        asked = anybody(snapshot, seed)
        who = asked.request.customer
        company.know(who, asked.features, asked.consent)
        held = company.store.customers.setdefault(who, Customer())
        held.contacts, held.pauses = list(asked.contacts), {(a, c): until for a, c, until in asked.pauses}
        company.store.meanwhile = contacting(company, asked) if seed % 5 == 0 else None
        decision = await company.decider.decide(asked.request, asked.now)
        if seed % 7 == 0 and isinstance(decision, Decision):
            await company.store.void(who, decision.decision_id)
    return company


def contacting(company: Company, asked: Asked) -> Callable[..., object]:
    """Another decision contacts the customer over the same channel about everything."""
    policy, channel = company.snapshot.policy, asked.request.channel
    outbound = int(policy.policy.channels[channel].direction is Direction.OUTBOUND)
    contacts = [contact(name, asked.now - 1.0, channel, direction=outbound) for name in policy.catalogue.ids]

    async def happen(request):
        await company.store.contacted(request.customer, *contacts, *contacts, *contacts)

    return happen


@pytest.mark.parametrize("company", [corner_shop, telco])
async def test_every_decision_comes_out_the_same_byte_for_byte(company):
    snapshot = company().with_stopped(frozenset({"basic_tariff", "tv_pack"}))
    made = await busy(snapshot, 60)
    found = await replays(made.store, snapshot)
    assert Counter(one.outcome for one in found) == {Outcome.SAME: 60}, [one for one in found if one.differences][:1]
    records = [unpack_decision(entry.body) for log in made.store.logs.values() for _, entry in log if entry.body]
    assert {1, 2} == {record.attempt for record in records}
    assert all(record.stopped for record in records)


async def test_what_limits_left_and_what_was_taken_of_them_is_as_it_was():
    tiers = tuple(replace(tier, exploration_limit=0.6) for tier in corner_shop().policy.policy.tiers)
    shop = shop_with(limit("launch", 5), exploration=Exploration(0.5, ()), tiers=tiers)
    workers = Workers(shop, 3)
    await workers.refresh()
    await asyncio.gather(*(workers.decide(number % 3) for number in range(24)))
    assert await workers.used("volume:launch") == 5
    assert Counter(one.outcome for one in await replays(workers.store, shop)) == {Outcome.SAME: 24}


async def test_live_facts_of_actions_are_as_they_were():
    in_stock = EngagementRule("in_stock", Stage.APPLICABILITY, True, cel("action.stock > 0"), Scope(), Reason(), HERE)
    company = EventfulCompany(changed(eventful(), rules=(in_stock,)))
    live = Live(company.snapshot, company.store)
    await live.begin()
    for moment, stock in enumerate((3.0, 0.0, 7.0)):
        await company.happens("action_facts", NOW + moment, action="film_box", stock=stock)
        await live.refresh()
        company.snapshot = live.snapshot()
        await company.decide(NOW + moment)
    found = await replays(company.store, company.snapshot)
    assert Counter(one.outcome for one in found) == {Outcome.SAME: 3}, found


async def test_what_comes_out_otherwise_is_told_field_by_field():
    company = Company(corner_shop())
    decision = await company.decide()
    otherwise = changed(corner_shop(), levers=Levers(actions={"film_box": -100.0}))
    (found,) = await replays(company.store, otherwise)
    assert (found.decision_id, found.outcome) == (decision.decision_id, Outcome.DIFFERS)
    told = {one.field: (one.logged, one.now) for one in found.differences}
    assert told["placements[0].picks[0].action"] == ("film_box", "upgrade_unlimited")
    assert told["scored.lever"] == ("1, 0.8, 1, 1.1", "0, 1, 1, 1")


async def test_a_revision_that_is_gone_is_told():
    company = Company(corner_shop())
    await company.decide()
    (found,) = await replays(company.store)
    assert found.outcome is Outcome.NOT_REPLAYABLE
    assert found.why == f"cannot be replayed: the store has no policy {company.snapshot.policy_revision}"


def without_log(snapshot: Snapshot, *names: str) -> Snapshot:
    """The same company, some of whose features are not to be logged."""
    features = tuple(replace(one, logged=one.logged and one.name not in names) for one in snapshot.schema.features)
    schema = FeatureSchema(features)
    return replace(snapshot, schema=schema).with_schemas({})


async def test_a_number_that_is_not_logged_is_told():
    snapshot = without_log(corner_shop(), "age", "value_12m")
    company = Company(snapshot)
    await company.decide()
    (found,) = await replays(company.store, snapshot)
    assert found.why == "cannot be replayed: feature age, value_12m is not logged"


async def test_of_a_category_that_is_not_logged_any_value_will_do():
    snapshot = telco()
    unlogged = [one.name for one in snapshot.schema.features if not one.logged]
    assert snapshot.schema.feature(unlogged[0]).type is FeatureType.CATEGORY
    company = Company(snapshot, "call_centre")
    company.know(ANNA, {"credit_class": "d", "relationship_type": "postpaid", "data_used_share": 0.9})
    await company.decide()
    (found,) = await replays(company.store, snapshot)
    assert found.outcome is Outcome.SAME
    assert found.why == ""


async def test_an_unknown_decision_is_not_found():
    replayer = Replayer(MemoryStore(), snapshots(MemoryStore()))
    assert await replayer.one("0001-01a0d7406607-0000000036") is None


async def test_a_looked_up_decision_is_explained_and_the_same_each_time_whatever_is_in_force_today():
    company = Company(corner_shop())
    decision = await company.decide()
    today = changed(corner_shop(), levers=Levers(), revision="today")
    past = snapshots(company.store, corner_shop())
    recall = Recall(company.store, lambda: today, Retelling(past, Explainer(60.0).explain))
    found = [await recall.get_decision(decision.decision_id) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0] is not None
    told = found[0].decision
    assert told.placements[0].actions[0].action == decision.placements[0].actions[0].action
    assert told.dropped
    assert all(one.counterfactual for one in told.dropped)


async def test_a_decision_that_comes_out_otherwise_is_told_from_its_record_alone():
    company = Company(corner_shop())
    decision = await company.decide()
    otherwise = changed(corner_shop(), levers=Levers(actions={"film_box": -100.0}))
    retelling = Retelling(snapshots(company.store, otherwise), Explainer(60.0).explain)
    found = await Recall(company.store, lambda: otherwise, retelling).get_decision(decision.decision_id)
    assert found is not None
    assert found.decision.placements[0].actions[0].action == "film_box"
    assert all(one.counterfactual is None for one in found.decision.dropped)


async def test_a_decision_taken_back_is_told_as_it_was_answered():
    company = Company(corner_shop())
    decision = await company.decide()
    await company.store.void(ANNA, decision.decision_id)
    retelling = Retelling(snapshots(company.store, corner_shop()), None)
    found = await Recall(company.store, corner_shop, retelling).get_decision(decision.decision_id)
    assert found is not None
    assert "COMMIT_UNKNOWN" in found.decision.degraded
