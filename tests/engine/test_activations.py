"""What all workers must agree on: one changes it at a time, on what was there before, and all read the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from documents.problem import Place, Problem
from engine.activation.in_force import (
    Beat,
    Challenge,
    Change,
    FailedCase,
    FileNotice,
    InForce,
    Origin,
    Pending,
    Shared,
    Standing,
    StateDamaged,
    Stop,
    unpacked,
)

FIRST = InForce(1, "aaa", "", 10.0, author="mia")
SECOND = replace(FIRST, epoch=2, policy="bbb", origin=Origin.FILE, plan="x")
CHALLENGE = Challenge("ccc", "", 0.1, shadow=False, since=20.0, author="tom")


async def test_nothing_is_in_force_until_something_is_put(store):
    assert await store.activations.read() == Shared(None, None)
    assert await store.activations.put(FIRST)
    assert await store.activations.read() == Shared(FIRST, None)


async def test_a_plan_is_put_in_force_only_on_the_epoch_before_it(store):
    assert not await store.activations.put(SECOND)
    await store.activations.put(FIRST)
    assert await store.activations.put(SECOND)
    assert not await store.activations.put(replace(SECOND, policy="late"))
    assert [one.policy for one in await store.activations.history(10)] == ["bbb", "aaa"]
    assert [one.policy for one in await store.activations.history(1)] == ["bbb"]


async def test_a_plan_is_seen_until_it_is_in_force_or_taken_back(store):
    await store.activations.put(FIRST)
    assert await store.activations.begin("one", 60) == ""
    await store.activations.prepare(SECOND)
    assert await store.activations.read() == Shared(FIRST, SECOND)
    await store.activations.put(SECOND)
    assert await store.activations.read() == Shared(SECOND, None)
    await store.activations.prepare(replace(SECOND, epoch=3))
    await store.activations.end("one")
    assert await store.activations.read() == Shared(SECOND, None)


async def test_one_changes_it_at_a_time(store):
    assert await store.activations.begin("one", 60) == ""
    assert await store.activations.begin("two", 60) == "one"
    await store.activations.prepare(FIRST)
    await store.activations.end("two")
    assert (await store.activations.read()).next == FIRST
    await store.activations.end("one")
    assert await store.activations.begin("two", 60) == ""


async def test_workers_say_what_they_decide_by_until_they_end(store):
    await store.activations.read(Beat("w1", 1.0, 1))
    await store.activations.read(Beat("w2", 1.0, 1))
    await store.activations.read(Beat("w1", 2.0, 1, ready="x", problem="no"))
    await store.activations.forget("w2")
    assert await store.activations.beats() == (Beat("w1", 2.0, 1, "x", "no"),)


async def test_what_waits_for_a_second_person_is_kept_until_it_is_dropped(store):
    one = Pending(Change(policy="bbb"), "mia", 2.0, Origin.ACTIVATE, "spring")
    other = Pending(Change(challenge=CHALLENGE), "tom", 1.0, Origin.CHALLENGE)
    for pending in (one, other, one):
        await store.activations.keep_pending(pending)
    assert await store.activations.pending() == (other, one)
    await store.activations.drop_pending(other.key)
    assert await store.activations.pending() == (one,)


async def test_how_the_files_of_each_machine_stand_is_told(store):
    problem = Problem("unknown-key", Place("policy.yaml", 3, 4), "no such key", "drop it", "  oops: 1")
    notice = FileNotice("shop:/srv", "bbb", 1.0, Standing.REFUSED, (problem,), (FailedCase("a", "b", "c"),))
    await store.activations.tell_files(replace(notice, standing=Standing.IN_FORCE))
    await store.activations.tell_files(notice)
    assert await store.activations.files() == (notice,)


async def test_who_stopped_an_action_is_told_while_it_is_stopped(store):
    stop = Stop("film_box", "mia", 1.0, "sold out")
    await store.activations.tell_stop(stop, True)
    assert await store.activations.stops() == (stop,)
    await store.activations.tell_stop(stop, False)
    assert await store.activations.stops() == ()


async def test_what_is_counted_of_a_challenge_adds_up_over_workers(store):
    assert await store.activations.counted("x") == {}
    await store.activations.count("x", {"decided": 2, "value": 0.25})
    await store.activations.count("x", {"decided": 1, "value": -0.5})
    assert await store.activations.counted("x") == {"decided": 3.0, "value": -0.25}


def test_a_change_leaves_what_it_does_not_name_and_ends_a_challenge():
    held = replace(FIRST, bundle="m", challenge=CHALLENGE)
    changed = Change(policy="bbb").of(held)
    assert (changed.epoch, changed.policy, changed.bundle, changed.challenge) == (2, "bbb", "m", None)
    assert Change(bundle="").of(held).bundle == ""
    assert not changed.decides_as(held)


@pytest.mark.parametrize("written", [b"", b"{", b"[]", b'{"epoch": "x"}'])
def test_a_state_that_cannot_be_read_is_said_to_be_damaged(written):
    with pytest.raises(StateDamaged):
        unpacked(written, InForce)
