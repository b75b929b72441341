"""How a client reaches a server: address, credentials, time limits; and what a failed call means."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

import grpc
from google.protobuf.message import DecodeError

from befit.errors import (
    Broken,
    ClientError,
    Conflict,
    InvalidRequest,
    NotFound,
    NotPermitted,
    Overloaded,
    Refused,
    TooLate,
    Unanswered,
    Unreachable,
)
from befit.v1.problem_pb2 import RequestProblem

PROBLEM_KEY = "befit-problem-bin"

_RETRIES = {
    "maxAttempts": 5,
    "initialBackoff": "0.02s",
    "maxBackoff": "0.2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
}
"""A server that stops ends a call or two that it never began: they go to another worker, within the call's deadline.

Items have ids of their own, and a decision with a `request_id` is made once however often it is sent.
"""

CHANNEL_OPTIONS: tuple[tuple[str, int | str], ...] = (
    ("grpc.service_config", json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": _RETRIES}]})),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
)

_MEANING: dict[grpc.StatusCode, type[ClientError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequest,
    grpc.StatusCode.OUT_OF_RANGE: InvalidRequest,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.UNAUTHENTICATED: NotPermitted,
    grpc.StatusCode.PERMISSION_DENIED: NotPermitted,
    grpc.StatusCode.ALREADY_EXISTS: Conflict,
    grpc.StatusCode.FAILED_PRECONDITION: Conflict,
    grpc.StatusCode.ABORTED: Conflict,
    grpc.StatusCode.UNAVAILABLE: Unreachable,
    grpc.StatusCode.CANCELLED: Unreachable,
    grpc.StatusCode.DEADLINE_EXCEEDED: TooLate,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Overloaded,
}


@dataclass(frozen=True, slots=True)
class Access:
    """Whom the client trusts, and how it proves itself.

    `tls` False = plain text. Certificates and key are PEM; None = the system's roots, and no certificate of
    the client's own. `token` is sent as a bearer token with every call; "" = none.
    """

    tls: bool = False
    token: str = field(default="", repr=False)
    root_certificates: bytes | None = None
    private_key: bytes | None = field(default=None, repr=False)
    certificate_chain: bytes | None = None

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    @property
    def credentials(self) -> grpc.ChannelCredentials | None:
        """The channel's credentials; None = plain text."""
        if not self.tls:
            return None
        return grpc.ssl_channel_credentials(self.root_certificates, self.private_key, self.certificate_chain)


def failure(error: grpc.RpcError) -> ClientError:
    """What a failed call means to the caller; the server's own problem is told where it sent one."""
    kind = _MEANING.get(error.code(), Broken)
    if issubclass(kind, Unanswered):
        return kind(error.details() or error.code().name)
    problem = _problem(error)
    if issubclass(kind, Refused) and problem is not None:
        return kind(problem.message, problem.code, problem.field)
    return kind(error.details() or error.code().name)


def _problem(error: grpc.RpcError) -> RequestProblem | None:
    metadata = cast("Iterable[tuple[str, str | bytes]]", error.trailing_metadata() or ())
    found = next((value for key, value in metadata if key == PROBLEM_KEY), None)
    try:
        return RequestProblem.FromString(found) if isinstance(found, bytes) else None
    except DecodeError:
        return None
