"""What is known of a customer: nobody else's features, nothing unreadable, and no selling where that matters."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decision import Degraded, Trace
from engine.ids import CustomerKey
from engine.memory.store import MemoryStore
from engine.profile import know
from engine.standing import Consent, pack_pauses, read_consent, read_pauses
from engine.store import Profile
from models.codec import encode
from models.features import Feature, FeatureSchema, FeatureType
from rules.ledger import stable_id
from rules.policy import Exploration, Kind
from tests.engine.company import ANNA, DAY, GOOD, NOW, Company, changed, contact, corner_shop, names

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())
BEN = CustomerKey("shop", "ben")
OTHER = FeatureSchema((Feature("age", FeatureType.INTEGER), Feature("shoe_size", FeatureType.NUMBER)))
MODEL = Degraded.MODEL_MISSING


@pytest.fixture
def company() -> Company:
    return Company(SHOP)


def read(**fields) -> Profile:
    return Profile(**fields)


def vector(customer: CustomerKey = ANNA, schema: FeatureSchema = SHOP.schema, **values) -> bytes:
    return encode(schema, values or GOOD, customer, NOW)


async def test_another_customers_vector_is_never_used(company):
    company.store.customers[ANNA].vector = vector(BEN)
    decision = await company.decide(view=True)
    assert decision.degraded == (Degraded.FEATURES_OF_ANOTHER, MODEL)
    assert (decision.tier, decision.view.features, decision.features_age_seconds) == ("prospect", {}, None)
    elsewhere = CustomerKey("bank", "anna")
    assert know(SHOP, elsewhere, read(vector=vector()), NOW).degraded == (Degraded.FEATURES_OF_ANOTHER,)


async def test_a_vector_of_an_unknown_schema_leaves_the_rules_and_says_so(company):
    company.store.customers[ANNA].vector = vector(ANNA, OTHER, age=40, shoe_size=42.0)
    decision = await company.decide(channel="call_centre")
    assert decision.degraded == (Degraded.SCHEMA_UNKNOWN, MODEL)
    assert (decision.tier, decision.features_age_seconds) == ("prospect", None)
    assert (names(decision, "route"), names(decision, "service_level")) == (["route_general"], ["standard_service"])


@pytest.mark.parametrize("stored", ["of another", "torn", "of an unknown schema"])
async def test_what_features_would_forbid_is_forbidden_while_they_cannot_be_read(company, stored):
    """Anna may have an open complaint and be a minor: nobody knows, and defaults do not tell."""
    mine, bens, other = vector(), vector(BEN), vector(ANNA, OTHER, age=40)
    kept = {"of another": bens, "torn": mine[:-4], "of an unknown schema": other}
    company.store.customers[ANNA].vector = kept[stored]
    for channel in ("web", "call_centre"):
        decision = await company.decide(channel=channel, trace=Trace.FULL)
        shown = [one for placement in decision.placements for one in placement.actions]
        assert not [one for one in shown if one.kind is Kind.OFFER]
        assert {one.why.code for one in decision.dropped if one.rule == "open_complaint"} == {"UNKNOWN_FACT"}


def test_a_vector_of_an_older_schema_is_read_by_name():
    shop = SHOP.with_schemas({OTHER.hash: OTHER})
    known = know(shop, ANNA, read(vector=vector(ANNA, OTHER, age=40, shoe_size=42.0)), NOW)
    assert (known.values, known.degraded, known.schema, known.readable) == ({"age": 40.0}, (), OTHER, True)


@given(st.integers(0, 60))
def test_a_torn_vector_is_never_scored(length):
    known = know(SHOP, ANNA, read(vector=vector()[:length]), NOW)
    assert (known.vector, known.values, known.degraded, known.readable) == (None, {}, (Degraded.SCHEMA_UNKNOWN,), False)


@given(st.binary(max_size=120))
def test_any_bytes_are_a_profile_and_never_an_error(noise):
    known = know(SHOP, ANNA, Profile(noise, noise, noise, noise, noise, noise), NOW)
    assert known.vector is None
    assert known.fields is not None


def test_what_is_missing_is_told_from_who_is_missing():
    assert know(SHOP, ANNA, Profile(), NOW).degraded == (Degraded.UNKNOWN_CUSTOMER,)
    assert know(SHOP, ANNA, read(tier=b"{}"), NOW).degraded == (Degraded.UNKNOWN_CUSTOMER,)
    one = contact("film_box", NOW).pack()
    assert know(SHOP, ANNA, read(contacts=one), NOW).degraded == (Degraded.FEATURES_MISSING,)
    assert know(SHOP, ANNA, read(consent=b"{}"), NOW).degraded == (Degraded.FEATURES_MISSING,)
    assert know(SHOP, ANNA, None, NOW).degraded == (Degraded.STORE_UNAVAILABLE,)
    assert all(know(SHOP, ANNA, one, NOW).readable for one in (Profile(), read(tier=b"{}")))
    assert not know(SHOP, ANNA, None, NOW).readable


def test_a_value_that_makes_no_sense_is_missing_and_said():
    torn = bytearray(vector())
    at = 32 + 4 * SHOP.schema.index("value_12m")
    torn[at : at + 4] = np.float32(np.inf).tobytes()
    known = know(SHOP, ANNA, read(vector=bytes(torn)), NOW)
    assert (known.degraded, "value_12m" in known.values, known.readable) == ((Degraded.FEATURES_MISSING,), False, True)


class Damaged(MemoryStore):
    """A store that reads Anna with other fields than it holds."""

    fields: dict[str, bytes]

    async def read_profile(self, customer: CustomerKey, request_id: str) -> Profile:
        return dataclasses.replace(await super().read_profile(customer, request_id), **self.fields)


LEDGER = contact("film_box", NOW - DAY).pack() + contact("new_phone", NOW - 60).pack()
PAUSES = pack_pauses([(stable_id("new_phone"), stable_id("not_now"), NOW + DAY)])
YES = b'{"consent":{"push:marketing":true}}'


@pytest.mark.parametrize(
    "fields",
    [
        {"contacts": LEDGER[:-1]},
        {"contacts": LEDGER[3:]},
        {"contacts": LEDGER[32:] + LEDGER[:32]},
        {"contacts": b"\xff" * 64},
        {"contacts": b"\0" * 32},
        {"pauses": PAUSES[:-1]},
        {"consent": b"{"},
        {"consent": b"[]"},
        {"consent": b'{"consent":7}'},
        {"consent": b'{"consent":{},"preferences":7}'},
        {"consent": b"\xff\xfe"},
    ],
)
@pytest.mark.parametrize("channel", ["web", "call_centre", "push"])
async def test_damaged_state_is_said_and_nothing_is_sold(company, channel, fields):
    company.know(ANNA, consent={"push:marketing": True})
    company.store.__class__ = Damaged
    company.store.fields = fields
    company.store.trips, company.store.commits = [], []
    decision = await company.decide(channel=channel)
    assert Degraded.STATE_UNREADABLE in decision.degraded
    shown = [one for placement in decision.placements for one in placement.actions]
    assert not [one for one in shown if one.kind is Kind.OFFER]
    if channel == "push" and "consent" in fields:
        assert shown == []


async def test_sound_state_sells(company):
    company.know(ANNA, consent={"push:marketing": True})
    company.store.__class__ = Damaged
    company.store.fields = {"contacts": LEDGER, "pauses": PAUSES, "consent": YES}
    for channel, name in (("web", "hero"), ("push", "message")):
        decision = await company.decide(channel=channel)
        assert Degraded.STATE_UNREADABLE not in decision.degraded
        assert names(decision, name) == ["film_box"]


@given(
    st.dictionaries(st.text(max_size=6), st.booleans(), max_size=4),
    st.text(max_size=6),
    st.dictionaries(st.text(max_size=4), st.one_of(st.booleans(), st.text(max_size=4), st.floats(-9, 9)), max_size=3),
)
def test_consent_comes_back_as_it_was_packed(given_, zone, preferences):
    assert read_consent(Consent(given_, zone, preferences).pack()) == Consent(given_, zone, preferences)


def test_only_a_plain_yes_is_consent():
    said = read_consent(b'{"consent":{"push:a":true,"push:b":1,"push:c":"true","push:d":null,"push:e":false}}')
    assert {key for key, yes in said.consent.items() if yes} == {"push:a"}


def test_pauses_are_named_by_their_rule_and_a_forgotten_rule_still_pauses():
    packed = pack_pauses([(7, stable_id("not_now"), NOW), (8, 12345, NOW + 1)])
    assert [(one.action, one.until, one.cause) for one in read_pauses(packed, {stable_id("not_now"): "not_now"})] == [
        (7, NOW, "not_now"),
        (8, NOW + 1, "pause"),
    ]


async def test_features_show_their_age(company):
    decision = await company.decide(NOW + 100)
    assert decision.features_age_seconds == 3700.0
    assert (await company.decide(NOW - DAY)).features_age_seconds == 0.0
