"""What an outcome writes, and the window in which one counts."""

from __future__ import annotations

from dataclasses import dataclass

from engine.ids import CustomerKey


@dataclass(frozen=True, slots=True)
class Window:
    """Until when (s) an answer about a contact's action counts; 0 = it asks for none."""

    action: str
    closes: float


def window_of(decision_id: str, action: str) -> str:
    """How a window is named."""
    return f"{decision_id}\0{action}"


@dataclass(frozen=True, slots=True)
class PauseClaim:
    """After the outcome is entered: if at least `times` contacts match (outcome_at >= since, outcome bit in
    `outcomes` or own type in `own`, reason in `reasons` unless empty, action in `counted`), pause `paused` until
    `until`."""

    cause: int
    times: int
    since: float
    outcomes: int
    reasons: tuple[int, ...]
    counted: tuple[int, ...]
    paused: tuple[int, ...]
    until: float
    own: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeWrite:
    """One outcome to enter: into the ledger contact of (decision, action), and the log. Indexes as rules.ledger, `own`
    names one of the policy's own types. `window` (see `window_of`) is what it closes, "" = none; where it
    `ends_window` it is entered only while that is open, and what comes after that is logged as `correcting`, where
    it has that."""

    customer: CustomerKey
    outcome_id: str
    decision_id: str
    action: int
    outcome: int
    reason: int
    at: float
    seen: bool
    record: bytes
    pauses: tuple[PauseClaim, ...] = ()
    own: int = 0
    window: str = ""
    ends_window: bool = False
    correcting: bytes = b""


@dataclass(frozen=True, slots=True)
class LateOutcome:
    """An outcome of a decision that is past remembering, for the log; `customer` of empty names = not known."""

    customer: CustomerKey
    outcome_id: str
    decision_id: str
    record: bytes
