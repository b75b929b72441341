"""A worker takes revisions over while it decides: each decision is made of one, and the one that it names."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from engine.activation.in_force import Change, InForce
from engine.activation.politeness import POLITE_SECONDS, Politeness
from engine.decider import Decider, DeciderParts
from engine.decision import Request
from engine.ids import CustomerKey
from engine.project import read_text
from engine.revisions.kept import About, KeptRevision, ProjectText
from tests.engine.activating import Changed, titled
from tests.engine.served_project import write_project

SWITCHES = 30
ANNA = CustomerKey("default", "anna")
ASKED = Request(ANNA, "web", placements=("hero",), dry_run=True)


@pytest.fixture
async def shop(tmp_path) -> Changed:
    shop = Changed(write_project(tmp_path / "shop"))
    await shop.begin()
    return shop


async def kept(shop: Changed, title: str) -> str:
    """The revision of a policy with this title, in the store."""
    files = titled(shop.project, title)
    text = ProjectText(files["policy.yaml"], files["features.yaml"])
    await shop.store.revisions.keep(KeptRevision(About(text.revision, 0.0), text))
    return text.revision


async def put(shop: Changed, change: Change, ahead: float = 0.0) -> InForce:
    """Put a change in force without asking anybody."""
    now = (await shop.store.activations.read()).in_force
    plan = replace(change.of(now), at=shop.live.clock() + ahead, plan=f"plan-{now.epoch}")
    assert await shop.store.activations.put(plan)
    return plan


async def test_no_decision_is_made_of_two_revisions(shop):
    numbers = iter(range(10**9))
    parts = DeciderParts(
        shop.store, shop.live.snapshot, lambda: next(numbers), lambda: 0, lambda _: None, partitions=256
    )
    decider, over = Decider(parts), asyncio.Event()
    seen: Counter[tuple[str, str]] = Counter()

    async def ask() -> None:
        while not over.is_set():
            answer = await decider.decide(ASKED, 1_790_244_000.0)
            (action,) = answer.placements[0].actions
            seen[answer.policy_revision, action.content.title] += 1
            await asyncio.sleep(0.001)

    asking = [asyncio.create_task(ask()) for _ in range(3)]
    titles = {read_text(shop.project).revision: "Films for everyone"}
    for number in range(SWITCHES):
        revision = await kept(shop, f"Films {number}")
        titles[revision] = f"Films {number}"
        await shop.follow((await put(shop, Change(policy=revision))).epoch)
        async with asyncio.timeout(30):
            while (revision, titles[revision]) not in seen:  # noqa: ASYNC110 - whoever asks knows of no event
                await asyncio.sleep(0.001)
    over.set()
    await asyncio.gather(*asking)
    assert set(seen) == set(titles.items())


async def test_a_plan_is_made_ready_for_and_switched_to_only_when_it_is_agreed(shop):
    before = shop.live.snapshot()
    now = shop.live.in_force
    plan = replace(now, epoch=2, policy=await kept(shop, "New"), plan="x", at=shop.live.clock())
    await shop.store.activations.prepare(plan)
    async with asyncio.timeout(30):
        while shop.live.takeover.beat("w1").ready != "x":
            await shop.live.refresh()
            await asyncio.sleep(0.001)
    assert shop.live.snapshot() is before
    assert shop.live.pause < 0.1
    await shop.store.activations.put(plan)
    await shop.follow(2)
    assert shop.live.snapshot().policy_revision == plan.policy


async def test_a_plan_that_is_taken_back_leaves_everything_as_it_was(shop):
    before = shop.live.snapshot()
    await shop.store.activations.begin("w9", 60)
    await shop.store.activations.prepare(replace(shop.live.in_force, epoch=2, policy="gone", plan="x"))
    await shop.live.refresh()
    await shop.store.activations.end("w9")
    await shop.live.refresh()
    assert (shop.live.snapshot() is before, shop.live.takeover.underway) == (True, False)


async def test_what_cannot_be_taken_over_is_told_and_the_worker_decides_on(shop):
    before = shop.live.snapshot()
    await put(shop, Change(policy="0123456789ab"))
    async with asyncio.timeout(30):
        while not shop.live.takeover.problem:
            await shop.live.refresh()
            await asyncio.sleep(0.001)
    beat = shop.live.takeover.beat("w1")
    assert (shop.live.snapshot() is before, beat.epoch) == (True, 1)
    assert beat.problem.startswith("RevisionMissing")


async def test_actions_that_are_stopped_stay_stopped_over_a_switch(shop):
    await shop.store.stop_action("film_box", True)
    await shop.live.refresh()
    await shop.follow((await put(shop, Change(policy=await kept(shop, "New")))).epoch)
    snapshot = shop.live.snapshot()
    assert snapshot.stopped == snapshot.policy.catalogue.mask_of_ids(("film_box",))


async def test_an_answer_is_repeated_in_the_words_of_the_policy_that_gave_it(shop):
    numbers = iter(range(10**9))
    parts = DeciderParts(
        shop.store, shop.live.snapshot, lambda: next(numbers), lambda: 0, lambda _: None, partitions=256
    )
    asked = replace(ASKED, dry_run=False, request_id="r1")
    first = await Decider(parts).decide(asked, 1_790_244_000.0)
    await shop.follow((await put(shop, Change(policy=await kept(shop, "New")))).epoch)
    again = await Decider(parts).decide(asked, 1_790_244_001.0)
    assert (again.repeated, again.policy_revision) == (True, first.policy_revision)
    assert again.placements[0].actions[0].content.title == "Films for everyone"


def test_work_rests_while_a_decision_is_underway_and_for_two_seconds_at_most():
    now, rests = [0.0], []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        now[0] += seconds

    pace = Politeness(lambda: True, lambda: now[0], rest).pace()
    pace()
    assert rests == []
    now[0] += 0.001
    pace()
    assert sum(rests) == pytest.approx(POLITE_SECONDS, abs=0.01)
    now[0] += 0.001
    pace()
    assert sum(rests) < POLITE_SECONDS + 0.01


async def test_work_in_the_background_gives_what_it_gives_and_raises_what_it_raises():
    polite = Politeness(lambda: False)
    assert await polite.run(lambda: sum(len(str(number)) for number in range(2000))) == 6890
    with pytest.raises(ZeroDivisionError):
        await polite.run(lambda: 1 // 0)
