"""A decision carries the procedure of its need; steps are told as events, and overdue ones reach the owner once."""

from __future__ import annotations

import asyncio

import pytest

from engine.decider import Observation
from engine.recall import Recall
from tests.engine.company import ANNA, NOW
from tests.engine.eventful import LINE_DOWN, EventfulCompany, eventful


class CallCentre(EventfulCompany):
    """Begins procedures as a worker does: by what it observes."""

    async def call(self, now: float = NOW, **fields):
        decision = await self.decide(now, channel="call_centre", **({"intent": "billing"} | fields))
        while self.seen:
            self.beginning.observe(self.seen.pop())
        await self.beginning.close()
        return decision

    async def step(self, type_: str, step: str, at: float, run: str = "call-1", **said) -> None:
        verdict = await self.happens(type_, at, procedure="line_down", step=step, run=run, **said)
        assert verdict.disposition == "accepted", verdict


@pytest.fixture
def company() -> CallCentre:
    return CallCentre(eventful())


def progress(decision) -> list[tuple[str, float | None, float | None]]:
    """(step, due, done) of those that began, in seconds from NOW."""
    begun = [one for one in decision.procedure.steps if one.began_at is not None]
    return [
        (one.id, one.due_at and one.due_at - NOW, None if one.done_at is None else one.done_at - NOW) for one in begun
    ]


async def test_the_answer_carries_the_procedure_of_its_intent(company):
    decision = await company.call(session_id="call-1")
    found = decision.procedure
    assert (found.id, found.run, found.owner) == ("line_down", "call-1", "Olga")
    assert [(one.id, one.text, one.within, one.team) for one in found.steps] == [
        (one.id, one.text, one.within, one.team) for one in LINE_DOWN.steps
    ]
    assert (await company.call(intent="upgrade")).procedure is None
    assert (await company.decide(channel="web")).procedure is None


async def test_without_a_session_the_decision_names_the_run(company):
    decision = await company.call()
    assert decision.procedure.run == decision.decision_id


async def test_the_first_step_begins_with_the_first_decision_and_each_with_the_end_of_the_one_before(company):
    await company.call(session_id="call-1")
    assert progress(await company.call(NOW + 30, session_id="call-1")) == [("greet", 120, None)]
    await company.step("step_done", "greet", NOW + 60)
    assert progress(await company.call(NOW + 61, session_id="call-1")) == [("greet", 120, 60), ("measure", 360, None)]
    await company.step("step_started", "measure", NOW + 100)
    assert progress(await company.call(NOW + 101, session_id="call-1"))[1] == ("measure", 400, None)
    assert progress(await company.call(NOW + 101, session_id="call-2")) == []


async def test_steps_may_be_told_in_any_order(company):
    await company.call(session_id="call-1")
    await company.step("step_done", "measure", NOW + 90)
    await company.step("step_done", "greet", NOW + 60)
    told = progress(await company.call(NOW + 100, session_id="call-1"))
    assert told == [("greet", 120, 60), ("measure", None, 90), ("report", None, None)]


async def test_overdue_steps_reach_the_owner_once(company):
    await company.call(session_id="call-1")
    assert await company.sweep.run(NOW + 119) == 0
    assert [await company.sweep.run(NOW + second) for second in (120, 121)] == [1, 0]
    text = "line_down: greet (front) is overdue since 2026-09-24 12:02: Ask what is wrong"
    assert await company.open_alerts() == [("overdue_step", "Olga", text)]
    await company.step("step_done", "greet", NOW + 130)
    assert [await company.sweep.run(NOW + second) for second in (429, 430)] == [0, 1]


async def test_nobody_waits_for_the_steps_of_a_procedure_that_ended(company):
    await company.call(session_id="call-1")
    await company.happens("procedure_ended", NOW + 10, procedure="line_down", session_id="call-1")
    assert await company.sweep.run(NOW + 1000) == 0


async def test_a_dry_run_begins_nothing(company):
    await company.call(session_id="call-1", dry_run=True)
    assert (await company.store.read_profile(ANNA, "")).realtime is None


async def test_a_procedure_begins_though_the_store_was_away_for_a_moment(company, monkeypatch):
    monkeypatch.setattr("engine.procedures.beginning.PAUSES", (0.0, 0.0, 0.0))
    decision = await company.decide(channel="call_centre", intent="billing", session_id="call-1")
    seen: Observation = company.seen.pop()
    company.store.fail = "timeout"
    company.beginning.observe(seen)
    await asyncio.sleep(0)
    company.store.fail = ""
    await company.beginning.close()
    assert progress(await company.call(NOW + 1, session_id="call-1")) == [("greet", 120, None)]
    assert decision.procedure.run == "call-1"


async def test_a_decision_that_is_looked_up_shows_the_procedure_as_it_was(company):
    decision = await company.call(session_id="call-1")
    await company.step("step_done", "greet", NOW + 60)
    again = await Recall(company.store, lambda: company.snapshot).get_decision(decision.decision_id)
    assert again.decision.procedure == decision.procedure
