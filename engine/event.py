"""Something that happened at a touchpoint, or a live fact of an action, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.decision import Value


@dataclass(frozen=True, slots=True)
class Event:
    """One event as told. Exactly one of `customer`, `action` and `queue` is not ""; `at` seconds or None = now."""

    event_id: str
    type: str
    tenant: str
    customer: str = ""
    action: str = ""
    at: float | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    channel: str = ""
    session_id: str = ""
    queue: str = ""
