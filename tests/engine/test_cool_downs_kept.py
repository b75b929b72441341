"""Cool-downs through decisions and stores: what two decisions at once may not both do, and when to ask again."""

from __future__ import annotations

import asyncio
import itertools

from engine.decider import Decider, DeciderParts
from engine.decision import Request, Trace
from engine.ids import CustomerKey
from engine.standing import Consent
from engine.store import CustomerWrite, Store
from models.codec import encode
from rules.policy import ContactPolicy, CoolDown, Direction, Scope
from tests.engine.company import ANNA, GOOD, NOW, Company, changed, corner_shop, filled
from tests.rules.shop import HERE

HOUR = 3600.0
ANY = frozenset(Direction)


def shop(directions=frozenset({Direction.OUTBOUND})):
    """The corner shop with four hours of peace after any contact, and nothing else to mind."""
    rest = CoolDown("rest", 4 * HOUR, Scope(), (), ANY, Scope(), (), directions, HERE)
    return changed(corner_shop(), contact=ContactPolicy(cool_downs=(rest,)))


async def test_an_outbound_answer_says_when_asking_again_helps_and_then_it_does():
    company = Company(shop(), "push")
    assert filled(await company.decide(), "message").actions
    told = filled(await company.decide(now=NOW + HOUR, trace=Trace.FULL), "message")
    assert (told.actions, told.blocked_by, told.send_at) == ((), "rest", NOW + 4 * HOUR)
    assert filled(await company.decide(now=NOW + 4 * HOUR), "message").actions


async def test_the_reason_names_the_time_by_the_customers_clock():
    company = Company(shop(), "push")
    await company.decide()
    told = await company.decide(now=NOW + HOUR, trace=Trace.FULL)
    reasons = {one.why.sentence for one in told.dropped if one.why.code == "COOLING_DOWN"}
    assert reasons == {"This customer has just been contacted; leave some time until 2026-09-24 16:00."}


async def test_several_contacts_of_one_inbound_decision_begin_it_together():
    company = Company(shop(ANY), "call_centre")
    told = await company.decide()
    assert len(filled(told, "offer").actions) == 3
    assert company.store.trips == ["read_profile", "commit"]
    await company.tell(told, "IMPRESSION", "upgrade_unlimited")
    left = filled(await company.decide(now=NOW + HOUR), "offer").actions
    assert [(one.action, one.honoured) for one in left] == [("upgrade_unlimited", True)]


async def test_of_two_decisions_at_once_only_one_contacts(store: Store):
    """Both read before either writes: the store's claim is what keeps them apart."""
    snapshot, numbers = shop(), itertools.count(1)
    vector = encode(snapshot.schema, GOOD, ANNA, NOW)
    await store.put_customers([CustomerWrite(ANNA, vector, Consent({"push:marketing": True}).pack())])
    both = [_decider(snapshot, store, numbers) for _ in range(2)]
    answers = await asyncio.gather(*(one.decide(Request(ANNA, "push"), NOW) for one in both))
    assert sorted(len(filled(one, "message").actions) for one in answers) == [0, 1]


def _decider(snapshot, store, numbers):
    parts = DeciderParts(store, lambda: snapshot, lambda: next(numbers), lambda: 0, lambda _: None, partitions=256)
    return Decider(parts)


async def test_another_customer_is_not_disturbed():
    company = Company(shop(), "push")
    await company.decide()
    company.know(CustomerKey("shop", "ben"), GOOD)
    assert filled(await company.decide(customer=CustomerKey("shop", "ben")), "message").actions
