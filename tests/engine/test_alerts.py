"""Alerts are raised once, listed latest first, resolved by somebody, and forgotten with their customer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.alerts.alert import Alert, Resolution
from engine.alerts.alerts import UNKNOWN_ALERT, Alerts
from engine.counts import Counts
from engine.ids import CustomerKey
from engine.store import Store
from tests.engine.company import ANNA, NOW

BROKEN = Alert("broken_promise", "anna", NOW, "order 17 was due yesterday", "Olga", customer=ANNA)
FULL = Alert("limit_reached", "gold_desk", NOW + 1, "no places left")
DONE = Resolution(NOW + 60, "Olga", "called, new date agreed")


async def open_ids(store: Store) -> list[str]:
    return [alert.id for alert in await store.alerts.newest(resolved=False, most=10)]


async def test_an_alert_is_raised_once_however_often_it_is_told(store: Store):
    counts = Counts()
    alerts = Alerts(store.alerts, counts)
    assert [await alerts.tell(BROKEN), await alerts.tell(replace(BROKEN, text="again"))] == [True, False]
    assert await open_ids(store) == ["broken_promise:anna"]
    assert counts.snapshot().counters == {("befit_alerts", ("broken_promise",)): 1}
    (kept,) = await store.alerts.newest(resolved=False, most=10)
    assert kept == replace(BROKEN, name="broken_promise:anna")


async def test_the_latest_alerts_come_first_and_no_more_than_asked(store: Store):
    for alert in (BROKEN, FULL, replace(FULL, name="limit_reached:silver", at=NOW - 5)):
        await store.alerts.raise_alert(alert)
    assert await open_ids(store) == ["limit_reached:gold_desk", "broken_promise:anna", "limit_reached:silver"]
    assert len(await store.alerts.newest(resolved=False, most=1)) == 1


async def test_a_resolved_alert_keeps_what_was_done_and_is_not_raised_again(store: Store):
    await store.alerts.raise_alert(BROKEN)
    resolved = await store.alerts.resolve(BROKEN.id, DONE)
    assert resolved == replace(BROKEN, name=BROKEN.id, resolution=DONE)
    assert await store.alerts.newest(resolved=True, most=10) == (resolved,)
    assert await open_ids(store) == []
    assert not await store.alerts.raise_alert(BROKEN)
    assert await store.alerts.resolve(BROKEN.id, DONE) is None


async def test_alerts_about_a_customer_are_forgotten_with_the_customer(store: Store):
    other = replace(BROKEN, subject="ben", customer=CustomerKey("shop", "ben"))
    ended = replace(BROKEN, name="earlier")
    for alert in (BROKEN, other, ended):
        await store.alerts.raise_alert(alert)
    await store.alerts.resolve("earlier", DONE)
    await store.alerts.forget(ANNA)
    assert await open_ids(store) == ["broken_promise:ben"]
    assert await store.alerts.newest(resolved=True, most=10) == ()


async def test_the_oldest_are_dropped_beyond_what_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch):
    for room in ("memory", "redis"):
        monkeypatch.setattr(f"engine.{room}.alerts.MOST_OPEN", 2)
    for alert in (FULL, BROKEN, replace(FULL, name="third", at=NOW + 2)):
        await store.alerts.raise_alert(alert)
    assert await open_ids(store) == ["third", "limit_reached:gold_desk"]


async def test_resolving_ends_what_the_alert_stands_for(store: Store):
    ended: list[Alert] = []

    async def end(alert: Alert) -> None:
        ended.append(alert)

    alerts = Alerts(store.alerts, Counts(), end)
    await alerts.tell(BROKEN)
    assert await alerts.resolve(BROKEN.id, DONE) == replace(BROKEN, name=BROKEN.id, resolution=DONE)
    assert await alerts.resolve(BROKEN.id, DONE) == UNKNOWN_ALERT
    assert [one.id for one in ended] == [BROKEN.id]


async def test_a_tenant_sees_and_resolves_no_alert_about_anothers_customers(store: Store):
    alerts = Alerts(store.alerts, Counts())
    others = [replace(BROKEN, name=f"o{n}", at=NOW + 9 + n, customer=CustomerKey("bank", "bo")) for n in range(5)]
    for alert in (BROKEN, FULL, *others):
        await alerts.tell(alert)
    seen = await alerts.newest(resolved=False, most=2, tenant=ANNA.tenant)
    assert [one.id for one in seen] == [FULL.id, BROKEN.id]
    assert await alerts.resolve("o1", DONE, ANNA.tenant) is UNKNOWN_ALERT
    assert await alerts.resolve("o1", DONE, "bank") == replace(others[1], resolution=DONE)
    assert len(await alerts.newest(resolved=False, most=9)) == 6
