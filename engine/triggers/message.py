"""What is to be sent to a customer because of an event: first the trigger, then what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from engine.ids import CustomerKey

FORMAT = 1
PENDING, READY, WITHDRAWN, REPLACED = "P", "R", "W", "S"
"""The states of a message: not decided yet, decided and to be sent, taken back, given way to a later one."""
Value = float | str | bool


class Name(NamedTuple):
    """What a message of a customer is called: the same event starts a trigger once."""

    channel: str
    trigger: str
    collapse_key: str
    event_id: str

    def text(self) -> str:
        """How the store names it."""
        return "\0".join(self)

    @staticmethod
    def of(text: str) -> Name:
        """Raises TypeError where the text is no name."""
        return Name(*text.split("\0"))

    @property
    def message_id(self) -> str:
        """How others name it."""
        return f"{self.trigger}:{self.event_id}"


class Decided(msgspec.Struct, array_like=True, frozen=True):
    """What was decided for whom, and what is sent: `content` by field, without empty ones."""

    tenant: str
    customer: str
    decision_id: str
    action: str
    treatment: str
    content: Mapping[str, str]
    send_at: float

    @property
    def key(self) -> CustomerKey:
        return CustomerKey(self.tenant, self.customer)


class Message(msgspec.Struct, array_like=True, frozen=True):
    """What is kept of a message. The event with its attributes and when it happened (s); from when on it is too late.
    `tries` counts decisions while `decided` is None, attempts to send after that."""

    format: int
    event: str
    attributes: Mapping[str, Value]
    at: float
    expires_at: float
    tries: int = 0
    decided: Decided | None = None

    def pack(self) -> bytes:
        """Its bytes."""
        return _ENCODER.encode(self)

    @staticmethod
    def unpack(packed: bytes) -> Message:
        """Raises msgspec.DecodeError or msgspec.ValidationError where the bytes are none."""
        return _DECODER.decode(packed)


class PushRecord(msgspec.Struct, array_like=True, frozen=True):
    """What became of a message, for the log: sent, withdrawn, expired, replaced, not_allowed, nothing, not_wanted or
    undeliverable; `why` in words; `at` (s)."""

    format: int
    message_id: str
    tenant: str
    customer: str
    channel: str
    trigger: str
    event_id: str
    decision_id: str
    action: str
    became: str
    why: str
    at: float


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Message)
_RECORDS = msgspec.msgpack.Decoder(PushRecord)


def pack_push(record: PushRecord) -> bytes:
    """The record's bytes."""
    return _ENCODER.encode(record)


def unpack_push(packed: bytes) -> PushRecord:
    """Raises msgspec.DecodeError or msgspec.ValidationError where the bytes are none."""
    return _RECORDS.decode(packed)
