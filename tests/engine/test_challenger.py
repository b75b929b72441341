"""A challenger decides for its share of the customers, the same ones everywhere; a shadow decides for nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.activation.answers import missing_of
from engine.activation.comparing import MOST_WAITING, Comparing, Waiting, both
from engine.counts import Counts
from engine.decider import Observation
from engine.decision import Decision
from engine.ids import CustomerKey
from engine.memory.store import MemoryStore
from engine.outcome import Outcome
from engine.slate import Slate
from engine.snapshot import Beside, Snapshot
from rules.policy import Direction, Exploration
from tests.engine.company import ANNA, NOW, Company, changed, corner_shop, names, with_actions

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())
RIVAL = with_actions(changed(SHOP, revision="rival0000000"), film_box={"valid_from": NOW * 2})


def beside(share: float, shadow: bool = False) -> Snapshot:
    return replace(SHOP, beside=Beside(RIVAL, share, shadow, "trial"))


def customers(count: int) -> list[CustomerKey]:
    return [CustomerKey("shop", f"c{number}") for number in range(count)]


def of_rival(snapshot: Snapshot, count: int = 2000) -> set[CustomerKey]:
    return {one for one in customers(count) if snapshot.of(one) is RIVAL}


def test_a_share_of_the_customers_is_decided_by_the_challenger_always_the_same():
    tenth = of_rival(beside(0.1))
    assert 150 < len(tenth) < 250
    assert tenth == of_rival(beside(0.1))
    assert tenth < of_rival(beside(0.2))
    assert len(of_rival(beside(1.0))) == 2000


def test_a_shadow_decides_for_nobody():
    assert of_rival(beside(0.0, shadow=True)) == set()


async def test_every_answer_names_the_revision_that_decided():
    answers = {who: await Company(beside(0.5)).decide(customer=who) for who in customers(40)}
    rivals = {who for who, answer in answers.items() if answer.policy_revision == "rival0000000"}
    assert rivals == of_rival(beside(0.5), 40)
    for who, answer in answers.items():
        assert ("film_box" in names(answer, "hero")) is (who not in rivals)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def comparing(store: MemoryStore, in_force: Snapshot, busy: bool = False) -> Comparing:
    return Comparing(store, Counts(), lambda: in_force, lambda: busy)


async def observed(in_force: Snapshot, comparing: Comparing, who: CustomerKey = ANNA) -> Decision:
    company = Company(in_force)
    company.decider._parts = replace(company.decider._parts, observe=both(company.seen.append, comparing.observe))
    return await company.decide(customer=who)


async def test_a_shadow_is_compared_with_what_was_decided(store):
    shadow = beside(0.0, shadow=True)
    watcher = comparing(store, shadow)
    decision = await observed(shadow, watcher)
    assert (decision.policy_revision, names(decision, "hero")) == (SHOP.policy_revision, ["film_box"])
    running = asyncio.create_task(watcher.run())
    async with asyncio.timeout(30):
        while not await store.activations.counted("trial"):
            await watcher.flush()
            await asyncio.sleep(0.01)
    running.cancel()
    counted = await store.activations.counted("trial")
    assert (counted["compared"], counted["other:hero"], counted["moved:hero:film_box:upgrade_unlimited"]) == (1, 1, 1)
    assert counted["expected:champion"] > counted["expected:challenger"]


async def test_what_is_more_than_the_queue_holds_is_counted_and_not_compared(store):
    shadow = beside(0.0, shadow=True)
    watcher = comparing(store, shadow, busy=True)
    for _ in range(MOST_WAITING + 3):
        await observed(shadow, watcher)
    await watcher.flush()
    assert await store.activations.counted("trial") == {"missed": 3.0}


async def test_a_shadow_that_fails_is_counted_and_disturbs_nobody(store):
    watcher = comparing(store, beside(0.0, shadow=True))
    company = Company(SHOP)
    decision = await company.decide()
    broken = replace(RIVAL, pause_causes=None, policy=None)
    watcher.compare(Waiting("trial", broken, company.seen[0].question, decision))
    await watcher.flush()
    assert await store.activations.counted("trial") == {"failed": 1.0}


async def test_what_a_challenger_decided_and_what_came_of_it_is_counted_for_its_share(store):
    share = beside(0.5)
    watcher = comparing(store, share)
    for who in customers(20):
        await observed(share, watcher, who)
    rivals = len(of_rival(share, 20))
    slate = Slate("shop", "c1", "web", NOW, "prospect", "rival0000000", "", (), "", None, (), ())
    watcher.note_outcome(slate, Outcome("o", "d", "film_box", "ACCEPTED", revenue=12.5))
    await watcher.flush()
    counted = await store.activations.counted("trial")
    assert (counted["decided:challenger"], counted["decided:champion"]) == (rivals, 20 - rivals)
    assert (counted["outcome:challenger:ACCEPTED"], counted["revenue:challenger"]) == (1, 12.5)


async def test_what_was_counted_waits_while_the_store_is_away(store):
    share = beside(1.0)
    watcher = comparing(store, share)
    await observed(share, watcher)
    store.fail = "timeout"
    await watcher.flush()
    store.fail = ""
    await watcher.flush()
    assert (await store.activations.counted("trial"))["decided:challenger"] == 1


async def test_without_a_challenger_nothing_is_counted(store):
    watcher = comparing(store, SHOP)
    watcher.observe(Observation("web", await Company(SHOP).decide(), (), ()))
    await watcher.flush()
    assert await store.activations.counted("") == {}


def test_a_challenger_must_be_able_to_answer_what_the_champion_answers():
    policy = SHOP.policy.policy
    assert list(missing_of(policy, policy)) == []
    channels = {name: channel for name, channel in policy.channels.items() if name != "push"}
    turned = channels | {"web": replace(channels["web"], direction=Direction.OUTBOUND, placements={})}
    assert list(missing_of(policy, replace(policy, channels=turned))) == [
        "the inbound channel web",
        "the outbound channel push",
    ]
    assert list(missing_of(policy, replace(policy, context={}))) == [
        f"context.{key} as it is declared" for key in policy.context
    ]
    assert "the intent 'cancel'" in list(missing_of(policy, replace(policy, intents=("billing",))))
    assert list(missing_of(replace(policy, intents=()), replace(policy, intents=("billing",)))) == [
        "intents of any name"
    ]
