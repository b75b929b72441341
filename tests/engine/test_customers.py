"""Customers written and looked up: all or nothing for each, consent merged, visitors shown as customers."""

from __future__ import annotations

import math

import pytest

from engine.customer import CustomerChange
from engine.customers import Customers
from engine.decision import Degraded
from engine.identity import Identity
from engine.ids import CustomerKey
from engine.outcome import Disposition
from engine.standing import read_consent
from engine.store import StoreUnavailable
from engine.wire.view import stamp, view_message
from rules.ledger import stable_id
from rules.policy import Exploration
from tests.engine.company import ANNA, GOOD, NOW, Company, changed, contact, corner_shop

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())
BEN, VISITOR = CustomerKey("shop", "ben"), CustomerKey("shop", "v1")


@pytest.fixture
def company() -> Company:
    return Company(SHOP)


@pytest.fixture
def customers(company) -> Customers:
    return Customers(company.store, lambda: company.snapshot)


async def test_what_is_written_is_found(company, customers):
    change = CustomerChange(
        BEN, {"age": 33, "handset_os": "ios"}, {"push:marketing": True}, "Asia/Tokyo", {"size": "m"}
    )
    (verdict,) = await customers.put([change], NOW)
    assert (verdict.id, verdict.disposition) == ("ben", Disposition.ACCEPTED)
    found = await customers.get(BEN, NOW + 60)
    assert (found.customer_id, found.view.features, found.features_age_seconds) == (
        "ben",
        {"age": 33.0, "handset_os": "ios"},
        60.0,
    )
    assert (found.consent, found.time_zone, found.preferences) == (
        {"push:marketing": True},
        "Asia/Tokyo",
        {"size": "m"},
    )
    assert (found.tier, found.tier_since) == ("", None)


async def test_the_tier_is_that_of_the_last_decision(company, customers):
    await company.decide()
    found = await customers.get(ANNA, NOW)
    assert (found.tier, found.tier_since) == ("relationship_1", NOW)


async def test_an_unknown_customer_is_nobody(customers):
    assert await customers.get(BEN, NOW) is None


@pytest.mark.parametrize(
    ("features", "field"),
    [
        ({"agee": 30}, "features.agee"),
        ({"age": 17.5}, "features.age"),
        ({"age": 2**24 + 1}, "features.age"),
        ({"handset_os": "symbian"}, "features.handset_os"),
        ({"value_12m": float("inf")}, "features.value_12m"),
    ],
)
async def test_a_value_that_does_not_hold_refuses_the_customer_and_nobody_else(company, customers, features, field):
    verdicts = await customers.put([CustomerChange(BEN, features), CustomerChange(ANNA, {"age": 20})], NOW)
    assert [(one.id, one.disposition, one.field) for one in verdicts] == [
        ("ben", Disposition.REJECTED, field),
        ("anna", Disposition.ACCEPTED, ""),
    ]
    assert BEN not in company.store.customers


async def test_an_unknown_time_zone_is_refused(customers):
    (verdict,) = await customers.put([CustomerChange(BEN, time_zone="Mars/Olympus")], NOW)
    assert (verdict.disposition, verdict.field) == (Disposition.REJECTED, "time_zone")


async def test_features_are_replaced_as_a_whole_and_left_alone_where_none_are_sent(company, customers):
    await customers.put([CustomerChange(ANNA, consent={"push:marketing": True})], NOW)
    assert (await customers.get(ANNA, NOW)).view.features["value_12m"] == 950.0
    await customers.put([CustomerChange(ANNA, {"age": 41})], NOW)
    assert (await customers.get(ANNA, NOW)).view.features == {"age": 41.0}
    assert (await customers.get(ANNA, NOW)).consent == {"push:marketing": True}


async def test_consent_zone_and_preferences_are_merged_key_by_key(company, customers):
    await customers.put(
        [CustomerChange(ANNA, None, {"push:a": True, "push:b": True}, "Asia/Tokyo", {"size": "m"})], NOW
    )
    await customers.put([CustomerChange(ANNA, None, {"push:b": False}, preferences={"tone": "plain"})], NOW)
    found = await customers.get(ANNA, NOW)
    assert (found.consent, found.time_zone) == ({"push:a": True, "push:b": False}, "Asia/Tokyo")
    assert found.preferences == {"size": "m", "tone": "plain"}
    await customers.put([CustomerChange(ANNA, time_zone="")], NOW)
    assert read_consent(company.store.customers[ANNA].consent).time_zone == ""


