"""What was said before matters now, in every channel: offers that stand, rejections, purchases, limits, quiet hours."""

from __future__ import annotations

import pytest

from engine.decision import Cause, Trace
from rules.policy import Exploration
from tests.engine.company import (
    ANNA,
    DAY,
    GOOD,
    NOW,
    Company,
    changed,
    contact,
    corner_shop,
    filled,
    first,
    names,
    placement,
    telco,
    with_actions,
)

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())
UPGRADE = "upgrade_unlimited"
DESK = {"channel": "call_centre"}


@pytest.fixture
def company() -> Company:
    """Anna, and a shop in which the upgrade is the best offer of the website and the least of the call centre."""
    edits = {
        "film_box": {"value": {"margin": 1.0}},
        UPGRADE: {"cost": 0.0},
        "instalment_loan": {"starting": (0.9, 9.0)},
    }
    return Company(with_actions(placement(SHOP, "call_centre", "offer", count=2), **edits))


async def offered(company: Company, now: float = NOW):
    """Anna is shown the upgrade on the website, and the website says that she saw it."""
    decision = await company.decide(now)
    assert names(decision, "hero") == [UPGRADE]
    await company.tell(decision, "IMPRESSION", now=now)
    return decision


async def test_an_offer_made_on_the_web_is_found_at_the_desk_until_it_ends(company):
    shown = await offered(company)
    until = first(shown, "hero").valid_until
    assert until == NOW + 14 * DAY
    company.snapshot = with_actions(company.snapshot, **{UPGRADE: {"value": {"margin": 10.0}}})
    assert UPGRADE not in names(await Company(company.snapshot).decide(**DESK), "offer")
    found = await company.decide(until - 1, **DESK)
    one = next(one for one in filled(found, "offer").actions if one.action == UPGRADE)
    assert (one.honoured, one.why, one.valid_until, one.rank) == (True, "HONOURED", until, 2)
    assert UPGRADE not in names(await company.decide(until, **DESK), "offer")


async def test_what_a_page_asked_for_and_did_not_show_is_no_offer_made(company):
    assert names(await company.decide(), "hero") == [UPGRADE]
    later = await company.decide(NOW + 60, channel="call_centre", view=True)
    assert later.view.open_offers == ()
    assert not [one for one in filled(later, "offer").actions if one.honoured]


async def test_the_telco_honours_at_the_desk_what_the_shop_offered():
    quiet = changed(telco(), exploration=Exploration(), control_groups=())
    company = Company(quiet, "web_shop")
    company.know(ANNA, {"tenure_months": 5, "relationship_type": "prepaid", "data_used_share": 0.9, "orders_12m": 3})
    decision = await company.decide()
    shown = [one for one in filled(decision, "hero").actions if one.valid_until is not None]
    assert shown
    for one in shown:
        await company.tell(decision, "IMPRESSION", one.action)
    at_the_desk = await company.decide(NOW + 60, channel="call_centre", view=True)
    open_offers = dict(at_the_desk.view.open_offers)
    assert open_offers.items() >= {one.action: one.valid_until for one in shown}.items()
    honoured = {one.action: one.valid_until for one in filled(at_the_desk, "offer").actions if one.honoured}
    assert honoured
    assert honoured.items() <= open_offers.items()


async def test_an_offer_that_stands_is_exempt_from_limits(company):
    for day in range(6):
        decision = await offered(company, NOW + day * DAY)
        assert first(decision, "hero").honoured == (day > 0)
        assert first(decision, "hero").valid_until == NOW + 14 * DAY
    ended = await company.decide(NOW + 15 * DAY, trace=Trace.FULL)
    assert {(one.stage, one.rule) for one in ended.dropped if one.action == UPGRADE} == {("contact", "same_action")}


@pytest.mark.parametrize(("outcome", "reason"), [("REJECTED", "no_need"), ("ACCEPTED", ""), ("CONVERSION", "")])
async def test_an_offer_that_was_rejected_or_taken_stands_no_more(company, outcome, reason):
    await company.tell(await offered(company), outcome, reason_code=reason, now=NOW + 60)
    later = await company.decide(NOW + 120, channel="call_centre", view=True)
    assert later.view.open_offers == ()
    assert not [one for one in filled(later, "offer").actions if one.honoured]


async def test_a_mandatory_offer_that_stands_is_told_to_be_both(company):
    company.snapshot = with_actions(company.snapshot, **{UPGRADE: {"mandatory": True}})
    await offered(company)
    one = first(await company.decide(NOW + 60), "hero")
    assert (one.why, one.honoured, one.valid_until) == ("MANDATORY", True, NOW + 14 * DAY)


async def test_outbound_an_offer_that_stands_is_like_any_other(company):
    company.know(ANNA, consent={"push:marketing": True})
    silent = {name: {"treatments": {}} for name in ("film_box", "new_phone", "data_tip")}
    company.snapshot = with_actions(company.snapshot, **silent)
    await offered(company)
    one = first(await company.decide(NOW + 60, channel="push"), "message")
    assert (one.action, one.honoured, one.valid_until) == (UPGRADE, False, NOW + 60 + 14 * DAY)


