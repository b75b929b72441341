"""The tier held so far, through decisions and the store: what a decision finds is what the next one is told."""

from __future__ import annotations

from dataclasses import replace

import orjson

from engine.past.question import question_of
from engine.profile import know
from engine.record import unpack_decision
from engine.tiers.held import read_tier
from engine.tiers.standing import standing_of
from rules.tier import Grounds
from tests.engine.company import ANNA, DAY, GOOD, NOW, Company, changed, corner_shop
from tests.rules.shop import cel

STAY = 30 * DAY
POOR = {**GOOD, "value_12m": 850.0}
POORER = {**GOOD, "value_12m": 500.0}


def shop():
    """The corner shop, in which a relationship is kept from 800 up, and any tier for 30 days."""
    snapshot = corner_shop()
    first, *others = snapshot.policy.policy.tiers
    kept = replace(first, keep_when=cel("customer.value_12m >= 800"))
    return changed(snapshot, tiers=(kept, *others), min_stay=STAY)


async def tier_at(company, features, day):
    company.know(ANNA, features)
    return (await company.decide(now=NOW + day * DAY, channel="call_centre")).tier


def held(company):
    return read_tier(company.store.customers[ANNA].tier)


async def test_a_value_that_flaps_leaves_the_tier_and_a_real_fall_takes_it():
    company = Company(shop())
    days = [(GOOD, 0), (POOR, 1), (GOOD, 2), (POOR, 200), (POORER, 201), (POORER, 400)]
    found = [await tier_at(company, features, day) for features, day in days]
    assert found == ["relationship_1"] * 4 + ["transactional"] * 2
    assert held(company) == ("transactional", NOW + 201 * DAY)


async def test_nobody_falls_within_the_minimum_stay():
    company = Company(shop())
    found = [await tier_at(company, features, day) for features, day in [(GOOD, 0), (POORER, 29), (POORER, 30)]]
    assert found == ["relationship_1", "relationship_1", "transactional"]


async def test_rising_again_begins_a_new_stay():
    company = Company(shop())
    days = [(GOOD, 0), (POORER, 31), (GOOD, 32), (POORER, 50), (POORER, 62)]
    found = [await tier_at(company, features, day) for features, day in days]
    assert found == ["relationship_1", "transactional", "relationship_1", "relationship_1", "transactional"]


async def test_it_is_the_same_in_every_channel():
    company = Company(shop())
    await tier_at(company, GOOD, 0)
    company.know(ANNA, POOR)
    told = [await company.decide(now=NOW + 100 * DAY, channel=channel) for channel in ("call_centre", "web", "push")]
    assert {one.tier for one in told} == {"relationship_1"}


async def test_a_dry_run_remembers_no_tier():
    company = Company(shop())
    await company.decide(dry_run=True)
    assert held(company) == ("", None)


async def test_features_that_cannot_be_read_say_nothing_of_the_tier():
    company = Company(shop())
    await tier_at(company, GOOD, 0)
    company.store.customers[ANNA].vector = b"damaged"
    assert (await company.decide(now=NOW + 99 * DAY, channel="call_centre")).tier == "prospect"
    assert held(company) == ("relationship_1", NOW)
    assert await tier_at(company, POOR, 100) == "relationship_1"


async def test_a_damaged_record_of_the_tier_is_no_tier():
    company = Company(shop())
    company.know(ANNA, POOR)
    for packed in (b"{", b'{"tier":7}', orjson.dumps({"tier": "gone", "since": 1.0})):
        company.store.customers[ANNA].tier = packed
        assert (await company.decide(channel="call_centre")).tier == "transactional"


async def test_a_logged_decision_asked_again_holds_the_tier_that_was_held():
    company = Company(shop())
    await tier_at(company, GOOD, 0)
    await tier_at(company, POOR, 100)
    record = unpack_decision(company.store.commits[-1].record)
    question = question_of(company.snapshot, record)
    standing = standing_of(company.snapshot, question.known, question.now)
    assert (standing.tier, standing.grounds) == ("relationship_1", Grounds.KEEP_WHEN)


async def test_why_a_tier_is_kept_is_told():
    company = Company(shop())
    await tier_at(company, GOOD, 0)
    company.know(ANNA, POORER)
    profile = await company.store.read_profile(ANNA, "")
    early, late = (
        standing_of(company.snapshot, know(company.snapshot, ANNA, profile, at), at)
        for at in (NOW + DAY, NOW + 31 * DAY)
    )
    assert (early.tier, early.grounds, early.kept_until) == ("relationship_1", Grounds.MIN_STAY, NOW + STAY)
    assert [(one.comparison, one.observed, one.holds) for one in early.because] == [
        ("customer.value_12m >= 800", "500", False)
    ]
    assert (late.tier, late.next_tier, late.kept_until) == ("transactional", "relationship_1", None)
    assert [(one.observed, one.required) for one in late.lift] == [("30", ">= 12"), ("500", ">= 900")]
