"""AdminService on the wire: what is active, what is stopped, what is put in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc

from befit.v1 import admin_pb2
from engine.activation.in_force import Stop
from engine.refusal import Refusal
from engine.service.activation import MAX_NAME, ActivationMethods
from engine.service.alerts import AlertMethods
from engine.service.calls import Answer, Caller, Calls, Limits, Method, Unary
from engine.service.parked import ParkedMethods
from engine.service.ports import Ports, Status
from engine.service.simulation import SimulationMethods
from engine.wire.activation import add_overview, in_force_message
from engine.wire.limits import limit_message
from engine.wire.request import id_refusal, plain_refusal
from engine.wire.view import stamp

NAME = "befit.v1.AdminService"
MAX_REASON = 256


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
        return grpc.method_handlers_generic_handler(NAME, self._calls.unaries(self.unaries()))

    def unaries(self) -> tuple[Unary[Any], ...]:
        """The methods."""
        most, seconds = self._limits.most_bytes, self._limits.seconds
        methods: list[Unary[Any]] = []
        if self._ports.admin is not None:
            methods.append(Unary(Method("GetStatus", admin_pb2.GetStatusRequest, most, seconds), self.get_status))
            methods.append(Unary(Method("StopAction", admin_pb2.StopActionRequest, most, seconds), self.stop_action))
        if self._ports.activating is not None:
            methods += ActivationMethods(self._ports.activating, self._limits).unaries()
        if self._ports.simulating is not None:
            methods += SimulationMethods(self._ports, self._limits).unaries()
        if self._ports.alerting is not None:
            methods += AlertMethods(self._ports.alerting, self._ports.clock, self._limits).unaries()
        if self._ports.parking is not None:
            methods += ParkedMethods(self._ports.parking, self._ports.clock, self._limits).unaries()
        return tuple(methods)

    async def get_status(self, wire: admin_pb2.GetStatusRequest, context: Caller) -> Answer:
        """What is active and whether all is well."""
        del wire, context
        assert self._ports.admin is not None
        status = await self._ports.admin.status()
        return status_message(status, self._worker, self._ports.clock()).SerializeToString()

    async def stop_action(self, wire: admin_pb2.StopActionRequest, context: Caller) -> Answer:
        """Stop an action, or let it run again."""
        del context
        assert self._ports.admin is not None
        refusal = id_refusal(wire.action_id, "action_id") or plain_refusal(wire.reason, "reason", MAX_REASON)
        refusal = refusal or plain_refusal(wire.author, "author", MAX_NAME)
        if refusal:
            return refusal
        wanted = Stop(wire.action_id, wire.author, self._ports.clock(), wire.reason)
        stopped = await self._ports.admin.stop_action(wanted, wire.stopped)
        if isinstance(stopped, Refusal):
            return stopped
        return admin_pb2.StopActionResponse(stopped_actions=stopped).SerializeToString()


def status_message(status: Status, worker: ThisWorker, now: float) -> admin_pb2.GetStatusResponse:
    """The status as a message."""
    message = admin_pb2.GetStatusResponse(
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
        in_force=None if status.in_force is None else in_force_message(status.in_force),
        limits=map(limit_message, status.limits),
        words=status.words,
    )
    add_overview(message, status.overview)
    return message
