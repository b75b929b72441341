"""A standard procedure as a message."""

from __future__ import annotations

from typing import Any

from befit.v1 import procedure_pb2
from engine.procedures.procedure import CarriedProcedure, CarriedStep
from engine.wire.view import stamp


def procedure_message(procedure: CarriedProcedure) -> procedure_pb2.Procedure:
    """The procedure, its steps in order."""
    return procedure_pb2.Procedure(
        id=procedure.id, run=procedure.run, steps=map(_step_message, procedure.steps), owner=procedure.owner
    )


def _step_message(step: CarriedStep) -> procedure_pb2.ProcedureStep:
    times = {"began_at": step.began_at, "due_at": step.due_at, "done_at": step.done_at}
    known: dict[str, Any] = {name: stamp(at) for name, at in times.items() if at is not None}
    return procedure_pb2.ProcedureStep(id=step.id, text=step.text, within_seconds=step.within, team=step.team, **known)
