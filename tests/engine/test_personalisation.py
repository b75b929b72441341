"""Whoever opted out of personalisation is decided for without any personal feature: poison in them shows nowhere."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from engine.decision import Degraded, Trace
from engine.events.realtime import Aggregated, Realtime
from engine.ids import CustomerKey
from engine.memory.rules import Customer
from engine.standing import Consent, read_consent
from engine.store import CustomerWrite
from models.codec import encode, pack
from models.features import FeatureSchema
from rules.influencer import Influencer
from rules.policy import Scope
from tests.engine.company import ANNA, GOOD, NOW, Company, changed, contact, corner_shop, telco
from tests.rules.shop import HERE

OUT = Consent({"push:marketing": True, "app_push:marketing": True}, personalised=False)
IMPERSONAL = "data_used_share"
"""A feature of the corner shop that these tests declare not to be personal."""


def shop():
    snapshot = corner_shop()
    features = tuple(replace(one, personal=one.name != IMPERSONAL) for one in snapshot.schema.features)
    return replace(snapshot, schema=FeatureSchema(features)).with_schemas({})


def poisoned(schema, customer, draw):
    """A vector whose personal features are anything: numbers of all sizes, codes that do not exist, infinities."""
    body = encode(schema, {IMPERSONAL: 0.95} if IMPERSONAL in schema else {}, customer, NOW - 3600)
    row = np.frombuffer(body, dtype="<f4", offset=32).copy()
    for place, one in enumerate(schema.features):
        if one.personal:
            row[place] = draw.choice([draw.uniform(-1e6, 1e6), draw.randint(0, 9), np.inf, -np.inf, np.nan, 1.0, 0.0])
    return pack(schema, row, customer, NOW - 3600)


def realtime(snapshot, draw):
    named = {one.id for one in (*snapshot.overlay.aggregates, *snapshot.overlay.answers)} | {7}
    return Realtime({name: Aggregated(draw.uniform(0, 99), NOW - draw.uniform(1, 9), 0.0) for name in named}).pack()


async def decided(snapshot, draw, channel, **held):
    """The answer, the commit and nothing else: what a decision leaves behind, for a customer full of poison."""
    company = Company(snapshot, channel)
    vector = None if draw is None else poisoned(snapshot.schema, ANNA, draw)
    tier = b'{"tier":"relationship_1","since":1}' if draw and draw.random() < 0.5 else None
    told = Customer(vector, OUT.pack(), tier=tier, contacts=[contact("data_tip", NOW - 86400.0)])
    if draw:
        told.realtime = realtime(snapshot, draw)
    company.store.customers[ANNA] = replace(told, **held)
    answer = await company.decide(trace=Trace.FULL, view=True)
    return answer, company.store.commits


@pytest.mark.parametrize("channel", ["call_centre", "web", "push"])
async def test_no_personal_feature_shows_in_answer_slate_or_record(channel):
    snapshot = shop()
    first = await decided(snapshot, random.Random(0), channel)
    assert Degraded.PERSONALISATION_OFF in first[0].degraded
    for seed in range(1, 12):
        assert await decided(snapshot, random.Random(seed), channel) == first


@pytest.mark.parametrize("channel", ["call_centre", "web_shop", "app_push"])
async def test_it_holds_for_the_example_company_where_every_feature_is_personal(channel):
    snapshot = telco()
    assert all(one.personal for one in snapshot.schema.features)
    first = await decided(snapshot, random.Random(0), channel)
    for seed in range(1, 4):
        assert await decided(snapshot, random.Random(seed), channel) == first


async def test_the_poison_would_show_without_the_opt_out():
    answers = [await decided(shop(), random.Random(seed), "web", consent=Consent({}).pack()) for seed in range(6)]
    assert any(answer != answers[0] for answer in answers)


async def test_what_is_not_personal_is_still_read():
    snapshot = shop()
    company = Company(snapshot, "call_centre")
    company.know(ANNA, GOOD)
    company.store.customers[ANNA].consent = OUT.pack()
    told = await company.decide(trace=Trace.FULL, view=True)
    assert told.view is not None
    assert told.view.features == {IMPERSONAL: 0.95}
    assert told.tier == "prospect"
    unknown = {one.rule for one in told.dropped if one.why.code == "UNKNOWN_FACT"}
    assert "adults_only" in unknown
    assert "has_need" not in unknown


async def test_service_stays_and_a_default_is_no_way_around():
    """A feature with a default is unknown too, and unknown fails closed."""
    told = (await decided(shop(), random.Random(3), "call_centre"))[0]
    placed = {one.placement: [action.action for action in one.actions] for one in told.placements}
    assert placed["service_level"] == ["standard_service"]
    assert placed["route"] == ["route_general"]


async def test_a_record_that_cannot_be_read_counts_as_an_opt_out():
    told, _ = await decided(shop(), random.Random(1), "web", consent=b"\xff not json")
    assert {Degraded.PERSONALISATION_OFF, Degraded.STATE_UNREADABLE} <= set(told.degraded)


async def test_earlier_outcomes_hold_back_but_do_not_push():
    pushes = Influencer("p", frozenset({"CLICKED"}), frozenset(), Scope(), 50.0, 0.0, 9e5, Scope(), HERE)
    clicked = contact("data_tip", NOW - 60.0, outcome=2, outcome_at=NOW - 60.0)
    for influencers in ((), (pushes,)):
        snapshot = changed(shop(), influencers=influencers)
        told, _ = await decided(snapshot, random.Random(1), "web", contacts=[clicked])
        weights = {one.factors.context_weight for filled in told.placements for one in filled.actions}
        assert weights <= {1.0}


async def test_an_opt_out_is_merged_with_consent_and_survives_a_login(store):
    visitor, said = CustomerKey("shop", "cookie"), b'{"personalisation":false}'
    await store.put_customers([CustomerWrite(ANNA, consent_change=b'{"consent":{"push:marketing":true}}')])
    await store.put_customers([CustomerWrite(visitor, consent_change=said)])
    assert (await kept(store, ANNA)).personalised
    assert await store.link(visitor, ANNA)
    assert await kept(store, ANNA) == Consent({"push:marketing": True}, "", {}, personalised=False)
    await store.put_customers([CustomerWrite(ANNA, consent_change=b'{"consent":{"push:marketing":false}}')])
    assert await kept(store, ANNA) == Consent({"push:marketing": False}, "", {}, personalised=False)
    await store.put_customers([CustomerWrite(ANNA, consent_change=b'{"personalisation":true}')])
    assert (await kept(store, ANNA)).personalised


async def kept(store, customer):
    return read_consent((await store.read_profile(customer, "")).consent)


async def test_no_model_is_asked(monkeypatch):
    snapshot = shop()
    monkeypatch.setattr(snapshot.expectation, "of", lambda *_: pytest.fail("the model was asked"))
    told, _ = await decided(snapshot, random.Random(1), "call_centre")
    assert Degraded.PERSONALISATION_OFF in told.degraded
