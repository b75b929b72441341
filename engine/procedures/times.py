"""How long the steps of procedures take, by team: from when a step began to when it was done, against its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from engine.events.event_record import EventRecord
from rules.event_types import PROCEDURE_BEGUN, PROCEDURE_ENDED, STEP_DONE, STEP_STARTED
from rules.procedure import Procedure

Run = tuple[str, str, str]
"""Tenant, procedure and run: where a run has no name, the customer names it."""


@dataclass(frozen=True, slots=True)
class StepTimes:
    """One step as one team does it. Seconds; `within` 0 = no time target, then all are in time. `overdue` are steps
    that have begun, are not done, and are late by now."""

    procedure: str
    step: str
    team: str
    within: float
    done: int
    in_time: int
    median_seconds: float
    slowest_tenth_seconds: float
    overdue: int


@dataclass(slots=True)
class _Seen:
    """What was told of one run: when it began and ended, when each step was started, and done, by whom."""

    begun: float
    ended: float | None = None
    started: dict[str, list[float]] = field(default_factory=dict)
    done: dict[str, tuple[float, str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Tally:
    seconds: list[float] = field(default_factory=list)
    overdue: int = 0


def times_by_team(events: Sequence[EventRecord], procedures: Iterable[Procedure], now: float) -> list[StepTimes]:
    """The times of every step of these procedures, in their order; by team where several did it. `events` in the order
    of time."""
    runs = _runs(events)
    found = []
    for procedure in procedures:
        tallies: dict[tuple[str, str], _Tally] = {(step.id, step.team): _Tally() for step in procedure.steps}
        for (_, name, _), seen in runs.items():
            if name == procedure.id:
                _count(procedure, seen, now, tallies)
        order = [step.id for step in procedure.steps]
        ordered = sorted(tallies, key=lambda one: (order.index(one[0]), one[1]))
        found += [_told(procedure, key, tallies[key]) for key in ordered]
    return found


def _runs(events: Sequence[EventRecord]) -> Mapping[Run, _Seen]:
    runs: dict[Run, _Seen] = {}
    for one in events:
        name = str(one.attributes.get("run", "")) or one.session_id or one.customer
        seen = runs.setdefault((one.tenant, str(one.attributes.get("procedure", "")), name), _Seen(one.at))
        step = str(one.attributes.get("step", ""))
        match one.type:
            case t if t == PROCEDURE_BEGUN:
                seen.begun = min(seen.begun, one.at)
            case t if t == PROCEDURE_ENDED:
                seen.ended = one.at
            case t if t == STEP_STARTED:
                seen.started.setdefault(step, []).append(one.at)
            case t if t == STEP_DONE:
                seen.done.setdefault(step, (one.at, str(one.attributes.get("team", ""))))
    return runs


def _count(procedure: Procedure, seen: _Seen, now: float, tallies: dict[tuple[str, str], _Tally]) -> None:
    before: float | None = seen.begun
    for step in procedure.steps:
        done = seen.done.get(step.id)
        end = now if done is None else done[0]
        starts = [at for at in seen.started.get(step.id, ()) if at <= end]
        began = max(starts) if starts else before
        before = None if done is None else done[0]
        if began is None:
            continue
        if done is not None:
            tally = tallies.setdefault((step.id, done[1] or step.team), _Tally())
            tally.seconds.append(max(0.0, end - began))
        elif seen.ended is None and step.within and now > began + step.within:
            tallies[step.id, step.team].overdue += 1


def _told(procedure: Procedure, key: tuple[str, str], tally: _Tally) -> StepTimes:
    step = procedure.step(key[0])
    within = step.within if step else 0.0
    ordered = sorted(tally.seconds)
    tenth = ordered[min(len(ordered) - 1, len(ordered) * 9 // 10)] if ordered else 0.0
    return StepTimes(
        procedure=procedure.id,
        step=key[0],
        team=key[1],
        within=within,
        done=len(ordered),
        in_time=sum(1 for seconds in ordered if not within or seconds <= within),
        median_seconds=median(ordered) if ordered else 0.0,
        slowest_tenth_seconds=tenth,
        overdue=tally.overdue,
    )
