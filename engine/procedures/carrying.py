"""Which procedure a decision carries: the one of its intent and channel, as far as this run of it is."""

from __future__ import annotations

from collections.abc import Mapping

from engine.decision import Request
from engine.events.realtime import Thing, ThingState
from engine.procedures.procedure import CarriedProcedure, CarriedStep
from engine.procedures.run import steps_of
from engine.profile import Known
from engine.snapshot import Snapshot
from rules.procedure import ProcedureStep


def carried(snapshot: Snapshot, request: Request, known: Known, decision_id: str) -> CarriedProcedure | None:
    """The procedure of the request's need, None where it has none. Without a session the decision names the run."""
    found = snapshot.procedures.get((request.channel, request.intent))
    if found is None:
        return None
    run = request.session_id or decision_id
    begun = steps_of(known.realtime, found.id, run)
    return CarriedProcedure(found.id, run, tuple(_step(one, begun) for one in found.steps), found.owner)


def _step(step: ProcedureStep, begun: Mapping[str, Thing]) -> CarriedStep:
    thing = begun.get(step.id)
    if thing is None:
        return CarriedStep(step.id, step.text, step.within, step.team)
    done = thing.ended if thing.state is ThingState.ENDED else None
    return CarriedStep(step.id, step.text, step.within, step.team, thing.at, thing.due or None, done)
