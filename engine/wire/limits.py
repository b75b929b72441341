"""Limits over all customers on the wire."""

from __future__ import annotations

from befit.v1 import admin_pb2
from engine.limits.standing import LimitStanding
from engine.wire.view import stamp


def limit_message(standing: LimitStanding) -> admin_pb2.LimitState:
    """Where one limit stands, as a message."""
    return admin_pb2.LimitState(
        name=standing.name,
        kind=admin_pb2.LimitKind.Value(f"LIMIT_KIND_{standing.kind.name}"),
        most=standing.most,
        used=standing.used,
        left=standing.left,
        price=standing.price,
        known=standing.known,
        ends_at=None if standing.ends_at is None else stamp(standing.ends_at),
    )
