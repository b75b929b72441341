"""A complaint, or a rating that is too low, reaches a named person; selling stops until somebody put it right."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.alerts.alert import Resolution
from engine.alerts.alerts import Alerts
from engine.alerts.webhook import Webhook
from engine.counts import Counts
from engine.events.event_record import unpack_event
from engine.feedback import Feedback
from engine.outcome import Disposition, Outcome
from engine.outcomes.duty import DutyDesk
from engine.snapshot import Snapshot
from engine.store import StoreUnavailable
from rules.duty import Duty, DutyRule
from rules.ledger import short_id, stable_id
from rules.policy import Kind, PauseRule, Scope, StopSelling
from tests.engine.asking import ANNA as WHO
from tests.engine.asking import contact, contacts_of, new_decision, outcome, proposing
from tests.engine.company import ANNA, DAY, NOW, changed, names
from tests.engine.eventful import EventfulCompany, eventful

SALES = Scope(kinds=(Kind.OFFER,))
DUTY = Duty(DutyRule("Dana", frozenset({"relationship_1"})), DutyRule("Ria", at_most=2.0))
DONE = "Dana"


def shop(tier: str = "relationship_1") -> Snapshot:
    """A company that names the duty manager, and sells nothing while a complaint is open."""
    base = eventful()
    policy = base.policy.policy
    place = policy.contact.stops[0].place
    said = StopSelling("unresolved", None, frozenset(), 0.0, SALES, policy.contact.stops[0].reason, place)
    stops = (replace(said, open_complaint=True),)
    duty = replace(DUTY, complaint=replace(DUTY.complaint, tiers=frozenset({tier})))
    return changed(base, duty=duty, contact=replace(policy.contact, stops=stops, pauses=()))


class Shop(EventfulCompany):
    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        duty = DutyDesk(self.events, self.alerts, lambda: self.snapshot)
        self.feedback = Feedback(self.store, lambda: self.snapshot, attend=duty.attend)

    async def tells(self, decision, type_, name="o1", at=NOW + 5, **said):
        (verdict,) = await self.feedback.record([Outcome(name, decision.decision_id, "", type_, at=at, **said)], at)
        return verdict.disposition

    async def sells(self, at=NOW + 60):
        return bool(names(await self.decide(now=at), "hero"))


@pytest.fixture
def company():
    return Shop(shop())


async def test_a_complaint_reaches_the_person_that_the_policy_names_once(company):
    decision = await company.decide()
    told = [await company.tells(decision, "COMPLAINT") for _ in range(3)]
    assert told == [Disposition.ACCEPTED, Disposition.DUPLICATE, Disposition.DUPLICATE]
    ((kind, to, text),) = await company.open_alerts()
    assert (kind, to) == ("complaint", "Dana")
    assert "a complaint about" in text


@pytest.mark.parametrize(("rating", "alerted"), [(1.0, True), (2.0, True), (2.5, False)])
async def test_a_rating_up_to_the_threshold_alerts(company, rating, alerted):
    await company.tells(await company.decide(), "RATING", rating=rating)
    assert [(kind, to) for kind, to, _ in await company.open_alerts()] == ([("low_rating", "Ria")] if alerted else [])


async def test_complaints_of_other_tiers_alert_nobody():
    company = Shop(shop("transactional"))
    await company.tells(await company.decide(), "COMPLAINT")
    assert await company.open_alerts() == []
    assert await company.sells()


async def test_nothing_is_sold_until_somebody_says_that_it_is_put_right(company):
    assert await company.sells(NOW)
    await company.tells(await company.decide(), "COMPLAINT")
    assert not await company.sells(NOW + 30 * DAY)
    (alert,) = await company.alerts.newest(resolved=False, most=9)
    await company.alerts.resolve(alert.id, Resolution(NOW + 31 * DAY, DONE, "called"))
    assert await company.sells(NOW + 31 * DAY + 1)
    events = [unpack_event(one.body) for _, one in company.store.logs[ANNA.partition(256)] if one.kind == "event"]
    assert [one.attributes["note"] for one in events if one.type == "complaint_settled"] == ["Dana: called"]
    assert [one.event_id for one in events if "anna" in one.event_id] == []
    assert await company.open_alerts() == []


async def test_stops_and_pauses_after_a_complaint_end_with_it_too(company):
    contact = company.snapshot.policy.policy.contact
    after = replace(contact.stops[0], open_complaint=False, after_outcomes=frozenset({"COMPLAINT"}), within=90 * DAY)
    pause = PauseRule(
        "cross", frozenset({"COMPLAINT"}), frozenset(), 1, DAY, "scope", 60 * DAY, SALES, contact.stops[0].place
    )
    company.snapshot = changed(company.snapshot, contact=replace(contact, stops=(after,), pauses=(pause,)))
    await company.tells(await company.decide(), "COMPLAINT")
    assert not await company.sells()
    assert company.store.customers[ANNA].pauses
    (alert,) = await company.alerts.newest(resolved=False, most=9)
    await company.alerts.resolve(alert.id, Resolution(NOW + DAY, DONE))
    assert not company.store.customers[ANNA].pauses
    assert await company.sells(NOW + DAY + 1)


async def test_a_new_complaint_after_the_resolution_stops_again(company):
    decision = await company.decide()
    await company.tells(decision, "COMPLAINT")
    (alert,) = await company.alerts.newest(resolved=False, most=9)
    await company.alerts.resolve(alert.id, Resolution(NOW + 60, DONE))
    await company.tells(decision, "COMPLAINT", "o2", NOW + 120)
    assert not await company.sells(NOW + 180)


async def test_while_the_store_is_away_the_complaint_may_be_sent_again_and_is_not_lost(company):
    decision = await company.decide()
    company.store.fail = "timeout"
    assert await company.tells(decision, "COMPLAINT") is Disposition.REJECTED
    company.store.fail = ""
    assert await company.tells(decision, "COMPLAINT") is Disposition.ACCEPTED
    assert len(await company.open_alerts()) == 1


async def test_a_complaint_about_a_decision_that_nobody_remembers_still_reaches_somebody(company):
    decision = await company.decide()
    company.store.decisions.clear()
    company.store.logs.clear()
    assert await company.tells(decision, "COMPLAINT", at=NOW + 10 * DAY) is Disposition.ACCEPTED
    (alert,) = await company.alerts.newest(resolved=False, most=9)
    assert (alert.subject, alert.customer) == (decision.decision_id, None)
    await company.alerts.resolve(alert.id, Resolution(NOW + 11 * DAY, DONE))


async def test_a_contact_is_settled_where_the_ledger_has_it(store):
    decision = new_decision()
    await store.commit(proposing(contact(decision, stable_id("a")), decision=decision))
    await store.record_outcome(outcome(decision, "COMPLAINT", stable_id("a"), reason=short_id("rude")))
    assert await store.settle_contact(WHO, decision, stable_id("a"))
    assert not await store.settle_contact(WHO, decision, stable_id("b"))
    (one,) = contacts_of((await store.read_profile(WHO, "")).contacts)
    assert (one.flags & 2, one.reason) == (2, short_id("rude"))
    await store.record_outcome(outcome(decision, "COMPLAINT", stable_id("a"), at=NOW + 9e6))
    (one,) = contacts_of((await store.read_profile(WHO, "")).contacts)
    assert one.flags & 2 == 0


async def test_an_unreachable_store_resolves_nothing(company):
    await company.tells(await company.decide(), "COMPLAINT")
    (alert,) = await company.alerts.newest(resolved=False, most=9)
    company.store.fail = "timeout"
    with pytest.raises(StoreUnavailable):
        await company.alerts.resolve(alert.id, Resolution(NOW + 60, DONE))
    company.store.fail = ""
    assert len(await company.open_alerts()) == 1


async def test_the_alert_is_on_its_way_before_the_outcome_is_answered(company, monkeypatch):
    monkeypatch.setattr("engine.alerts.webhook.SECONDS_BETWEEN", 3600.0)
    order, came = [], asyncio.Event()

    async def post(_: str, body: bytes) -> bool:
        order.append("posted")
        came.set()
        return True

    webhook = Webhook(company.store.alerts, Counts(), lambda: "https://duty.example", post)
    alerts = Alerts(company.store.alerts, Counts(), webhook=webhook)
    duty = DutyDesk(company.events, alerts, lambda: company.snapshot)
    company.feedback = Feedback(company.store, lambda: company.snapshot, attend=duty.attend)
    decision = await company.decide()
    record_outcome = company.store.record_outcome

    async def entering(write):
        order.append("told" if await company.alerts.newest(resolved=False, most=1) else "not told")
        return await record_outcome(write)

    monkeypatch.setattr(company.store, "record_outcome", entering)
    running = asyncio.create_task(webhook.run(lambda: NOW + 5))
    assert await company.tells(decision, "COMPLAINT") is Disposition.ACCEPTED
    async with asyncio.timeout(20):
        await came.wait()
    assert sorted(order) == ["posted", "told"]
    running.cancel()
