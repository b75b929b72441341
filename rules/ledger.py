"""The contact ledger: a customer's last contacts, packed, newest last; and pauses.

One contact is 32 little-endian bytes, also read by the store's functions:
`<d I I H B B H H d`: at (s), action (stable id), decision (crc32 of the id), channel (crc32 & 0xFFFF),
direction (0 inbound, 1 outbound), outcome (index in OUTCOMES), reason (crc32 & 0xFFFF, 0 = none),
flags (1 = impression seen, 2 = settled; from 4 on which of the policy's own types an outcome OTHER is), outcome_at
(s, 0 = none).
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
SEEN, SETTLED = 1, 2
"""Flags of a contact. Settled: what its outcome complained of was put right."""
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
"""The outcome types that every policy has; its own ones are OTHER in the ledger, with a number of their own."""
OTHER = len(OUTCOMES) - 1
OWN_SHIFT = 2
_OWN_BITS = 14
_CODE_SHIFT = 4


def stable_id(name: str) -> int:
    """crc32 of an action's or decision's id: how the ledger names it."""
    return binascii.crc32(name.encode())


def short_id(name: str) -> int:
    """16-bit name of a channel or reason code in the ledger; 0 for none."""
    return binascii.crc32(name.encode()) & 0xFFFF if name else 0


def own_outcome(name: str) -> int:
    """14-bit name of one of the policy's own outcome types in the ledger; 0 for none and for the standard ones."""
    return 0 if name in OUTCOMES else binascii.crc32(name.encode()) & (1 << _OWN_BITS) - 1


def outcome_code(name: str) -> int:
    """An outcome type as one number: its index in OUTCOMES, an own one with its name beside."""
    return OUTCOMES.index(name) if name in OUTCOMES else OTHER | own_outcome(name) << _CODE_SHIFT


def outcome_codes(outcomes: Sequence[int], flags: Sequence[int]) -> Sequence[int]:
    """The codes of contacts with these outcomes and flags; both of one length."""
    if not outcomes or max(outcomes) < OTHER:
        return outcomes
    return [
        one if one < OTHER else OTHER | flag >> OWN_SHIFT << _CODE_SHIFT
        for one, flag in zip(outcomes, flags, strict=True)
    ]


def outcome_name(code: int, own: Iterable[str]) -> str:
    """The type with a code; "OTHER" where it is none of the policy's `own` types."""
    if code < OTHER:
        return OUTCOMES[code]
    return next((name for name in own if outcome_code(name) == code), OUTCOMES[OTHER])


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


class Columns(NamedTuple):
    """The fields of all contacts, oldest first: a tuple of each, in the order in which they are packed."""

    at: Sequence[float] = ()
    actions: Sequence[int] = ()
    decisions: Sequence[int] = ()
    channels: Sequence[int] = ()
    directions: Sequence[int] = ()
    outcomes: Sequence[int] = ()
    reasons: Sequence[int] = ()
    flags: Sequence[int] = ()
    outcome_at: Sequence[float] = ()


class Ledger:
    """A read-only view of packed contacts, oldest first. What is asked for is read once: a ledger has few contacts, and
    plain tuples of so few cost less than arrays."""

    __slots__ = ("_columns", "_contacts", "packed")

    def __init__(self, packed: bytes = b"") -> None:
        torn = len(packed) % CONTACT.size
        self.packed = packed[:-torn] if torn else packed
        self._columns: Columns | None = None
        self._contacts: npt.NDArray[np.void] | None = None

    def __len__(self) -> int:
        return len(self.packed) // CONTACT.size

    @property
    def columns(self) -> Columns:
        """The contacts as plain tuples."""
        if self._columns is None:
            self._columns = Columns(*zip(*CONTACT.iter_unpack(self.packed), strict=True))
        return self._columns

    @property
    def contacts(self) -> npt.NDArray[np.void]:
        """The contacts as an array, shape (n,), dtype CONTACT_DTYPE."""
        if self._contacts is None:
            self._contacts = np.frombuffer(self.packed, dtype=CONTACT_DTYPE)
        return self._contacts

    def pack(self) -> bytes:
        return self.packed

    @classmethod
    def of(cls, contacts: Sequence[Contact]) -> Ledger:
        return cls(b"".join(contact.pack() for contact in contacts))
