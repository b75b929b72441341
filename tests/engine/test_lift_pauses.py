"""Lifting pauses: the same in memory and in every kind of server, at once, logged, also for who was merged."""

from __future__ import annotations

import pytest

from engine.ids import CustomerKey
from engine.outcomes.write import PauseClaim
from engine.pauses.store import LiftWrite
from engine.standing import read_pauses
from engine.store import Store
from rules.ledger import stable_id
from tests.engine.asking import ANNA, DAY, NOW, contact, new_decision, outcome, proposing

CAUSES = {1: "too_expensive", 2: "not_now"}


def pause(cause: int, actions: tuple[int, ...], days: float = 30.0) -> PauseClaim:
    return PauseClaim(cause, 1, NOW - DAY, 1 << 4, (), (), actions, NOW + days * DAY)


async def rejected(store: Store, *pauses: PauseClaim) -> None:
    """Anna rejects action 1, and these pauses follow."""
    decision = new_decision()
    await store.commit(proposing(contact(decision), decision=decision))
    await store.record_outcome(outcome(decision, "REJECTED", pauses=pauses))


def lift(action: int | None = None, cause: int | None = None, at: float = NOW + 120, who=ANNA) -> LiftWrite:
    return LiftWrite(who, "lift-1", action, cause, at, b"record of the lift")


async def resting(store: Store) -> set[tuple[int, str]]:
    return {(one.action, one.cause) for one in read_pauses((await store.read_profile(ANNA, "")).pauses, CAUSES)}


async def entries(store: Store) -> list[tuple[str, str, bytes]]:
    log = store.read_log(ANNA.partition(256))
    return [(one.kind, one.id, one.body) async for one in log if one.kind == "lift"]


@pytest.mark.parametrize(
    ("action", "cause", "left"),
    [
        (1, None, {(2, "too_expensive"), (3, "not_now")}),
        (None, 1, {(1, "not_now"), (3, "not_now")}),
        (1, 1, {(2, "too_expensive"), (1, "not_now"), (3, "not_now")}),
        (9, None, {(1, "too_expensive"), (2, "too_expensive"), (1, "not_now"), (3, "not_now")}),
    ],
)
async def test_what_is_named_no_longer_rests_and_all_else_does(store: Store, action, cause, left):
    await rejected(store, pause(1, (1, 2)), pause(2, (1, 3)))
    before = await resting(store)
    lifted = await store.pauses.lift(lift(action, cause))
    assert await resting(store) == left
    assert {(one, CAUSES[why]) for one, why, _ in lifted} == before - left
    assert all(until == NOW + 30 * DAY for *_, until in lifted)
    assert await entries(store) == ([("lift", "lift-1", b"record of the lift")] if lifted else [])


async def test_what_is_over_is_no_news_and_what_was_lifted_is_lifted_once(store: Store):
    await rejected(store, pause(1, (1,), days=1.0), pause(2, (1,)))
    lifted = await store.pauses.lift(lift(1, at=NOW + 2 * DAY))
    assert [cause for _, cause, _ in lifted] == [2]
    assert await store.pauses.lift(lift(1, at=NOW + 2 * DAY)) == ()
    assert len(await entries(store)) == 1


async def test_of_a_visitor_who_was_merged_the_customers_pauses_are_lifted(store: Store):
    visitor = CustomerKey("shop", "cookie-7")
    await rejected(store, pause(1, (1,)))
    assert await store.link(visitor, ANNA)
    assert len(await store.pauses.lift(lift(1, who=visitor))) == 1
    assert await resting(store) == set()


async def test_nothing_is_lifted_for_someone_unknown(store: Store):
    assert await store.pauses.lift(lift(stable_id("anything"))) == ()
    assert await entries(store) == []


async def test_every_pause_that_is_kept_ends(store: Store):
    """A pause of no length, or one that ended before, never becomes one without an end."""
    await rejected(store, PauseClaim(1, 1, NOW - DAY, 1 << 4, (), (), (1,), NOW + 61.0))
    packed = (await store.read_profile(ANNA, "")).pauses
    assert [one.until for one in read_pauses(packed, CAUSES)] == [NOW + 61.0]
