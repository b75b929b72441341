"""The gRPC server of one worker: services, health, optionally reflection, and bounds on what a client may send.

Several workers listen on one port (SO_REUSEPORT): the kernel spreads connections, not calls, over them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from documents.problem import BefitError
from engine.config import ListenConfig, WorkersConfig
from engine.service import admin, customer, decision, feedback, push
from engine.service.admin import AdminService, ThisWorker
from engine.service.calls import Calls, Limits
from engine.service.customer import CustomerService
from engine.service.decision import DecisionService
from engine.service.feedback import FeedbackService
from engine.service.ports import Ports
from engine.service.push import PushService

SERVICES = (decision.NAME, feedback.NAME, customer.NAME, push.NAME, admin.NAME)
FULL_QUALITY = "befit.full_quality"
"""A health service that is SERVING only while the store answers; readiness itself does not depend on the store."""

_METADATA_SOFT, _METADATA_HARD = 8 * 1024, 16 * 1024


class PortTaken(BefitError):
    """The address cannot be listened on."""


def limits_of(listen: ListenConfig) -> Limits:
    """The bounds of calls under a configuration."""
    return Limits(most_bytes=listen.max_request_bytes, seconds=listen.default_deadline_ms / 1000)


class Server:
    """A server that is built but does not listen yet. `unaries` are the methods that take one message and give one, by
    "SERVICE/METHOD": other wires answer by the same."""

    def __init__(self, ports: Ports, calls: Calls, listen: ListenConfig, worker: ThisWorker) -> None:
        limits = limits_of(listen)
        self.health = health.aio.HealthServicer()
        self._grpc = grpc.aio.server(
            options=_options(limits), maximum_concurrent_rpcs=listen.max_concurrent_calls, compression=None
        )
        services: dict[str, DecisionService | FeedbackService | CustomerService | AdminService] = {
            decision.NAME: DecisionService(ports, calls, limits),
            feedback.NAME: FeedbackService(ports, calls, limits),
            customer.NAME: CustomerService(ports, calls, limits),
            admin.NAME: AdminService(ports, calls, limits, worker),
        }
        self.unaries = {f"{name}/{one.method.name}": one for name, found in services.items() for one in found.unaries()}
        self._grpc.add_generic_rpc_handlers([found.handler() for found in services.values()])
        self._push = PushService(ports, calls, limits)
        self._grpc.add_generic_rpc_handlers((self._push.handler(),))
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self._grpc)
        if listen.reflection:
            reflection.enable_server_reflection((*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), self._grpc)

    async def start(self, host: str, port: int) -> int:
        """Listen and answer; the port. Raises PortTaken."""
        try:
            bound = self._grpc.add_insecure_port(f"{host}:{port}")
        except RuntimeError as failure:
            raise PortTaken(f"gRPC cannot listen on {host}:{port}") from failure
        await self._grpc.start()
        for name in ("", *SERVICES, FULL_QUALITY):
            await self.health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return bound

    async def quality(self, full: bool) -> None:
        """Tell whether decisions are made with all that they need."""
        status = health_pb2.HealthCheckResponse.SERVING if full else health_pb2.HealthCheckResponse.NOT_SERVING
        await self.health.set(FULL_QUALITY, status)

    async def drain(self, workers: WorkersConfig) -> None:
        """Stop without losing a call: say NOT_SERVING, wait until clients have moved, finish what is in progress.

        gRPC itself ends calls that reach a server in the instant of its stop, unseen by any code of ours: about one
        for each busy connection, as CANCELLED or UNAVAILABLE. A client that stays through the pause loses none if it
        retries on both with the same request id; a proxy that watches health has moved before. A client that keeps
        a Watch or a DecideStream open holds the stop up for the whole grace; a Subscribe is told to begin elsewhere.
        """
        await self.health.enter_graceful_shutdown()
        self._push.stop()
        await asyncio.sleep(workers.drain_pause_seconds)
        await self.stop(workers.drain_grace_seconds)

    async def stop(self, grace: float) -> None:
        """Refuse new calls at once, and cancel those that take longer than `grace` seconds."""
        await self._grpc.stop(grace)


def _options(limits: Limits) -> Sequence[tuple[str, int]]:
    return (
        ("grpc.so_reuseport", 1),
        ("grpc.max_receive_message_length", limits.bulk_bytes),
        ("grpc.max_metadata_size", _METADATA_SOFT),
        ("grpc.absolute_max_metadata_size", _METADATA_HARD),
        ("grpc.server_handshake_timeout_ms", 5_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
    )
