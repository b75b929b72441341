"""A customer's clock: calendar days, weeks and months, and quiet hours, across summer time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.local_time import calendar_start, quiet_until, zone_of

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Asia/Beirut",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "UTC",
]
NIGHT = (21 * 60, 8 * 60)
years = st.floats(datetime(2025, 1, 1, tzinfo=UTC).timestamp(), datetime(2027, 12, 31, tzinfo=UTC).timestamp())


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_an_unknown_zone_is_the_companys():
    assert zone_of("Europe/Berlin", "UTC") == BERLIN
    for name in ("", "Nowhere/Town", "../etc/passwd", "Europe"):
        assert zone_of(name, "UTC") == ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("calendar", "now", "start"),
    [
        ("day", "2026-09-24T12:00", "2026-09-24T00:00"),
        ("week", "2026-09-24T12:00", "2026-09-21T00:00"),
        ("week", "2026-09-21T00:00", "2026-09-21T00:00"),
        ("month", "2026-09-24T12:00", "2026-09-01T00:00"),
        ("day", "2026-03-29T12:00", "2026-03-29T00:00"),
        ("week", "2026-03-30T00:30", "2026-03-30T00:00"),
        ("month", "2026-11-01T00:00", "2026-11-01T00:00"),
    ],
)
def test_a_calendar_window_begins_at_local_midnight(calendar, now, start):
    assert calendar_start(calendar, at(now), BERLIN) == at(start)


@given(years, st.sampled_from(ZONES), st.sampled_from(["day", "week", "month"]))
def test_a_calendar_window_is_all_of_its_day_week_or_month(now, zone_name, calendar):
    zone = ZoneInfo(zone_name)
    start = calendar_start(calendar, now, zone)
    names = {
        "day": lambda local: local.date(),
        "week": lambda local: local.isocalendar()[:2],
        "month": lambda local: (local.year, local.month),
    }

    def name(instant):
        return names[calendar](datetime.fromtimestamp(instant, zone))

    assert start <= now
    assert name(start) == name(now)
    assert name(start - 1) != name(now)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-09-24T12:00", None),
        ("2026-09-24T20:59", None),
        ("2026-09-24T21:00", "2026-09-25T08:00"),
        ("2026-09-24T23:59", "2026-09-25T08:00"),
        ("2026-09-25T00:00", "2026-09-25T08:00"),
        ("2026-09-25T07:59", "2026-09-25T08:00"),
        ("2026-09-25T08:00", None),
        ("2026-03-28T22:00", "2026-03-29T08:00"),
        ("2026-10-24T22:00", "2026-10-25T08:00"),
    ],
)
def test_quiet_hours_pass_midnight_and_end_on_the_local_clock(now, end):
    assert quiet_until(at(now), [NIGHT], BERLIN) == (None if end is None else at(end))


def test_a_night_of_summer_time_is_an_hour_shorter_or_longer():
    spring = quiet_until(at("2026-03-28T22:00"), [NIGHT], BERLIN) - at("2026-03-28T22:00")
    autumn = quiet_until(at("2026-10-24T22:00"), [NIGHT], BERLIN) - at("2026-10-24T22:00")
    assert (spring / 3600, autumn / 3600) == (9.0, 11.0)


def test_quiet_hours_whose_pause_clocks_go_forward_over_last_until_the_next_one():
    nearly_always = (3 * 60, 2 * 60)
    assert quiet_until(at("2026-03-28T23:00"), [nearly_always], BERLIN) == at("2026-03-30T02:00")


def test_windows_that_follow_each_other_are_waited_out_together():
    windows = [(21 * 60, 23 * 60), (23 * 60, 7 * 60)]
    assert quiet_until(at("2026-09-24T22:00"), windows, BERLIN) == at("2026-09-25T07:00")


def naively_quiet(instant, window, zone):
    local = datetime.fromtimestamp(instant, zone)
    minute = local.hour * 60 + local.minute
    start, end = window
    return start <= minute < end if start < end else minute >= start or minute < end


@given(years, st.sampled_from(ZONES), st.integers(0, 47), st.integers(0, 47))
def test_quiet_hours_end_when_the_clock_first_shows_their_end(now, zone_name, start, end):
    zone, window = ZoneInfo(zone_name), (start * 30, end * 30)
    if start == end:
        return
    found = quiet_until(now, [window], zone)
    if found is None:
        assert not naively_quiet(now, window, zone)
        return
    assert naively_quiet(now, window, zone)
    assert not naively_quiet(found, window, zone)
    steps = range(0, 26 * 60, 15)
    first = next(now + 60 * step for step in steps if not naively_quiet(now + 60 * step, window, zone))
    assert found <= first + 3600
    assert found > first - 15 * 60
