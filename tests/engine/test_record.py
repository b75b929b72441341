"""Records and slates come back as they were packed, and a logged decision made again gives the same bytes."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commit import Proposal, commit_request
from engine.decide import resolve
from engine.decision import Audience, Decision, Dropped, Factors, Filled, RankedAction, Request, Trace, Why
from engine.ids import CustomerKey
from engine.present import present
from engine.profile import know
from engine.record import (
    FORMAT,
    DecisionRecord,
    OutcomeRecord,
    PlacementRecord,
    RemovalRecord,
    RequestRecord,
    ScoredRecord,
    StateRecord,
    pack,
    unpack_decision,
    unpack_outcome,
)
from engine.resolution import Question
from engine.slate import Slate, SlateAction, SlateDropped, SlatePlacement, slate_of, unpack
from engine.slate import pack as pack_slate
from engine.snapshot import snapshot_of
from engine.store import Profile
from models.codec import encode
from models.features import FeatureSchema
from rules.policy import Content, ControlGroup, Exploration, Kind
from rules.situation import Moment
from tests.engine.company import ANNA, DAY, NOW, Company, changed, contact, corner_shop

TEXT = st.text(max_size=6)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
NUMBER = st.floats(allow_nan=False)
MAYBE = st.none() | NUMBER
BYTES = st.binary(max_size=12)
FACTORS = st.lists(NUMBER, min_size=9, max_size=9).map(tuple)
CONTEXT = st.dictionaries(TEXT, st.booleans() | TEXT | NUMBER, max_size=3)

ACTIONS = st.builds(SlateAction, TEXT, TEXT, TEXT, TEXT, MAYBE, FACTORS, MAYBE, st.booleans(), st.booleans())
DROPPED = st.builds(SlateDropped, TEXT, TEXT, TEXT, TEXT, TEXT, st.none() | FACTORS)
SLATES = st.builds(
    Slate,
    *[TEXT] * 3,
    NUMBER,
    *[TEXT] * 3,
    TEXTS,
    TEXT,
    MAYBE,
    st.lists(
        st.builds(SlatePlacement, TEXT, TEXT, st.lists(ACTIONS, max_size=3).map(tuple), MAYBE, MAYBE, TEXT), max_size=3
    ).map(tuple),
    TEXTS,
    st.lists(DROPPED, max_size=2).map(tuple),
)
REQUESTS = st.builds(RequestRecord, TEXT, TEXT, CONTEXT, TEXT, TEXT, TEXTS, st.integers(0, 25), TEXT, TEXT, TEXTS, TEXT)
RECORDS = st.builds(
    DecisionRecord,
    st.just(FORMAT),
    *[TEXT] * 3,
    NUMBER,
    st.integers(1, 2),
    REQUESTS,
    st.none() | st.builds(StateRecord, *[st.none() | BYTES] * 6),
    *[TEXT] * 6,
    TEXTS,
    st.lists(
        st.builds(
            PlacementRecord,
            TEXT,
            TEXT,
            BYTES,
            st.lists(ACTIONS, max_size=2).map(tuple),
            NUMBER,
            NUMBER,
            MAYBE,
            MAYBE,
            MAYBE,
            TEXT,
            NUMBER,
        ),
        max_size=2,
    ).map(tuple),
    st.lists(st.builds(RemovalRecord, TEXT, TEXT, TEXT, BYTES), max_size=2).map(tuple),
    st.builds(ScoredRecord, *[BYTES] * 10),
    st.lists(st.tuples(TEXT, st.integers(0, 10**9)), max_size=3).map(tuple),
)
OUTCOMES = st.builds(OutcomeRecord, st.just(FORMAT), *[TEXT] * 7, NUMBER, NUMBER, MAYBE, MAYBE, *[TEXT] * 4)


@given(RECORDS)
def test_a_decisions_record_comes_back_as_it_was(record):
    packed = pack(record)
    assert unpack_decision(packed) == record
    assert pack(unpack_decision(packed)) == packed


@given(OUTCOMES)
def test_an_outcomes_record_comes_back_as_it_was(record):
    assert unpack_outcome(pack(record)) == record


@given(SLATES)
def test_a_slate_comes_back_as_it_was(slate):
    assert unpack(pack_slate(slate)) == slate


@given(SLATES, st.integers(0, 30))
def test_a_torn_slate_is_no_slate(slate, missing):
    packed = pack_slate(slate)
    assert unpack(packed[: len(packed) - 1 - missing % len(packed)]) is None


@pytest.mark.parametrize("damaged", [b"", b"\xc1", b"\x90", pack_slate(b"slate"), b"\x91\xa1x"])
def test_bytes_that_are_no_record_are_refused(damaged):
    assert unpack(damaged) is None
    with pytest.raises((msgspec.DecodeError, msgspec.ValidationError)):
        unpack_decision(damaged)


def test_a_slate_says_what_the_decision_said():
    factors = Factors(0.1, 0.0, 9.0, 1.0, 0.0, 1.5, 1.1, 0.0, 0.4)
    one = RankedAction(
        1,
        "a",
        Kind.OFFER,
        "i",
        "g",
        "a.web",
        Content(),
        (),
        9.0,
        factors,
        0.9,
        "HONOURED",
        explored=True,
        honoured=True,
    )
    dropped = (
        Dropped("b", "contact", "cap", Why("CAPPED", "Too often."), factors),
        Dropped("c", "s", "", Why("X", "")),
    )
    decision = Decision("d", (Filled("hero", (one,)),), "t", "why", "p", "m", dropped=dropped)
    slate = unpack(pack_slate(slate_of(decision, ANNA, "web", NOW, ("a",))))
    (kept,) = slate.placements[0].actions
    assert (Factors(*kept.factors), kept.probability, kept.explored, kept.honoured) == (factors, 0.9, True, True)
    assert [(one.action, one.code, one.factors and Factors(*one.factors)) for one in slate.dropped] == [
        ("b", "CAPPED", factors),
        ("c", "X", None),
    ]
    assert (slate.key, slate.lost([0])) == (ANNA, {"a"})


SHOP = changed(corner_shop(), exploration=Exploration(0.3), control_groups=(ControlGroup("r", 0.3, "random"),))


def again(record: DecisionRecord) -> bytes:
    """The record of the same decision, made from nothing but its record."""
    state, said = record.state, record.request
    who = CustomerKey(record.tenant, record.customer)
    profile = Profile(state.vector, state.realtime, state.contacts, state.pauses, state.consent, state.tier)
    request = Request(
        who,
        said.channel,
        said.intent,
        said.context,
        said.session_id,
        said.locale,
        said.placements,
        said.max_actions,
        said.request_id,
        said.follows,
        said.exclude,
        trace=Trace.NONE,
        audience=Audience(said.audience),
    )
    moment = Moment(record.now, said.channel, said.intent, said.locale, said.context)
    resolution = resolve(SHOP, Question(request, know(SHOP, who, profile, moment.now), moment, record.attempt))
    proposal = Proposal(SHOP, resolution, present(SHOP, resolution, record.decision_id))
    return commit_request(proposal, record.timings, take=False).record


async def test_a_logged_decision_made_again_gives_the_same_bytes():
    company = Company(SHOP)
    for number in range(40):
        who = CustomerKey("shop", f"c{number}")
        company.know(who, {"orders_12m": number % 3, "data_used_share": 0.9}, {"push:marketing": True})
        await company.store.contacted(
            who, *(contact("upgrade_unlimited", NOW - day * DAY) for day in range(number % 5))
        )
        channel = ("web", "call_centre", "push")[number % 3]
        said = {"context": {"queue_minutes": 3.0}, "intent": "cancel", "exclude": ("new_phone",), "max_actions": 2}
        decision = await company.decide(NOW + number, customer=who, channel=channel, **said)
        body = (await company.store.read_record(decision.decision_id)).body
        assert again(unpack_decision(body)) == body


async def test_what_is_not_to_be_logged_is_not_in_the_log():
    secret = tuple(replace(one, logged=one.name != "value_12m") for one in SHOP.schema.features)
    company = Company(snapshot_of(SHOP.policy, FeatureSchema(secret), None))
    company.know(ANNA, {"value_12m": 4321.0, "orders_12m": 7})
    decision = await company.decide(view=True)
    record = unpack_decision((await company.store.read_record(decision.decision_id)).body)
    logged = know(company.snapshot, ANNA, Profile(vector=record.state.vector), NOW).values
    assert (decision.view.features["value_12m"], logged) == (4321.0, {"orders_12m": 7.0})


async def test_of_a_vector_that_is_not_the_customers_only_the_header_is_logged():
    company = Company(SHOP)
    ben = CustomerKey("shop", "ben")
    company.store.customers[ANNA].vector = stored = encode(SHOP.schema, {"value_12m": 4321.0}, ben, NOW)
    decision = await company.decide()
    body = (await company.store.read_record(decision.decision_id)).body
    kept = unpack_decision(body).state.vector
    assert (kept[:32], set(kept[32:]), len(kept)) == (stored[:32], {0}, len(stored))
    assert again(unpack_decision(body)) == body
