"""The names of all keys. Every key of a customer carries the hash tag of its partition, so it sits in one slot.

Tenant, customer and request id are escaped where ":" would let one name read as another.
"""

from __future__ import annotations

import binascii

from engine.ids import CustomerKey

SLOTS = 16384
GLOBAL_TAG = "g"
PARTITIONS = b"befit:{g}:partitions"
STOPPED = b"befit:{g}:stopped"
SCHEMAS = b"befit:{g}:schemas"
SWEEPER = b"befit:{g}:sweeper"
FACTS = b"befit:{g}:facts"
FACTS_REVISION = b"befit:{g}:facts:revision"
FACTS_CHANGES = b"befit:{g}:facts:changes"
ALERTS = b"befit:{g}:alerts"
ALERTS_OPEN = b"befit:{g}:alerts:open"
ALERTS_RESOLVED = b"befit:{g}:alerts:resolved"
ALERTS_UNPOSTED, ALERTS_TRIES = b"befit:{g}:alerts:unposted", b"befit:{g}:alerts:tries"
POLICIES, POLICIES_ABOUT = b"befit:{g}:policies", b"befit:{g}:policies:about"
BUNDLES, BUNDLES_ABOUT = b"befit:{g}:bundles", b"befit:{g}:bundles:about"
IN_FORCE, NEXT, HISTORY = b"befit:{g}:in-force", b"befit:{g}:in-force:next", b"befit:{g}:in-force:history"
ACTIVATING, PENDING = b"befit:{g}:activating", b"befit:{g}:pending"
CAPACITIES = b"befit:{g}:capacity"
SINKS, TRIMMED = b"befit:{g}:sinks", b"befit:{g}:trimmed"
LEARNED, DRIFT = b"befit:{g}:learned", b"befit:{g}:drift"
PARKED, PARKED_DUE, ASIDE = b"befit:{g}:parked", b"befit:{g}:parked:due", b"befit:{g}:parked:aside"
BEATS, FILES, STOPS = b"befit:{g}:workers", b"befit:{g}:files", b"befit:{g}:stops"


def limit(meter: str) -> bytes:
    """The key of a limit's meter."""
    return b"befit:{g}:limit:" + meter.encode()


def tag(partition: int) -> str:
    """The hash tag of a partition's keys, without braces."""
    return f"p{partition:03d}"


def slot(hash_tag: str) -> int:
    """The cluster slot of every key with this tag: CRC16 (XMODEM) of the tag, modulo 16384."""
    return binascii.crc_hqx(hash_tag.encode(), 0) % SLOTS


def challenge_key(challenge: str) -> bytes:
    """Where what is counted of a challenge is kept."""
    return f"befit:{{g}}:challenge:{challenge}".encode()


class Partition:
    """The keys of one partition; made once, since the prefix of every key is the same."""

    __slots__ = ("due", "log", "notes", "number", "outbox", "prefix", "slot", "windows", "writers")

    def __init__(self, number: int) -> None:
        self.number = number
        self.slot = slot(tag(number))
        self.prefix = f"befit:{{{tag(number)}}}:"
        self.log = f"{self.prefix}log".encode()
        self.writers = f"{self.prefix}w".encode()
        self.due = f"{self.prefix}due".encode()
        self.outbox = f"{self.prefix}out".encode()
        self.windows = f"{self.prefix}windows".encode()
        self.notes = f"{self.prefix}j:".encode()

    def customer(self, key: CustomerKey) -> bytes:
        return f"{self.prefix}c:{_part(key.tenant)}:{key.customer}".encode()

    def decision(self, decision_id: str) -> bytes:
        return f"{self.prefix}d:{decision_id}".encode()

    def note(self, decision_id: str) -> bytes:
        """What a decision offered, for as long as an answer to it counts."""
        return self.notes + decision_id.encode()

    def outbox_of(self, channel: str) -> bytes:
        """What may be sent over a channel."""
        return f"{self.prefix}out:{channel}".encode()

    def messages_of(self, key: CustomerKey) -> bytes:
        """What is to be sent to a customer."""
        return f"{self.prefix}m:{_part(key.tenant)}:{key.customer}".encode()

    def windows_of(self, key: CustomerKey) -> bytes:
        """The windows in which a customer's answers count."""
        return f"{self.prefix}n:{_part(key.tenant)}:{key.customer}".encode()

    def request(self, key: CustomerKey, request_id: str) -> bytes:
        return f"{self.prefix}q:{_part(key.tenant)}:{_part(key.customer)}:{request_id}".encode()

    def outcome(self, tenant: str, outcome_id: str) -> bytes:
        return f"{self.prefix}o:{_part(tenant)}:{outcome_id}".encode()

    def event(self, tenant: str, event_id: str) -> bytes:
        return f"{self.prefix}e:{_part(tenant)}:{event_id}".encode()


def _part(name: str) -> str:
    if ":" in name or "%" in name:
        return name.replace("%", "%25").replace(":", "%3A")
    return name
