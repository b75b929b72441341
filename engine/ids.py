"""Who is decided for, and names of decisions: both carry their partition, so one key tag serves all."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

DEFAULT_PARTITIONS = 256
_CUSTOMER = re.compile(r"[^\x00-\x1f\x7f{}]{1,128}\Z")
_DECISION = re.compile(r"[0-9a-f]{4}-[0-9a-f]{12}-[0-9a-f]{10}\Z")


@dataclass(frozen=True, slots=True)
class CustomerKey:
    """A customer (or visitor) of a tenant."""

    tenant: str
    customer: str

    def partition(self, partitions: int) -> int:
        """crc32(tenant NUL customer) % partitions: where all of the customer's keys live."""
        return binascii.crc32(f"{self.tenant}\0{self.customer}".encode()) % partitions


def valid_id(text: str) -> bool:
    """1 to 128 characters, no control characters or braces (braces would move a key's hash tag)."""
    return _CUSTOMER.match(text) is not None


def decision_id(partition: int, now: float, entropy: int) -> str:
    """A decision's id: partition, milliseconds, 40 bits of `entropy`; sorts by time within a partition."""
    return f"{partition:04x}-{int(now * 1000) & 0xFFFFFFFFFFFF:012x}-{entropy & 0xFFFFFFFFFF:010x}"


def decided_ms(decision: str) -> int:
    """When the decision with this id was made, in milliseconds since the epoch; 0 where the text is no decision id."""
    return int(decision[5:17], 16) if _DECISION.match(decision) else 0


def partition_of(decision: str) -> int | None:
    """The partition that a decision id names, or None where the text is no decision id."""
    return int(decision[:4], 16) if _DECISION.match(decision) else None
