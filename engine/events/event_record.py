"""An event as the log keeps it: MessagePack, array-like like the other records; new fields go to the end."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

FORMAT = 1
Value = float | str | bool


class EventRecord(msgspec.Struct, array_like=True, frozen=True):
    """One event. Exactly one of `customer`, `action` and `queue` is not ""; `at` when it happened, `received_at` when
    it came (s). `attributes` without those that are not to be logged; of a step, `team` as it is counted."""

    format: int
    event_id: str
    type: str
    tenant: str
    customer: str
    action: str
    queue: str
    at: float
    received_at: float
    attributes: Mapping[str, Value]
    channel: str = ""
    session_id: str = ""


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(EventRecord)


def pack_event(record: EventRecord) -> bytes:
    """The record's bytes."""
    return _ENCODER.encode(record)


def unpack_event(packed: bytes) -> EventRecord:
    """Raises msgspec.DecodeError or msgspec.ValidationError where the bytes are not an event's record."""
    return _DECODER.decode(packed)