async def test_writing_needs_no_reading(company, customers):
    await customers.put([CustomerChange(ANNA, GOOD, {"push:marketing": False}, "UTC")], NOW)
    assert company.store.trips == []


async def test_a_customer_who_stands_twice_is_written_in_order(customers):
    verdicts = await customers.put(
        [
            CustomerChange(BEN, {"age": 20}, {"push:a": True, "push:b": True}, "UTC"),
            CustomerChange(BEN, {"age": 21}, {"push:b": False}),
        ],
        NOW,
    )
    assert [one.disposition for one in verdicts] == [Disposition.ACCEPTED] * 2
    found = await customers.get(BEN, NOW)
    assert (found.view.features, found.consent, found.time_zone) == (
        {"age": 21.0},
        {"push:a": True, "push:b": False},
        "UTC",
    )


async def test_withdrawn_consent_binds_the_very_next_decision(company, customers):
    await customers.put([CustomerChange(ANNA, consent={"push:marketing": True})], NOW)
    assert (await company.decide(channel="push", dry_run=True)).placements[0].actions
    await customers.put([CustomerChange(ANNA, consent={"push:marketing": False})], NOW)
    assert not (await company.decide(channel="push", dry_run=True)).placements[0].actions


async def test_while_the_store_is_away_customers_may_be_sent_again(company, customers):
    company.store.fail = "timeout"
    bad, good = await customers.put([CustomerChange(BEN, {"agee": 1}), CustomerChange(ANNA, {"age": 20})], NOW)
    assert ((bad.field, bad.retryable), (good.disposition, good.retryable)) == (
        ("features.agee", False),
        (Disposition.REJECTED, True),
    )
    with pytest.raises(StoreUnavailable):
        await customers.get(ANNA, NOW)


async def test_a_visitor_who_was_linked_is_shown_as_the_customer(company, customers):
    identity = Identity(company.store)
    await company.store.contacted(VISITOR, contact("film_box", NOW - 60))
    assert await identity.link(VISITOR, ANNA)
    assert await identity.link(VISITOR, ANNA)
    assert not await identity.link(VISITOR, BEN)
    found = await customers.get(VISITOR, NOW)
    assert (found.customer_id, [one.action for one in found.view.recent]) == ("anna", ["film_box"])


async def test_whoever_is_erased_is_nobody_and_is_met_as_a_stranger(company, customers):
    await company.decide()
    await Identity(company.store).erase(ANNA)
    assert await customers.get(ANNA, NOW) is None
    assert (await company.decide()).tier == "prospect"


async def test_customers_show_up_to_64_contacts(company, customers):
    await company.store.contacted(ANNA, *(contact("film_box", NOW - at) for at in range(80, 0, -1)))
    assert len((await customers.get(ANNA, NOW)).view.recent) == 64


@pytest.mark.parametrize("key", ["pushh:marketing", "push", "push:", "push:a:b", ":marketing", "push:mar keting"])
async def test_consent_that_is_about_no_channel_is_told_and_never_kept(company, customers, key):
    (verdict,) = await customers.put([CustomerChange(BEN, consent={"push:marketing": True, key: False})], NOW)
    assert (verdict.disposition, verdict.field) == (Disposition.REJECTED, "consent")
    assert BEN not in company.store.customers


@pytest.mark.parametrize("at", [math.nan, math.inf, -math.inf, 1e300, 253_402_300_800.0])
async def test_a_contact_at_an_impossible_time_hides_nothing_else(company, customers, at):
    await company.store.contacted(ANNA, contact("film_box", NOW - 60), contact("film_box", at))
    company.store.customers[ANNA].pauses = {(stable_id("film_box"), 1): 1e300}
    found = await customers.get(ANNA, NOW)
    assert [one.at for one in found.view.recent] == [NOW - 60]
    message = view_message(found.view)
    assert (len(message.recent_contacts), message.pauses[0].until.seconds) == (1, 253_402_300_799)
    assert Degraded.STATE_UNREADABLE in (await company.decide()).degraded


def test_a_time_that_is_none_is_shown_as_the_epoch():
    assert stamp(math.nan).seconds == 0
