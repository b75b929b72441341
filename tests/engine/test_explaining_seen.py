"""Wherever an action is removed, analysts are told what was observed there and what would have been required."""

from __future__ import annotations

from dataclasses import replace

from engine.decide import resolve
from engine.decision import Audience, Decision, Dropped, Request, Trace
from engine.explaining.seen import because_of
from engine.profile import know
from engine.resolution import Question
from engine.store import Profile
from models.codec import encode
from rules.ledger import OUTCOMES
from rules.policy import Threshold
from rules.situation import Moment
from rules.terms import Direction, Kind, Scope
from tests.engine.company import ANNA, DAY, GOOD, NOW, Company, changed, contact, corner_shop, with_actions

NIGHT = NOW + 11 * 3600
CONSENT = {"push:marketing": True}


async def asked(company: Company, now: float = NOW, **fields: object) -> Decision:
    return await company.decide(now, trace=Trace.FULL, audience=Audience.ANALYST, **fields)


def seen(decision: Decision, action: str) -> tuple[str, str, str]:
    found: Dropped = next(one for one in decision.dropped if one.action == action)
    return found.why.code, found.observed, found.required


async def test_conditions_tell_the_values_they_read_and_what_they_want():
    company = Company(corner_shop(), "call_centre")
    company.know(ANNA, {**GOOD, "age": 17, "data_used_share": 0.4})
    decision = await asked(company)
    assert seen(decision, "instalment_loan") == ("NOT_ELIGIBLE", "customer.age = 17", "!(customer.age < 18)")
    observed = "action.price = 49, customer.data_used_share = 0.4"
    required = "customer.data_used_share > 0.8 && action.price < 60"
    assert seen(decision, "upgrade_unlimited") == ("NOT_APPLICABLE", observed, required)


async def test_channels_and_placements_tell_what_there_is():
    decision = await asked(Company(corner_shop()))
    assert seen(decision, "instalment_loan") == ("NO_TREATMENT", "web", "call_centre")
    assert seen(decision, "topic_bill") == ("NOT_TAKEN_HERE", "TOPIC", "OFFER")


async def test_dates_tell_today_and_from_when_to_when():
    shop = with_actions(corner_shop(), film_box={"valid_from": NOW + DAY, "valid_to": NOW + 2 * DAY})
    found = seen(await asked(Company(shop)), "film_box")
    assert found == ("NOT_VALID", "2026-09-24 12:00", "2026-09-25 12:00 to 2026-09-26 12:00")


async def test_consent_tells_what_was_given():
    company = Company(corner_shop(), "push")
    wanted = ("NO_CONSENT", "push:marketing = unknown", "push:marketing = yes")
    assert seen(await asked(company), "film_box") == wanted
    company.know(ANNA, consent={"push:marketing": False})
    assert seen(await asked(company), "film_box")[1] == "push:marketing = no"


async def test_contact_limits_tell_how_often_and_how_often_at_most():
    company = Company(corner_shop(), "push")
    company.know(ANNA, consent=CONSENT)
    await company.store.contacted(ANNA, *(contact("data_tip", NOW - hours * 3600, "push") for hours in (30, 50, 70)))
    assert seen(await asked(company), "film_box") == ("CAPPED", "3", "1")


async def test_quiet_hours_tell_the_time_and_when_it_is_not_quiet():
    contacts = corner_shop().policy.policy.contact
    always = tuple(replace(one, channels=(), applies_inbound=True) for one in contacts.quiet_hours)
    shop = changed(corner_shop(), contact=replace(contacts, quiet_hours=always))
    found = seen(await asked(Company(shop), NIGHT), "film_box")
    assert found == ("QUIET_HOURS", "2026-09-24 23:00", "outside 21:00 to 08:00")


async def test_a_stop_tells_what_happened():
    company = Company(corner_shop())
    bought = contact("basic_tariff", NOW - DAY, outcome=OUTCOMES.index("CONVERSION"), outcome_at=NOW - DAY)
    await company.store.contacted(ANNA, bought)
    found = seen(await asked(company), "film_box")
    assert found == ("SELLING_STOPPED", "CONVERSION", "none within 3 days")


async def test_a_broken_promise_is_told_where_it_is_what_stops_and_not_the_condition_beside_it():
    policy = corner_shop().policy.policy
    stops = tuple(replace(one, broken_promise=True) if one.when else one for one in policy.contact.stops)
    shop = changed(corner_shop(), contact=replace(policy.contact, stops=stops))
    profile = Profile(vector=encode(shop.schema, GOOD, ANNA, NOW))
    known = know(shop, ANNA, profile, NOW)
    known = replace(known, standing=replace(known.standing, broken_promises=1))
    request = Request(ANNA, "web", trace=Trace.FULL, audience=Audience.ANALYST)
    resolution = resolve(shop, Question(request, known, Moment(NOW, "web")))
    index = shop.policy.catalogue.index["film_box"]
    removal = next(one for one in resolution.removals if one.mask >> index & 1)
    because = because_of(shop, resolution, removal, index)
    assert (because.observed, because.required) == ("promises not kept = 1", "none")


async def test_least_chances_and_priorities_tell_both_numbers():
    least = Threshold(0.06, 10.0, Scope(kinds=(Kind.OFFER,)), (), frozenset(Direction))
    decision = await asked(Company(changed(corner_shop(), thresholds=(least,))))
    assert seen(decision, "upgrade_unlimited") == ("LOW_CHANCE", "0.05", "0.06")
    assert seen(decision, "basic_tariff") == ("LOW_PRIORITY", "1.6", "10")


async def test_the_choice_tells_what_the_action_is_worth_and_what_took_the_place():
    code, observed, required = seen(await asked(Company(corner_shop())), "basic_tariff")
    assert (code, observed) == ("OUTRANKED", "1.60")
    assert required.startswith("film_box with ")
