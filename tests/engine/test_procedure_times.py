"""The report of procedures: how long steps took by team, who was in time, and what is overdue now."""

from __future__ import annotations

import pytest

from engine.procedures.reading import procedure_events
from engine.procedures.times import times_by_team
from tests.engine.company import NOW
from tests.engine.eventful import LINE_DOWN, EventfulCompany, eventful


@pytest.fixture
def company() -> EventfulCompany:
    return EventfulCompany(eventful())


async def told(company: EventfulCompany, *steps: tuple[str, str, float, str], run: str = "call-1") -> None:
    """(type, step, seconds from NOW, team) each; the procedure begins NOW."""
    await company.happens("procedure_begun", NOW, procedure="line_down", run=run)
    for type_, step, seconds, team in steps:
        said = {"team": team} if team else {}
        verdict = await company.happens(type_, NOW + seconds, procedure="line_down", step=step, run=run, **said)
        assert verdict.disposition == "accepted", verdict


async def report(company: EventfulCompany, now: float, since: float = NOW - 1):
    found = times_by_team(await procedure_events(company.store, 256, since), (LINE_DOWN,), now)
    return {
        (one.step, one.team): (one.done, one.in_time, one.median_seconds, one.slowest_tenth_seconds, one.overdue)
        for one in found
    }


async def test_a_step_takes_from_the_end_of_the_one_before_or_from_where_it_was_started(company):
    await told(company, ("step_done", "greet", 60, ""), ("step_started", "measure", 100, ""),
               ("step_done", "measure", 500, ""), ("step_done", "report", 510, ""))  # fmt: skip
    assert await report(company, NOW + 600) == {
        ("greet", "front"): (1, 1, 60.0, 60.0, 0),
        ("measure", "technics"): (1, 0, 400.0, 400.0, 0),
        ("report", "front"): (1, 1, 10.0, 10.0, 0),
    }


async def test_another_team_is_counted_by_itself_and_the_middle_is_told_for_many(company):
    for run, seconds, team in (("a", 30, ""), ("b", 50, ""), ("c", 90, ""), ("d", 10, "night")):
        await told(company, ("step_done", "greet", seconds, team), run=run)
    found = await report(company, NOW + 100)
    assert found["greet", "front"] == (3, 3, 50.0, 90.0, 0)
    assert found["greet", "night"] == (1, 1, 10.0, 10.0, 0)


async def test_what_is_late_by_now_is_overdue_unless_the_procedure_ended(company):
    await told(company, ("step_done", "greet", 60, ""))
    await told(company, run="call-2")
    await company.happens("procedure_ended", NOW + 5, procedure="line_down", run="call-2")
    assert (await report(company, NOW + 359))["measure", "technics"] == (0, 0, 0.0, 0.0, 0)
    found = await report(company, NOW + 400)
    assert (found["measure", "technics"][4], found["greet", "front"][4]) == (1, 0)


async def test_only_what_happened_since_is_looked_at(company):
    await told(company, ("step_done", "greet", 60, ""))
    await company.happens("page_view", NOW + 61)
    assert (await report(company, NOW + 100, since=NOW + 59))["greet", "front"][0] == 1
    assert (await report(company, NOW + 100, since=NOW + 61))["greet", "front"][0] == 0
