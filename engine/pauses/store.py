"""What lifting pauses asks of the store, and the record that it leaves in the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import msgspec

from engine.ids import CustomerKey
from engine.record import FORMAT

Lifted = tuple[int, int, float]
"""One pause that was lifted: the action's stable id, crc32 of its cause, and until when (s) it would have lasted."""


@dataclass(frozen=True, slots=True)
class LiftWrite:
    """Which pauses to lift at `now` (s): of `action` (stable id, None = any) by `cause` (crc32 of the rule's id, None =
    any). `record` goes to the log under `lift_id` where anything is lifted."""

    customer: CustomerKey
    lift_id: str
    action: int | None
    cause: int | None
    now: float
    record: bytes


class PauseStore(Protocol):
    """Pauses as they are lifted."""

    async def lift(self, write: LiftWrite) -> tuple[Lifted, ...]:
        """Lift them, at once, and log it; what rested no longer is no news, and damaged pauses stay as they are.

        A visitor who was merged into a customer is the customer. Raises StoreUnavailable.
        """
        ...


class LiftRecord(msgspec.Struct, array_like=True, frozen=True):
    """Who lifted which pauses, when (s) and why. `action` and `rule` as asked for, "" = any."""

    format: int
    tenant: str
    customer: str
    action: str
    rule: str
    lifted_by: str
    why: str
    at: float


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(LiftRecord)


def lift_record(customer: CustomerKey, about: tuple[str, str], said: tuple[str, str], at: float) -> bytes:
    """The record of a lift: `about` names action and rule, `said` who and why."""
    return _ENCODER.encode(LiftRecord(FORMAT, customer.tenant, customer.customer, *about, *said, at))


def unpack_lift(packed: bytes) -> LiftRecord:
    """Raises msgspec.DecodeError or msgspec.ValidationError where the bytes are no record of a lift."""
    return _DECODER.decode(packed)
