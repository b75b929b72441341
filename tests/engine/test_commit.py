"""What a decision writes: contacts with the claims they need, the slate, the record, the tier where it changed."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from engine.commit import Proposal, commit_request, digest_of
from engine.decide import resolve
from engine.decision import Audience, Request, Trace
from engine.ids import CustomerKey
from engine.memory.rules import counts
from engine.present import present
from engine.profile import know
from engine.record import unpack_decision
from engine.resolution import Question
from engine.slate import unpack
from engine.snapshot import Snapshot
from engine.store import Claim, CommitRequest, Profile
from models.codec import encode
from rules.ledger import CONTACT, SEEN, Contact, Ledger, short_id, stable_id
from rules.policy import Exploration, Kind
from rules.situation import Moment
from tests.engine.company import ANNA, DAY, GOOD, NOW, changed, contact, corner_shop, placement, with_actions

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())
NAME = "0001-0123456789ab-0123456789"
ANYWHERE, OUTBOUND = 3, 2


def written(snapshot: Snapshot = SHOP, channel: str = "web", take: bool = False, **fields) -> CommitRequest:
    """What Anna's decision writes; `contacts` are her earlier ones."""
    contacts = b"".join(one.pack() for one in fields.pop("contacts", ()))
    profile = Profile(
        vector=encode(snapshot.schema, GOOD, ANNA, NOW),
        contacts=contacts or None,
        consent=b'{"consent":{"push:marketing":true}}',
        tier=fields.pop("tier", None),
    )
    request = Request(ANNA, channel, **fields)
    question = Question(request, know(snapshot, ANNA, profile, NOW), Moment(NOW, channel, request.intent))
    resolution = resolve(snapshot, question)
    proposal = Proposal(snapshot, resolution, present(snapshot, resolution, NAME))
    return commit_request(proposal, (("resolve", 100),), take)


def claims_of(request: CommitRequest, contact: int) -> list[Claim]:
    return [claim for claim in request.claims if claim.contact == contact]


def test_every_contact_is_written_as_the_ledger_keeps_it():
    request = written(channel="call_centre")
    assert [Contact(*fields) for packed in request.contacts for fields in [CONTACT.unpack(packed)]] == [
        Contact(NOW, stable_id(action), stable_id(NAME), short_id("call_centre"), 0)
        for action in ("instalment_loan", "upgrade_unlimited", "ask_contact_time")
    ]
    assert unpack(request.slate).contacts == ("instalment_loan", "upgrade_unlimited", "ask_contact_time")


def test_outbound_contacts_say_so():
    assert Ledger(written(channel="push").contacts[0]).contacts["direction"].tolist() == [1]


def test_service_and_topics_are_no_contacts():
    kinds = {one.kind for one in unpack(written(channel="call_centre").slate).placements[0].actions}
    assert kinds == {Kind.TOPIC}
    assert len(written(channel="call_centre", placements=("likely_reasons", "route", "service_level")).contacts) == 0


def test_a_contact_claims_every_cap_that_is_about_it():
    inbound = written().claims
    assert inbound == (Claim(0, 3, NOW - 30 * DAY, NOW - 30 * DAY, ANYWHERE, (), (stable_id("film_box"),)),)
    push = (short_id("push"),)
    midnight = NOW - 12 * 3600
    assert {(one.limit, one.since, one.directions, one.channels) for one in written(channel="push").claims} == {
        (2, NOW - 7 * DAY, OUTBOUND, push),
        (1, midnight, OUTBOUND, push),
        (3, NOW - 30 * DAY, ANYWHERE, ()),
    }


def test_a_claim_counts_what_the_screen_counts():
    """A customer who may have one more contact with an action is granted it, and no further one."""
    for earlier in range(4):
        contacts = [contact("film_box", NOW - DAY * (earlier - one)) for one in range(earlier)]
        request = written(placement(SHOP, "web", "hero", count=4), contacts=contacts)
        index = {stable_id(name): number for number, name in enumerate(unpack(request.slate).contacts)}
        assert (stable_id("film_box") in index) == (earlier < 3)
        if earlier < 3:
            (claim,) = claims_of(request, index[stable_id("film_box")])
            assert sum(counts(claim, one) for one in contacts) == earlier < claim.limit


def test_an_offer_that_still_stands_claims_nothing_and_is_written_again():
    three = [contact("upgrade_unlimited", NOW - DAY * days, flags=SEEN) for days in (3, 2, 1)]
    request = written(channel="call_centre", contacts=three)
    offered = unpack(request.slate).contacts
    assert "upgrade_unlimited" in offered
    assert claims_of(request, offered.index("upgrade_unlimited")) == []
    assert claims_of(request, offered.index("instalment_loan")) != []


def test_a_mandatory_offer_that_still_stands_claims_nothing_either():
    shop = with_actions(SHOP, upgrade_unlimited={"mandatory": True})
    request = written(shop, contacts=[contact("upgrade_unlimited", NOW - DAY * days, flags=SEEN) for days in (3, 2, 1)])
    assert (unpack(request.slate).contacts, request.claims) == (("upgrade_unlimited",), ())


def test_a_fallback_claims_nothing():
    messages = placement(SHOP, "push", "message", kinds=frozenset({Kind.MESSAGE}), fallback="data_tip")
    messages = with_actions(messages, data_tip={"valid_to": NOW - DAY})
    request = written(messages, "push")
    assert (unpack(request.slate).contacts, request.claims) == (("data_tip",), ())


def test_the_tier_is_written_where_it_changed():
    first = written()
    assert orjson.loads(first.tier) == {"tier": "relationship_1", "since": NOW}
    assert written(tier=first.tier).tier is None
    assert written(tier=orjson.dumps({"tier": "relationship_10", "since": 1.0})).tier is not None
    assert written(tier=b"damaged").tier is not None


def test_slate_and_record_tell_the_same_picks():
    request = written(channel="call_centre")
    slate, record = unpack(request.slate), unpack_decision(request.record)
    assert [one.actions for one in slate.placements] == [one.picks for one in record.placements]
    assert (request.decision_id, record.decision_id, record.timings) == (NAME, NAME, (("resolve", 100),))


def test_taking_and_the_length_of_the_ledger_are_passed_on():
    longer = changed(SHOP, contact=replace(SHOP.policy.policy.contact, ledger_length=128))
    assert (written().take, written(take=True).take, written(longer).ledger_length) == (False, True, 128)


def test_only_a_request_with_an_id_carries_a_digest():
    assert (written().digest, len(written(request_id="r1").digest)) == (b"", 16)


@pytest.mark.parametrize(
    "other",
    [
        {"channel": "call_centre"},
        {"intent": "cancel"},
        {"context": {"queue_minutes": 3.0}},
        {"session_id": "s"},
        {"locale": "de"},
        {"placements": ("hero",)},
        {"max_actions": 1},
        {"request_id": "r2"},
        {"follows": NAME},
        {"exclude": ("film_box",)},
        {"view": True},
        {"trace": Trace.FULL},
        {"audience": Audience.CUSTOMER},
        {"customer": CustomerKey("shop", "ben")},
    ],
)
def test_the_digest_tells_any_other_question_apart(other):
    asked = Request(ANNA, "web", request_id="r1")
    assert digest_of(replace(asked, **other)) != digest_of(asked)


def test_the_digest_does_not_depend_on_the_order_of_the_context():
    one = Request(ANNA, "web", context={"page": "home", "queue_minutes": 1.0})
    assert digest_of(one) == digest_of(replace(one, context={"queue_minutes": 1.0, "page": "home"}))