async def test_too_expensive_pauses_by_policy_and_changes_the_very_next_decision(company):
    await company.tell(await offered(company), "REJECTED", reason_code="too_expensive", now=NOW + 1)
    after = await company.decide(NOW + 2, trace=Trace.FULL, view=True)
    assert names(after, "hero") == ["film_box"]
    paused = {one.action: one.rule for one in after.dropped if one.why.code == "PAUSED"}
    assert paused == {UPGRADE: "too_expensive", "basic_tariff": "too_expensive"}
    assert set(after.view.pauses) == {
        (action, NOW + 1 + 90 * DAY, "too_expensive") for action in (UPGRADE, "basic_tariff")
    }
    assert names(await company.decide(NOW + 2 + 91 * DAY), "hero") == [UPGRADE]


async def test_not_now_pauses_the_action_alone(company):
    await company.tell(await offered(company), "REJECTED", reason_code="not_now", now=NOW + 1)
    assert names(await company.decide(NOW + 2), "hero") == ["basic_tariff"]
    assert names(await company.decide(NOW + 8 * DAY), "hero") == [UPGRADE]


async def test_what_was_rejected_does_not_come_back_in_the_decision_that_follows(company):
    shown = await offered(company)
    await company.tell(shown, "REJECTED", reason_code="no_need", now=NOW + 1)
    assert names(await company.decide(NOW + 2, dry_run=True), "hero") == [UPGRADE]
    after = await company.decide(NOW + 2, follows=shown.decision_id, trace=Trace.FULL)
    assert names(after, "hero") == ["basic_tariff"]
    assert [one.why.code for one in after.dropped if one.action == UPGRADE] == ["EXCLUDED"]
    await company.tell(after, "REJECTED", reason_code="no_need", now=NOW + 20)
    third = await company.decide(NOW + 30, follows=after.decision_id)
    assert names(third, "hero") == ["film_box"]
    long_after = await company.decide(NOW + 2 * 3600, follows=after.decision_id)
    assert names(long_after, "hero") == [UPGRADE]


async def test_following_a_decision_that_nobody_rejected_excludes_nothing(company):
    shown = await offered(company)
    assert names(await company.decide(NOW + 2, follows=shown.decision_id), "hero") == [UPGRADE]


async def test_a_purchase_stops_sales_for_some_days(company):
    await company.tell(await offered(company), "ACCEPTED", now=NOW + 1)
    after = await company.decide(NOW + 2, trace=Trace.FULL)
    assert (names(after, "hero"), filled(after, "hero").cause) == ([], Cause.NONE_ALLOWED)
    assert {one.rule for one in after.dropped if one.why.code == "SELLING_STOPPED"} == {"recent_purchase"}
    assert names(await company.decide(NOW + 4 * DAY), "hero") != []


async def test_an_open_complaint_stops_offers_and_the_policy_says_why(company):
    company.know(ANNA, GOOD | {"open_complaints": 1})
    decision = await company.decide(channel="call_centre", trace=Trace.FULL)
    assert names(decision, "offer") == ["ask_contact_time"]
    told = {one.why.sentence for one in decision.dropped if one.rule == "open_complaint"}
    assert told == {"A complaint is open. Mend it first."}


async def test_an_outbound_contact_in_quiet_hours_waits_for_the_morning(company):
    company.know(ANNA, consent={"push:marketing": True})
    ten_at_night = NOW + 10 * 3600
    one = filled(await company.decide(ten_at_night, channel="push"), "message")
    assert (one.send_at, one.expires_at) == (NOW + 20 * 3600, NOW + 44 * 3600)
    (closes,) = company.store.windows.by_customer[ANNA].values()
    action = company.snapshot.policy.catalogue.actions[company.snapshot.policy.catalogue.index[one.actions[0].action]]
    assert closes == NOW + 20 * 3600 + action.success_within
    at_noon = filled(await company.decide(NOW, channel="push", dry_run=True), "message")
    assert (at_noon.send_at, at_noon.expires_at) == (NOW, NOW + DAY)


async def test_an_outbound_contact_needs_consent_and_names_what_blocked_it(company):
    one = filled(await company.decide(channel="push"), "message")
    assert (one.actions, one.cause, one.blocked_by, one.send_at) == ((), Cause.NONE_ALLOWED, "marketing", None)
    company.know(ANNA, consent={"push:marketing": True})
    await company.store.contacted(ANNA, contact("data_tip", NOW - DAY, "push"), contact("data_tip", NOW - DAY, "push"))
    assert filled(await company.decide(channel="push"), "message").blocked_by == "push_week"


async def test_the_view_shows_recent_contacts_newest_first_and_no_more_than_ten(company):
    await company.store.contacted(ANNA, *(contact("film_box", NOW - days * DAY) for days in range(20, 40)))
    view = (await company.decide(view=True)).view
    assert [one.at for one in view.recent] == [NOW - days * DAY for days in range(20, 30)]
    assert {(one.action, one.channel) for one in view.recent} == {("film_box", "web")}
    assert view.features["value_12m"] == 950.0
    assert (await company.decide()).view is None
