"""Outbound contacts wait for the customer's own morning, also in nights in which the clock is changed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.standing import Consent
from tests.engine.company import ANNA, Company, changed, corner_shop, filled

NIGHTS = [
    ("Europe/Berlin", "2026-03-28", "2026-03-29", 8.5),
    ("Europe/Berlin", "2026-10-24", "2026-10-25", 10.5),
    ("America/New_York", "2026-03-07", "2026-03-08", 8.5),
    ("America/New_York", "2026-10-31", "2026-11-01", 10.5),
    ("America/Havana", "2026-03-07", "2026-03-08", 8.5),
    ("Africa/Cairo", "2026-04-23", "2026-04-24", 8.5),
    ("Australia/Lord_Howe", "2026-10-03", "2026-10-04", 9.0),
    ("Asia/Tokyo", "2026-03-28", "2026-03-29", 9.5),
]


def at(day: str, clock: str, zone: str) -> float:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(("zone", "evening", "morning", "hours"), NIGHTS)
async def test_a_message_of_the_night_waits_for_eight_in_the_morning(zone, evening, morning, hours):
    company = Company(changed(corner_shop(), time_zone="UTC"), "push")
    company.store.customers[ANNA].consent = Consent({"push:marketing": True}, zone).pack()
    now = at(evening, "22:30", zone)
    told = filled(await company.decide(now=now), "message")
    assert told.actions
    assert told.send_at == at(morning, "08:00", zone) == now + hours * 3600
    day = at(morning, "08:00", zone)
    assert filled(await company.decide(now=day, dry_run=True), "message").send_at in (day, None)
