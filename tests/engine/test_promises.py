"""A promise to a customer that is broken stops selling at the very next decision, and somebody is told of it, once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.alerts.alert import Resolution
from engine.decision import Trace
from engine.events.event_record import unpack_event
from engine.events.promised import due_at
from engine.events.realtime import read_realtime
from engine.redis.store import RedisStore
from tests.engine.company import ANNA, DAY, NOW, names
from tests.engine.conftest import PATIENT
from tests.engine.eventful import EventfulCompany, eventful
from tests.engine.servers import url_of

BERLIN = ZoneInfo("Europe/Berlin")
TOMORROW_ENDS = datetime(2026, 9, 26, tzinfo=BERLIN).timestamp()


@pytest.fixture
def company() -> EventfulCompany:
    return EventfulCompany(eventful())


async def sells(company: EventfulCompany, now: float) -> bool:
    return names(await company.decide(now), "hero") != []


async def promised(company: EventfulCompany, date: str = "2026-09-25", at: float = NOW) -> None:
    await company.happens("delivery_promised", at, order="17", date=date, text="sofa", by="Paul")


async def test_selling_stops_when_the_day_is_over_and_goes_on_when_it_came(company):
    await promised(company)
    assert [await sells(company, at) for at in (TOMORROW_ENDS, TOMORROW_ENDS + 1)] == [True, False]
    assert (await company.decide(TOMORROW_ENDS + 1, view=True)).view.features["late_orders"] == 1.0
    await company.happens("delivery_kept", TOMORROW_ENDS + 60, order="17")
    assert await sells(company, TOMORROW_ENDS + 61)


async def test_a_promise_that_was_kept_in_time_stops_nothing_and_alerts_nobody(company):
    await promised(company)
    await company.happens("delivery_kept", NOW + 60, order="17")
    assert await sells(company, NOW + 30 * DAY)
    assert await company.sweep.run(NOW + 30 * DAY) == 0


async def test_the_rule_that_stopped_is_told(company):
    await promised(company)
    decision = await company.decide(TOMORROW_ENDS + 1, trace=Trace.FULL)
    assert ("broken", "SELLING_STOPPED") in {(one.rule, one.why.code) for one in decision.dropped}


async def test_a_broken_promise_reaches_the_named_person_once(company):
    await promised(company)
    assert await company.sweep.run(TOMORROW_ENDS - 1) == 0
    assert [await company.sweep.run(TOMORROW_ENDS + second) for second in (1, 2)] == [1, 0]
    text = "sofa was promised for 2026-09-26 00:00 and has not come, promised by Paul"
    assert await company.open_alerts() == [("broken_promise", "Bea", text)]
    assert company.counts.snapshot().counters == {("befit_alerts", ("broken_promise",)): 1}
    await company.happens("delivery_broken", TOMORROW_ENDS + 10, order="17")
    assert await company.sweep.run(TOMORROW_ENDS + 20) == 0


async def test_what_is_known_to_fail_stops_at_once(company):
    await promised(company)
    await company.happens("delivery_broken", NOW + 5, order="17")
    assert not await sells(company, NOW + 6)
    assert await company.sweep.run(NOW + 6) == 1
    assert (await company.open_alerts())[0][2] == "sofa will not come as promised, promised by Paul"


async def test_a_promise_that_was_not_kept_in_time_is_told_as_an_event_once(company):
    await promised(company)
    for second in (1, 2):
        await company.sweep.run(TOMORROW_ENDS + second)
    log = [entry async for entry in company.store.read_log(ANNA.partition(256)) if entry.kind == "event"]
    (told,) = [one for one in map(unpack_event, [entry.body for entry in log]) if one.type == "delivery_broken"]
    assert (told.attributes, told.at) == ({"order": "17", "reason": "not kept in time"}, TOMORROW_ENDS)
    assert "anna" not in told.event_id


async def test_a_delivery_that_came_in_time_and_is_told_late_still_counts_as_kept(company):
    await promised(company)
    await company.sweep.run(TOMORROW_ENDS + 1)
    await company.happens("delivery_kept", TOMORROW_ENDS - 3600, now=TOMORROW_ENDS + 60, order="17")
    assert await sells(company, TOMORROW_ENDS + 61)


async def test_what_is_known_to_fail_is_no_second_event(company):
    await promised(company)
    await company.happens("delivery_broken", NOW + 5, order="17")
    await company.sweep.run(NOW + 6)
    kinds = [entry.kind async for entry in company.store.read_log(ANNA.partition(256))]
    assert kinds == ["event", "event"]


async def test_a_new_date_is_a_new_promise_that_alerts_anew(company):
    await promised(company)
    await company.sweep.run(TOMORROW_ENDS + 1)
    await promised(company, "2026-09-28", at=TOMORROW_ENDS + 2)
    assert await sells(company, TOMORROW_ENDS + 3)
    assert [await company.sweep.run(TOMORROW_ENDS + day * DAY) for day in (1, 3)] == [0, 1]
    assert len(await company.open_alerts()) == 2


async def test_resolving_the_alert_puts_it_right_and_sells_again(company):
    await promised(company)
    await company.sweep.run(TOMORROW_ENDS + 1)
    (alert,) = await company.alerts.newest(resolved=False, most=1)
    done = Resolution(TOMORROW_ENDS + 60, "Bea", "voucher sent")
    assert (await company.alerts.resolve(alert.id, done)).resolution == done
    assert await sells(company, TOMORROW_ENDS + 61)
    entries = [entry.kind async for entry in company.store.read_log(ANNA.partition(256))]
    assert entries.count("event") == 3


async def test_a_resolution_that_the_store_did_not_take_may_be_sent_again(company):
    await promised(company)
    await company.sweep.run(TOMORROW_ENDS + 1)
    (alert,) = await company.alerts.newest(resolved=False, most=1)
    done = Resolution(TOMORROW_ENDS + 60, "Bea")
    await company.alerts._ends(
        alert.__class__(**{f: getattr(alert, f) for f in alert.__slots__} | {"resolution": done})
    )
    assert (await company.alerts.resolve(alert.id, done)).resolution == done


async def test_the_view_shows_what_is_to_be_kept_the_earliest_first(company):
    await company.happens("delivery_promised", order="18", date="2026-10-01T18:00:00+02:00")
    await promised(company)
    view = (await company.decide(TOMORROW_ENDS + 1, view=True)).view
    said = [(one.order, one.text, one.due, one.by, one.broken) for one in view.promises]
    assert said == [
        ("17", "sofa", TOMORROW_ENDS, "Paul", True),
        ("18", "18", datetime(2026, 10, 1, 18, tzinfo=BERLIN).timestamp(), "", False),
    ]


@pytest.mark.parametrize(
    ("told", "due"),
    [
        ("2026-09-25", TOMORROW_ENDS),
        ("2026-10-25", datetime(2026, 10, 26, tzinfo=BERLIN).timestamp()),
        ("2026-09-25T18:00", datetime(2026, 9, 25, 18, tzinfo=BERLIN).timestamp()),
        ("2026-09-25T18:00:00Z", datetime(2026, 9, 25, 20, tzinfo=BERLIN).timestamp()),
        (NOW, NOW),
        ("next week", None),
        ("2026-13-40", None),
        (True, None),
        (-5.0, None),
        (1e300, None),
        ("9999-12-31", None),
    ],
)
def test_dates_are_read_as_they_are_told(told, due):
    assert due_at(told, BERLIN) == due


async def test_several_workers_tell_of_it_once(valkey_store, request):
    """One looks at a time; the alert's name would hold even if two looked."""
    other = RedisStore(url_of(request.getfixturevalue("valkey")), "worker-2", PATIENT)
    await other.open()
    companies = [EventfulCompany(eventful()), EventfulCompany(eventful())]
    for one, store in zip(companies, (valkey_store, other), strict=True):
        one.events._store = one.sweep._store = store
        one.alerts._store = store.alerts
    await promised(companies[0])
    assert [await one.sweep.run(TOMORROW_ENDS + 1) for one in companies] == [1, 0]
    assert [await store.events.lead(1000) for store in (other, valkey_store)] == [False, True]
    due = (await other.read_profile(ANNA, "")).realtime
    assert [one.alerted for one in read_realtime(due).things.values()] == [True]
    await other.close()
