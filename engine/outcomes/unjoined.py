"""What becomes of an outcome whose decision is not at hand: too late it is logged, too early it waits, else it is put
aside for people. It is never dropped."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from engine.ids import CustomerKey, decided_ms
from engine.outcome import Disposition, Outcome, Verdict
from engine.outcomes.parked import Parked
from engine.outcomes.write import LateOutcome
from engine.record import FORMAT, OutcomeRecord, pack
from engine.store import Store

REMEMBERED = 72 * 3600.0
"""s for which what a decision offered is at hand, at least."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""s between two looks for a decision; doubled each time."""
PATIENCE = 3600.0
"""s after which an outcome whose decision never came is put aside."""

LATE = "the decision is past remembering: it is logged as late, and joined where the log is read"
WAITS = "the decision is not known yet: the outcome waits for it"
ASIDE = "no decision has this id: the outcome is put aside for people to look at"
_FULL = "too many outcomes wait for their decisions; send it again"
NOBODY = CustomerKey("", "")


class Unjoined:
    """Raises StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, outcome: Outcome, now: float, customer: CustomerKey = NOBODY) -> Verdict:
        """Keep an outcome of an unknown decision, received at `now` (s); `customer` where it is known."""
        decided = decided_ms(outcome.decision_id)
        if is_late(outcome.decision_id, now):
            return await self._log(outcome, now, customer)
        parked = Parked(outcome if outcome.at is not None else replace(outcome, at=now), now)
        if not decided:
            kept = await self._store.parked.find(outcome.outcome_id)
            await self._store.parked.put_aside(kept or replace(parked, aside_at=now, reason=ASIDE))
            return Verdict(outcome.outcome_id, Disposition.PARKED, note=ASIDE)
        if not await self._store.parked.park(parked, now + FIRST_PAUSE):
            return Verdict(outcome.outcome_id, Disposition.REJECTED, "decision_id", _FULL, retryable=True)
        return Verdict(outcome.outcome_id, Disposition.PARKED, note=WAITS)

    async def _log(self, outcome: Outcome, now: float, customer: CustomerKey) -> Verdict:
        """Log an outcome that comes when its decision is forgotten."""
        at = now if outcome.at is None else min(outcome.at, now)
        record = replaced(record_of(outcome, customer, ("", outcome.action), (at, now)), late=True)
        late = LateOutcome(customer, outcome.outcome_id, outcome.decision_id, pack(record))
        entered = await self._store.record_late(late)
        done = Disposition.ACCEPTED if entered else Disposition.DUPLICATE
        return Verdict(outcome.outcome_id, done, note=LATE if entered else "")


def is_late(decision_id: str, now: float) -> bool:
    """Whether a decision of this id that is not at hand at `now` (s) is past remembering."""
    decided = decided_ms(decision_id) / 1000
    return decided > 0.0 and now - decided > REMEMBERED


def may_come(decision_id: str, now: float) -> bool:
    """Whether a decision of this id that is not at hand at `now` (s) may still be on its way."""
    return decided_ms(decision_id) > 0 and not is_late(decision_id, now)


def record_of(
    outcome: Outcome, customer: CustomerKey, where: tuple[str, str], times: tuple[float, float]
) -> OutcomeRecord:
    """The outcome as the log keeps it; `where` are channel and action, `times` (s) when it happened, when it came."""
    return OutcomeRecord(
        FORMAT,
        outcome.outcome_id,
        outcome.decision_id,
        customer.tenant,
        customer.customer,
        *where,
        outcome.type,
        *times,
        outcome.revenue,
        outcome.rating,
        outcome.reason_code,
        outcome.agent,
        outcome.team,
        outcome.offered_instead,
    )


def replaced(record: OutcomeRecord, *, late: bool = False, corrects: str = "") -> OutcomeRecord:
    """The record of one that came late, or that corrects what was entered when its window closed."""
    return msgspec.structs.replace(record, late=late, corrects=corrects)
