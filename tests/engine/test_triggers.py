"""An event starts an outbound decision; what is not sent yet may be replaced, taken back, or found wrong at last."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.ids import CustomerKey
from engine.outcome import Disposition
from engine.triggers.message import PushRecord, unpack_push
from engine.triggers.sending import SENDING_LEASE, Report, Sent
from tests.engine.company import ANNA, DAY, GOOD, NOW, contact
from tests.engine.eventful import cel
from tests.engine.triggered import HOUR, TriggeredCompany, trigger, triggering

AFTER = NOW + HOUR
VISITOR = CustomerKey(ANNA.tenant, "visitor")


@pytest.fixture
def shop() -> TriggeredCompany:
    return TriggeredCompany(triggering())


def pushes(shop: TriggeredCompany, who: CustomerKey = ANNA) -> list[PushRecord]:
    logged = shop.store.logs.get(who.partition(256), [])
    return [unpack_push(entry.body) for _, entry in logged if entry.kind == "push"]


def shown(shop: TriggeredCompany) -> int:
    """How many contacts the ledger holds."""
    return len(shop.store.customers[ANNA].contacts or [])


async def test_an_event_sends_what_is_decided_after_the_delay_once(shop):
    await shop.happens("basket", change="abandoned", amount=89.0)
    assert await shop.sent(AFTER - 1) == []
    (action,) = await shop.sent(AFTER)
    assert await shop.sent(AFTER + 60) == []
    (record,) = pushes(shop)
    assert (record.became, record.action, record.trigger, record.message_id) == (
        "sent",
        action,
        "abandoned",
        "abandoned:e1",
    )
    assert shown(shop) == 1


@pytest.mark.parametrize("said", [{"change": "added"}, {}])
async def test_an_event_whose_condition_does_not_hold_or_is_unknown_starts_nothing(shop, said):
    await shop.happens("basket", **said)
    assert await shop.store.outbox.due_work(AFTER + DAY, 9) == ()


async def test_a_condition_on_the_customer_is_asked_when_the_message_is_due(shop):
    shop.snapshot = triggering(trigger(when=cel("event.amount > 50.0 && customer.value_12m > 900.0")))
    for amount, value in ((60.0, 100.0), (40.0, 950.0), (60.0, 950.0)):
        await shop.happens("basket", amount=amount)
        shop.know(ANNA, GOOD | {"value_12m": value})
        await shop.sent(AFTER + 1)
    assert [one.became for one in pushes(shop)] == ["not_wanted", "not_wanted", "sent"]


async def test_an_event_takes_back_what_is_not_decided_yet(shop):
    await shop.happens("basket", change="abandoned")
    await shop.happens("purchase", at=NOW + 60, amount=89.0)
    assert await shop.sent(AFTER) == []
    assert [(one.became, one.decision_id) for one in pushes(shop)] == [("withdrawn", "")]


async def test_an_event_that_is_told_late_starts_nothing_that_was_taken_back_by_a_later_one(shop):
    await shop.happens("purchase", at=NOW + 60, amount=89.0)
    await shop.happens("basket", at=NOW, now=NOW + 120, change="abandoned")
    assert await shop.sent(AFTER) == []
    assert [one.became for one in pushes(shop)] == ["withdrawn"]
    await shop.happens("basket", at=NOW + 180, change="abandoned")
    assert len(await shop.sent(AFTER + 180)) == 1


async def test_an_event_takes_back_what_is_decided_and_frees_its_contact(shop):
    await shop.happens("basket", change="abandoned")
    await shop.dispatch.run(AFTER)
    assert shown(shop) == 1
    await shop.happens("purchase", at=AFTER + 5, amount=89.0)
    assert await shop.sent(AFTER + 10) == []
    assert ([one.became for one in pushes(shop)], shown(shop)) == (["withdrawn"], 0)


async def test_a_later_message_takes_the_place_of_an_earlier_one(shop):
    await shop.happens("basket", change="abandoned")
    await shop.happens("basket", at=NOW + 1800, change="abandoned")
    assert await shop.sent(AFTER) == []
    assert len(await shop.sent(AFTER + 1800)) == 1
    assert [(one.became, one.event_id) for one in pushes(shop)] == [("replaced", "e1"), ("sent", "e2")]


async def test_a_promise_that_is_not_kept_in_time_starts_a_message_by_itself(shop):
    shop.snapshot = triggering(trigger("sorry", on="delivery_broken", when=None, delay=0.0, withdraw_on=frozenset()))
    due = NOW + HOUR
    await shop.happens("delivery_promised", order="17", date=due)
    await shop.sweep.run(due - 1)
    assert await shop.take(due - 1) == []
    await shop.sweep.run(due + 1)
    (claimed,) = await shop.take(due + 1)
    assert claimed.message.attributes == {"order": "17", "reason": "not kept in time"}


async def test_the_same_event_told_twice_starts_one_message(shop):
    for _ in range(2):
        await shop.happens("basket", change="abandoned", event_id="same")
    assert len(await shop.sent(AFTER)) == 1


async def test_at_night_it_waits_until_morning(shop):
    evening = NOW + 11 * HOUR
    await shop.happens("basket", at=evening, change="abandoned")
    assert await shop.sent(evening + HOUR) == []
    morning = NOW + 20 * HOUR
    assert await shop.sent(morning - 1) == []
    assert len(await shop.sent(morning)) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("consent", "CONTACT marketing"),
        ("stopped", "AVAILABILITY"),
        ("contacts", "CONTACT push_week"),
    ],
)
async def test_what_may_not_be_sent_any_more_is_not_sent(shop, change, why):
    await shop.happens("basket", change="abandoned")
    await shop.dispatch.run(AFTER)
    later = AFTER + 60
    if change == "consent":
        await shop.happens("consent_changed", at=later, channel="push", purpose="marketing", given=False)
    elif change == "stopped":
        ids = frozenset(shop.snapshot.policy.catalogue.ids)
        shop.snapshot = shop.snapshot.with_stopped(ids)
    else:
        await shop.store.contacted(ANNA, *[contact("film_box", AFTER + 1, "push")] * 2)
    assert await shop.sent(later) == []
    (record,) = pushes(shop)
    assert (record.became, record.why.upper()) == ("not_allowed", why.upper())


async def test_its_own_contact_does_not_count_against_it(shop):
    await shop.store.contacted(ANNA, contact("film_box", NOW - DAY, "push"))
    await shop.happens("basket", change="abandoned")
    assert len(await shop.sent(AFTER)) == 1


async def test_what_is_not_sent_in_time_is_not_sent_at_all(shop):
    await shop.happens("basket", change="abandoned")
    await shop.dispatch.run(AFTER)
    assert await shop.sent(AFTER + DAY) == []
    assert ([one.became for one in pushes(shop)], shown(shop)) == (["expired"], 0)


async def test_a_message_is_one_takers_until_reported_and_then_another_ones(shop):
    await shop.happens("basket", change="abandoned")
    (mine,) = await shop.take(AFTER)
    assert await shop.take(AFTER + SENDING_LEASE - 1) == []
    (again,) = await shop.take(AFTER + SENDING_LEASE)
    assert again.held == mine.held
    await shop.sending.report(again, Report(Sent.FAILED, "busy"), AFTER + 70)
    assert await shop.take(AFTER + 72) == []
    (third,) = await shop.take(AFTER + 80)
    await shop.sending.report(third, Report(Sent.UNDELIVERABLE, "no such device"), AFTER + 81)
    assert ([one.became for one in pushes(shop)], shown(shop)) == (["undeliverable"], 0)


@pytest.mark.parametrize("looks", [[], [AFTER + 1, AFTER + 30]])
async def test_what_is_in_the_hands_of_a_taker_counts_as_sent_when_it_is_reported_so(shop, looks):
    await shop.happens("basket", change="abandoned")
    (mine,) = await shop.take(AFTER)
    await shop.happens("purchase", at=AFTER + 1, amount=1.0)
    for now in looks:
        await shop.dispatch.run(now)
    await shop.sending.report(mine, Report(Sent.SENT), AFTER + 40)
    await shop.dispatch.run(AFTER + 90)
    assert ([one.became for one in pushes(shop)], shown(shop)) == (["sent"], 1)


async def test_what_a_taker_never_reports_is_taken_back_after_its_minute(shop):
    await shop.happens("basket", change="abandoned")
    assert await shop.take(AFTER)
    await shop.happens("purchase", at=AFTER + 1, amount=1.0)
    await shop.dispatch.run(AFTER + SENDING_LEASE)
    assert ([one.became for one in pushes(shop)], shown(shop)) == (["withdrawn"], 0)


async def test_what_is_handed_out_in_its_last_minute_may_still_be_reported(shop):
    await shop.happens("basket", change="abandoned")
    last = AFTER + DAY - 5
    (mine,) = await shop.take(last)
    await shop.dispatch.run(last + 20)
    await shop.sending.report(mine, Report(Sent.SENT), last + 30)
    assert ([one.became for one in pushes(shop)], shown(shop)) == (["sent"], 1)


async def test_a_visitor_who_became_a_customer_is_written_to_as_the_customer_or_not_at_all(shop):
    for number, buys in enumerate((False, True)):
        who = replace(VISITOR, customer=f"visitor-{number}")
        await shop.happens("basket", customer=who.customer, change="abandoned")
        assert await shop.store.link(who, ANNA)
        if buys:
            await shop.happens("purchase", at=NOW + 60, amount=1.0)
        assert len(await shop.sent(AFTER)) == (0 if buys else 1)
        shop.store.customers[ANNA].contacts = []


async def test_where_nothing_may_be_sent_the_message_ends_or_waits_for_a_cool_down(shop):
    await shop.store.contacted(ANNA, *[contact("film_box", NOW, "push")] * 2)
    await shop.happens("basket", change="abandoned")
    assert await shop.sent(AFTER) == []
    assert [one.became for one in pushes(shop)] == ["nothing"]


async def test_while_the_store_is_away_nothing_is_lost(shop):
    shop.store.fail = "timeout"
    assert (await shop.happens("basket", change="abandoned", event_id="e")).disposition is Disposition.REJECTED
    shop.store.fail = ""
    await shop.happens("basket", change="abandoned", event_id="e")
    assert len(await shop.sent(AFTER)) == 1


async def test_a_trigger_that_the_policy_has_no_more_sends_nothing(shop):
    await shop.happens("basket", change="abandoned")
    shop.snapshot = triggering(trigger("other"))
    assert await shop.sent(AFTER) == []
    assert [one.became for one in pushes(shop)] == ["withdrawn"]


async def test_two_that_look_at_once_decide_once(shop):
    await shop.happens("basket", change="abandoned")
    await asyncio.gather(*(shop.dispatch.run(AFTER) for _ in range(4)))
    assert shown(shop) == 1
    assert len(await shop.sent(AFTER)) == 1


async def test_a_forgotten_customer_is_not_written_to(shop):
    await shop.happens("basket", change="abandoned")
    await shop.store.erase(ANNA)
    assert await shop.store.outbox.due_work(AFTER, 9) == ()
