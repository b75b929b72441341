"""The contact ledger: a customer's last contacts, packed, newest last; and pauses.

One contact is 32 little-endian bytes, also read by the store's functions:
`<d I I H B B H H d`: at (s), action (stable id), decision (crc32 of the id), channel (crc32 & 0xFFFF),
direction (0 inbound, 1 outbound), outcome (index in OUTCOMES), reason (crc32 & 0xFFFF, 0 = none),
flags (1 = impression seen), outcome_at (s, 0 = none).
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CONTACT = struct.Struct("<dIIHBBHHd")
CONTACT_DTYPE = np.dtype(
    [
        ("at", "<f8"),
        ("action", "<u4"),
        ("decision", "<u4"),
        ("channel", "<u2"),
        ("direction", "u1"),
        ("outcome", "u1"),
        ("reason", "<u2"),
        ("flags", "<u2"),
        ("outcome_at", "<f8"),
    ]
)
SEEN = 1
OUTCOMES = (
    "",
    "IMPRESSION",
    "CLICKED",
    "ACCEPTED",
    "REJECTED",
    "NO_RESPONSE",
    "CONVERSION",
    "COMPLAINT",
    "RATING",
    "OTHER",
)
STANDARD_OUTCOMES = OUTCOMES[1:-1]
"""The outcome types that every policy has; its own ones are OTHER in the ledger."""


def stable_id(name: str) -> int:
    """crc32 of an action's or decision's id: how the ledger names it."""
    return binascii.crc32(name.encode())


def short_id(name: str) -> int:
    """16-bit name of a channel or reason code in the ledger; 0 for none."""
    return binascii.crc32(name.encode()) & 0xFFFF if name else 0


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact in words of the code; `outcome` indexes OUTCOMES."""

    at: float
    action: int
    decision: int
    channel: int
    direction: int
    outcome: int = 0
    reason: int = 0
    flags: int = 0
    outcome_at: float = 0.0

    def pack(self) -> bytes:
        return CONTACT.pack(
            self.at,
            self.action,
            self.decision,
            self.channel,
            self.direction,
            self.outcome,
            self.reason,
            self.flags,
            self.outcome_at,
        )


@dataclass(frozen=True, slots=True)
class Pause:
    """The action rests until `until` (s). `cause` is the id of the pause rule."""

    action: int
    until: float
    cause: str


class Ledger:
    """A read-only view of packed contacts, oldest first; shape (n,), dtype CONTACT_DTYPE."""

    __slots__ = ("contacts",)

    def __init__(self, packed: bytes = b"") -> None:
        usable = len(packed) - len(packed) % CONTACT.size
        self.contacts: npt.NDArray[np.void] = np.frombuffer(packed[:usable], dtype=CONTACT_DTYPE)

    def __len__(self) -> int:
        return len(self.contacts)

    def pack(self) -> bytes:
        return self.contacts.tobytes()

    @classmethod
    def of(cls, contacts: Sequence[Contact]) -> Ledger:
        return cls(b"".join(contact.pack() for contact in contacts))
