"""What other programs import: the client, its errors, and the wire types of `befit.v1`."""

from befit.async_client import AsyncClient
from befit.client import Client
from befit.connection import Access
from befit.decision import Decision
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
from befit.plain import plain_values

__all__ = [
    "Access",
    "AsyncClient",
    "Broken",
    "Client",
    "ClientError",
    "Conflict",
    "Decision",
    "InvalidRequest",
    "NotFound",
    "NotPermitted",
    "Overloaded",
    "Refused",
    "TooLate",
    "Unanswered",
    "Unreachable",
    "plain_values",
]
