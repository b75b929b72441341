"""What a customer did after a decision, and what became of telling us."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome as told. `at` seconds or None = now; `action` "" where the decision proposed only one."""

    outcome_id: str
    decision_id: str
    action: str
    type: str
    at: float | None = None
    revenue: float | None = None
    rating: float | None = None
    reason_code: str = ""
    agent: str = ""
    team: str = ""
    offered_instead: str = ""


class Disposition(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one item. `field` and `reason` say why it was rejected; `retryable`: it may hold later. `note`
    says what is special about one that was taken: it waits for its decision, or came late."""

    id: str
    disposition: Disposition
    field: str = ""
    reason: str = ""
    retryable: bool = False
    note: str = ""
