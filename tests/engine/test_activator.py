"""Who may put what in force: checked first, by two people where the policy asks for it, and never half."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from documents.problem import Place, Problem
from engine.activation.activator import NO_AUTHOR, NO_CHALLENGE, NOT_PENDING, SAME_PERSON
from engine.activation.asked import Activated, Activation, Challenging, Source
from engine.activation.candidate import Found
from engine.activation.in_force import Beat, FailedCase, InForce, Origin
from engine.activation.rollback import NEVER_IN_FORCE, NOTHING_BEFORE, rolled_back
from engine.refusal import Refusal
from tests.engine.activating import TITLE, Changed, titled
from tests.engine.served_project import write_project

TWO_PEOPLE = "\napproval: {people: 2}\n"


@pytest.fixture
async def shop(tmp_path) -> Changed:
    shop = Changed(write_project(tmp_path / "shop"))
    await shop.begin()
    return shop


@pytest.fixture
async def careful(tmp_path) -> Changed:
    project = write_project(tmp_path / "shop")
    (project / "policy.yaml").write_bytes(titled(project, TITLE, TWO_PEOPLE)["policy.yaml"])
    shop = Changed(project)
    await shop.begin()
    return shop


async def led(shop: Changed, change) -> Activated:
    """The answer to a change while the worker follows."""
    asked = asyncio.create_task(change)
    while not asked.done():
        await shop.live.refresh()
        await asyncio.sleep(0.001)
    return asked.result()


def wanted(shop: Changed, title: str, **said) -> Activation:
    files = titled(shop.project, title, said.pop("more", ""))
    return Activation(source=Source(files=files), **{"author": "mia"} | said)


async def test_what_holds_is_in_force_for_all_and_kept_with_its_author(shop):
    before = shop.live.snapshot().policy_revision
    answer = await led(shop, shop.activator.activate(wanted(shop, "New", note="spring")))
    assert (answer.activated, answer.epoch, answer.workers) == (True, 2, 1)
    assert shop.live.snapshot().policy_revision == answer.policy_revision != before
    kept = await shop.store.revisions.read(answer.policy_revision)
    assert (kept.about.author, kept.about.note, kept.about.origin) == ("mia", "spring", "activate")


@pytest.mark.parametrize(
    "finds",
    [
        Found(problems=(Problem("x", Place("policy.yaml", 1, 1), "no"),)),
        Found(failed=(FailedCase("a", "b", "c"),), cases=3),
        Found(fault="it does not decide"),
        Found(bundle_refused="CRASHED"),
    ],
)
async def test_what_does_not_hold_changes_nothing_and_is_not_kept(shop, finds):
    shop.finds = finds
    before = shop.live.snapshot()
    answer = await led(shop, shop.activator.activate(wanted(shop, "Bad")))
    assert not answer.activated
    assert (answer.problems, answer.failed, answer.fault) == (finds.problems, finds.failed, finds.fault)
    assert shop.live.snapshot() is before
    assert len(await shop.store.revisions.list()) == 1


async def test_a_dry_run_only_tries(shop):
    answer = await led(shop, shop.activator.activate(wanted(shop, "New", dry_run=True)))
    assert (answer.activated, answer.epoch, len(shop.tried)) == (False, 1, 1)


async def test_what_is_in_force_already_is_not_changed(shop):
    answer = await led(shop, shop.activator.activate(Activation(source=Source(reload_policy=True))))
    assert (answer.activated, answer.epoch, shop.tried) == (True, 1, [])


@pytest.mark.parametrize(("silent_for", "refused"), [(2.0, True), (30.0, False)])
async def test_a_worker_that_died_in_the_middle_of_a_change_does_not_keep_others_from_theirs(shop, silent_for, refused):
    await shop.store.activations.read(Beat("w9", shop.live.clock() - silent_for, 1))
    await shop.store.activations.begin("w9-1f", 60)
    answer = await led(shop, shop.activator.activate(Activation(source=Source(reload_policy=True), author="mia")))
    assert isinstance(answer, Refusal) is refused


async def test_while_one_change_is_underway_another_is_refused(shop):
    await shop.store.activations.begin("w9-1234", 60)
    refused = await shop.activator.activate(wanted(shop, "New"))
    assert isinstance(refused, Refusal)
    assert refused.code == "activation-underway"


async def test_a_worker_that_cannot_take_it_over_stops_the_change(shop):
    answer = await led(shop, shop.activator.activate(wanted(shop, "New", more="\nno_such_key: 1\n")))
    assert not answer.activated
    assert "w1 cannot take it over" in answer.fault
    assert (await shop.store.activations.read()).next is None


async def test_where_two_people_are_asked_for_a_change_waits_for_another_person(careful):
    waits = await led(careful, careful.activator.activate(wanted(careful, "New")))
    assert (waits.activated, waits.pending) == (False, True)
    assert await careful.activator.approve(waits.revision, " MIA ") == SAME_PERSON
    answer = await led(careful, careful.activator.approve(waits.revision, "tom"))
    assert (answer.activated, careful.live.in_force.author, careful.live.in_force.approver) == (True, "mia", "tom")
    kept = await careful.store.revisions.read(answer.policy_revision)
    assert (kept.about.author, kept.about.approver) == ("mia", "tom")
    assert await careful.activator.approve(waits.revision, "tom") == NOT_PENDING


async def test_a_candidate_cannot_let_itself_off_a_second_person(careful):
    alone = wanted(careful, "New")
    files = {name: text.replace(b"people: 2", b"people: 1") for name, text in alone.source.files.items()}
    waits = await led(careful, careful.activator.activate(replace(alone, source=Source(files=files))))
    assert waits.pending


async def test_nobody_in_particular_cannot_ask_where_two_people_are_needed(careful):
    assert await careful.activator.activate(wanted(careful, "New", author=" ")) == NO_AUTHOR


async def test_a_rollback_needs_no_second_person_and_runs_no_suites(careful):
    waits = await led(careful, careful.activator.activate(wanted(careful, "New")))
    await led(careful, careful.activator.approve(waits.revision, "tom"))
    answer = await led(careful, careful.activator.roll_back("", "mia", "oops"))
    assert (answer.activated, careful.tried[-1].suites) == (True, None)
    assert careful.live.in_force.origin is Origin.ROLLBACK
    assert await careful.activator.roll_back("", "mia", "") == NOTHING_BEFORE


async def test_a_challenger_begins_ends_and_is_promoted(shop):
    assert await shop.activator.end_challenge("mia", promote=False) == NO_CHALLENGE
    source = Source(files=titled(shop.project, "Rival"))
    trial = Challenging(source=source, share=0.25, shadow=False, author="mia")
    begun = await led(shop, shop.activator.challenge(trial))
    beside = shop.live.snapshot().beside
    assert (begun.activated, beside.share, beside.shadow) == (True, 0.25, False)
    assert shop.tried[-1].stands_in_for is not None
    told = await shop.activator.told_challenge()
    assert (told.underway, told.challenge.policy) == (True, beside.challenger.policy_revision)
    assert (await led(shop, shop.activator.end_challenge("mia", promote=False))).activated
    assert shop.live.snapshot().beside.challenger is None
    await led(shop, shop.activator.challenge(replace(trial, shadow=True)))
    promoted = await led(shop, shop.activator.end_challenge("mia", promote=True))
    assert promoted.policy_revision == beside.challenger.policy_revision
    assert shop.live.snapshot().beside.challenger is None


async def test_a_shadow_needs_no_second_person_and_a_share_does(careful):
    trial = Challenging(source=Source(files=titled(careful.project, "R")), share=0.1, shadow=False, author="mia")
    assert (await led(careful, careful.activator.challenge(trial))).pending
    assert (await led(careful, careful.activator.challenge(replace(trial, shadow=True)))).activated


def past(*steps: tuple[str, Origin]) -> list[InForce]:
    """What was in force, the newest first."""
    return [InForce(epoch, policy, "", 0.0, origin=origin) for epoch, (policy, origin) in enumerate(steps, 1)][::-1]


def test_rollbacks_lead_down_the_stack_and_never_to_what_was_rolled_back():
    start, put, back = Origin.START, Origin.ACTIVATE, Origin.ROLLBACK
    assert rolled_back(past(("a", start))) == NOTHING_BEFORE
    assert rolled_back(past(("a", start), ("b", put), ("c", put))).policy == "b"
    assert rolled_back(past(("a", start), ("b", put), ("c", put), ("b", back))).policy == "a"
    assert rolled_back(past(("a", start), ("b", put), ("a", back), ("d", put))).policy == "a"
    assert rolled_back(past(("a", start), ("b", put)), "a").policy == "a"
    assert rolled_back(past(("a", start), ("b", put)), "c") == NEVER_IN_FORCE
