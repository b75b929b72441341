"""A run of a procedure as a customer's state keeps it: one thing for each step that has begun."""

from __future__ import annotations

from typing import NamedTuple

from engine.events.change import ThingChange, Turn
from engine.events.realtime import Realtime, Thing, ThingKind
from rules.procedure import Procedure, ProcedureStep

MOST_TEXT = 200


class StepName(NamedTuple):
    """Which step of which run of which procedure a thing stands for."""

    procedure: str
    run: str
    step: str


def thing_id(procedure: str, run: str, step: str = "") -> str:
    """How a step is called among a customer's things; without a step, what the names of all of a run begin with."""
    return f"{procedure}@{run}/{step}"


def step_name(thing: str) -> StepName:
    """The step that a thing's id stands for."""
    procedure, _, rest = thing.partition("@")
    run, _, step = rest.rpartition("/")
    return StepName(procedure, run, step)


def begun(procedure: Procedure, run: str, at: float) -> tuple[ThingChange, ...]:
    """The first step begins, unless this run has begun before."""
    return tuple(_begins(procedure, run, step, at) for step in procedure.steps[:1])


def started(procedure: Procedure, run: str, step: ProcedureStep, at: float) -> tuple[ThingChange, ...]:
    """The step is worked on from now: its time counts from here."""
    change = _begins(procedure, run, step, at)
    return (ThingChange(Turn.OPEN, change.kind, change.id, change.due, change.text, change.by),)


def done(procedure: Procedure, run: str, step: ProcedureStep, at: float) -> tuple[ThingChange, ...]:
    """The step is done, and the one after it begins."""
    ends = ThingChange(Turn.END, ThingKind.STEP, thing_id(procedure.id, run, step.id))
    following = procedure.after(step.id)
    return (ends,) if following is None else (ends, _begins(procedure, run, following, at))


def ended(procedure: Procedure, run: str) -> tuple[ThingChange, ...]:
    """Nobody waits for the rest."""
    return (ThingChange(Turn.END_ALL, ThingKind.STEP, thing_id(procedure.id, run)),)


def steps_of(state: Realtime | None, procedure: str, run: str) -> dict[str, Thing]:
    """The steps of a run that have begun, by id."""
    begins = thing_id(procedure, run)
    things = state.things.items() if state else ()
    return {name[len(begins) :]: thing for (_, name), thing in things if name.startswith(begins)}


def _begins(procedure: Procedure, run: str, step: ProcedureStep, at: float) -> ThingChange:
    due = at + step.within if step.within else 0.0
    name = thing_id(procedure.id, run, step.id)
    return ThingChange(Turn.BEGIN, ThingKind.STEP, name, due, step.text[:MOST_TEXT], step.team)
