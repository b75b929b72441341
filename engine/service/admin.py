"""AdminService on the wire: what is active, what is stopped, what is put in force."""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from befit.v1 import admin_pb2
from befit.v1.problem_pb2 import DocumentProblem
from documents.problem import Problem
from engine.refusal import Refusal
from engine.service.calls import Answer, Calls, Context, Limits, Method
from engine.service.ports import Activated, Activation, Ports, Status
from engine.wire.request import id_refusal, plain_refusal
from engine.wire.view import stamp

NAME = "befit.v1.AdminService"
MAX_REASON = 256
MAX_PATH = 1024


@dataclass(frozen=True, slots=True)
class ThisWorker:
    """What a worker knows of itself: version of Befit, how many workers serve, since when (s)."""

    version: str
    workers: int
    started_at: float


class AdminService:
    """Answers the methods of AdminService that the ports allow."""

    def __init__(self, ports: Ports, calls: Calls, limits: Limits, worker: ThisWorker) -> None:
        self._ports = ports
        self._calls = calls
        self._limits = limits
        self._worker = worker

    def handler(self) -> grpc.GenericRpcHandler:
        """The service for a server."""
        most, seconds = self._limits.most_bytes, self._limits.seconds
        methods = {}
        if self._ports.admin is not None:
            status = Method("GetStatus", admin_pb2.GetStatusRequest, most, seconds)
            stop = Method("StopAction", admin_pb2.StopActionRequest, most, seconds)
            methods["GetStatus"] = self._calls.unary(status, self.get_status)
            methods["StopAction"] = self._calls.unary(stop, self.stop_action)
        if self._ports.activating is not None:
            activate = Method("Activate", admin_pb2.ActivateRequest, most, self._limits.bulk_seconds)
            methods["Activate"] = self._calls.unary(activate, self.activate)
        return grpc.method_handlers_generic_handler(NAME, methods)

    async def get_status(self, wire: admin_pb2.GetStatusRequest, context: Context) -> Answer:
        """What is active and whether all is well."""
        del wire, context
        assert self._ports.admin is not None
        status = await self._ports.admin.status()
        return status_message(status, self._worker, self._ports.clock()).SerializeToString()

    async def stop_action(self, wire: admin_pb2.StopActionRequest, context: Context) -> Answer:
        """Stop an action, or let it run again."""
        del context
        assert self._ports.admin is not None
        refusal = id_refusal(wire.action_id, "action_id") or plain_refusal(wire.reason, "reason", MAX_REASON)
        if refusal:
            return refusal
        stopped = await self._ports.admin.stop_action(wire.action_id, wire.stopped, wire.reason)
        if isinstance(stopped, Refusal):
            return stopped
        return admin_pb2.StopActionResponse(stopped_actions=stopped).SerializeToString()

    async def activate(self, wire: admin_pb2.ActivateRequest, context: Context) -> Answer:
        """Put a bundle, or the policy as it now stands, in force."""
        del context
        assert self._ports.activating is not None
        if refusal := plain_refusal(wire.bundle, "bundle", MAX_PATH):
            return refusal
        activated = await self._ports.activating.activate(Activation(wire.bundle, wire.reload_policy, wire.dry_run))
        return activated if isinstance(activated, Refusal) else activated_message(activated).SerializeToString()


def status_message(status: Status, worker: ThisWorker, now: float) -> admin_pb2.GetStatusResponse:
    """The status as a message."""
    return admin_pb2.GetStatusResponse(
        version=worker.version,
        policy_revision=status.policy_revision,
        company=status.company,
        model_revision=status.model_revision,
        model_name=status.model_name,
        schema_hash=status.schema_hash,
        scorer=admin_pb2.ScorerKind.Value(f"SCORER_KIND_{status.scorer}"),
        scorer_reason=status.scorer_reason,
        workers=worker.workers,
        store_ok=not status.store_problem,
        store_problem=status.store_problem,
        stopped_actions=status.stopped_actions,
        started_at=stamp(worker.started_at),
        uptime_seconds=now - worker.started_at,
        actions=status.actions,
        partitions=status.partitions,
    )


def activated_message(activated: Activated) -> admin_pb2.ActivateResponse:
    """What became of an activation, as a message."""
    return admin_pb2.ActivateResponse(
        activated=activated.activated,
        policy_revision=activated.policy_revision,
        model_revision=activated.model_revision,
        problems=map(problem_of, activated.problems),
        bundle_refused=activated.bundle_refused,
    )


def problem_of(problem: Problem) -> DocumentProblem:
    """A mistake in a file, as a message."""
    place = problem.place
    return DocumentProblem(
        code=problem.code,
        message=problem.message,
        hint=problem.hint,
        file=place.file,
        line=place.line,
        column=place.column,
    )
