"""Alerts are posted to an address within a second, again until they are taken, by one worker at a time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from engine.alerts.alert import Alert
from engine.alerts.alerts import Alerts
from engine.alerts.webhook import LEASE, PATIENCE, Webhook, posted
from engine.counts import Counts
from tests.engine.company import ANNA, NOW

COMPLAINT = Alert("complaint", "anna", NOW, "a complaint about the router", "Dana", customer=ANNA, name="complaint:1")


class Duty:
    """An HTTP server that answers with these statuses, the last one for ever, and keeps what was posted."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.bodies: list[dict[str, str]] = []
        self.came = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-len"))
        self.bodies.append(json.loads(await reader.readexactly(length)))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        writer.write(f"HTTP/1.1 {status} x\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        self.came.set()


@pytest.fixture
async def duty() -> AsyncIterator[tuple[Duty, str]]:
    desk = Duty(200)
    server = await asyncio.start_server(desk.answer, "127.0.0.1", 0)
    async with server:
        yield desk, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/alerts?team=duty"


async def test_what_is_raised_is_posted_at_once(store, duty):
    desk, url = duty
    counts = Counts()
    webhook = Webhook(store.alerts, counts, lambda: url)
    running = asyncio.create_task(webhook.run(time.time))
    await Alerts(store.alerts, counts, webhook=webhook).tell(COMPLAINT)
    async with asyncio.timeout(5):
        await desk.came.wait()
    running.cancel()
    said = {"kind": "complaint", "subject": "anna", "to": "Dana", "text": "a complaint about the router"}
    assert desk.bodies == [said | {"id": "complaint:1", "at": "2026-09-24T10:00:00.000+00:00"}]


async def test_a_slow_answer_to_one_alert_holds_no_other_up_and_nothing_waits_for_the_next_look(store, monkeypatch):
    monkeypatch.setattr("engine.alerts.webhook.SECONDS_BETWEEN", 3600.0)
    hangs, came = asyncio.Event(), asyncio.Queue()

    async def post(_: str, body: bytes) -> bool:
        came.put_nowait(json.loads(body)["id"])
        if len(posted_ids) == 0:
            await hangs.wait()
        return True

    posted_ids: list[str] = []
    webhook = Webhook(store.alerts, Counts(), lambda: "https://duty.example", post)
    running = asyncio.create_task(webhook.run(lambda: NOW + 1))
    alerts = Alerts(store.alerts, Counts(), webhook=webhook)
    async with asyncio.timeout(20):
        for number in range(3):
            await alerts.tell(replace(COMPLAINT, name=f"complaint:{number}"))
            posted_ids.append(await came.get())
    assert posted_ids == ["complaint:0", "complaint:1", "complaint:2"]
    running.cancel()


async def test_what_is_not_taken_is_posted_again_later_and_later(store, duty):
    desk, url = duty
    desk.statuses = [500, 302, 204]
    webhook = Webhook(store.alerts, counts := Counts(), lambda: url)
    await store.alerts.raise_alert(COMPLAINT, post=True)
    taken = [await webhook.look(NOW + after) for after in (0, 0.5, 1, 2.5, 3, 60)]
    assert taken == [0, 0, 0, 0, 1, 0]
    assert len(desk.bodies) == 3
    assert counts.snapshot().counters == {
        ("befit_alerts_posted", ("failed",)): 2,
        ("befit_alerts_posted", ("taken",)): 1,
    }


async def test_of_several_workers_one_posts(store, duty):
    desk, url = duty
    await store.alerts.raise_alert(COMPLAINT, post=True)
    webhooks = [Webhook(store.alerts, Counts(), lambda: url) for _ in range(4)]
    assert sum(await asyncio.gather(*(one.look(NOW) for one in webhooks))) == 1
    assert len(desk.bodies) == 1


async def test_what_a_worker_left_behind_is_taken_by_another_after_a_while(store, duty):
    _, url = duty
    await store.alerts.raise_alert(COMPLAINT, post=True)
    assert len(await store.alerts.claim(NOW, NOW + LEASE, 9)) == 1
    webhook = Webhook(store.alerts, Counts(), lambda: url)
    assert [await webhook.look(NOW + LEASE - 1), await webhook.look(NOW + LEASE)] == [0, 1]


async def test_what_nobody_takes_for_a_day_stays_in_the_list_only(store):
    webhook = Webhook(store.alerts, counts := Counts(), lambda: "http://127.0.0.1:9/")
    await store.alerts.raise_alert(COMPLAINT, post=True)
    await webhook.look(NOW + PATIENCE + 1)
    assert await store.alerts.claim(NOW + 9e9, NOW + 9e9, 9) == ()
    assert counts.snapshot().counters == {("befit_alerts_posted", ("given_up",)): 1}
    assert len(await store.alerts.newest(resolved=False, most=9)) == 1


async def test_without_an_address_nothing_waits_to_be_posted(store):
    webhook = Webhook(store.alerts, Counts(), lambda: "")
    await Alerts(store.alerts, Counts(), webhook=webhook).tell(COMPLAINT)
    assert await store.alerts.claim(NOW, NOW, 9) == ()


async def test_a_worker_posts_what_a_process_without_an_address_raised(store, duty):
    desk, url = duty
    await Alerts(store.alerts, Counts(), posted_by_others=True).tell(COMPLAINT)
    assert await Webhook(store.alerts, Counts(), lambda: url).look(NOW + 1) == 1
    assert [one["subject"] for one in desk.bodies] == ["anna"]


async def test_a_forgotten_customer_is_not_posted_about(store):
    await store.alerts.raise_alert(replace(COMPLAINT), post=True)
    await store.alerts.forget(ANNA)
    assert await store.alerts.claim(NOW, NOW, 9) == ()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1:1/", "http://[::1", "nonsense", "https://"])
async def test_an_address_that_does_not_answer_takes_nothing(url):
    assert not await posted(url, b"{}")
