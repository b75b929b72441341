"""Lifts pauses by the names that people use, and says what no longer rests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.ids import CustomerKey
from engine.pauses.store import LiftWrite, PauseStore, lift_record
from engine.refusal import Refusal
from engine.snapshot import Snapshot
from rules.ledger import stable_id

PausesLifted = tuple[tuple[str, float, str], ...]
"""(action, until when it would have rested (s), the rule that made it rest, "" where the policy no longer has it)."""


@dataclass(frozen=True, slots=True)
class Lift:
    """What to lift: the pauses of an action, those of a rule, or those of both; "" = any, but not both. Who lifts them,
    and why."""

    customer: CustomerKey
    action: str
    rule: str
    lifted_by: str
    why: str


class Pauses:
    """Lifts pauses in the store. `number` gives 40 random bits for the log's entry."""

    def __init__(self, store: PauseStore, snapshot: Callable[[], Snapshot], number: Callable[[], int]) -> None:
        self._store = store
        self._snapshot = snapshot
        self._number = number

    async def lift(self, lift: Lift, now: float) -> PausesLifted | Refusal:
        """What no longer rests at `now` (s). What the policy no longer has may still rest, so a name that it does not
        know is refused only where nothing rested. Raises StoreUnavailable."""
        snapshot = self._snapshot()
        write = LiftWrite(
            customer=lift.customer,
            lift_id=f"lift-{int(now * 1000):x}-{self._number():010x}",
            action=stable_id(lift.action) if lift.action else None,
            cause=stable_id(lift.rule) if lift.rule else None,
            now=now,
            record=lift_record(lift.customer, (lift.action, lift.rule), (lift.lifted_by, lift.why), now),
        )
        lifted = await self._store.lift(write)
        if not lifted and (unknown := _unknown(snapshot, lift)) is not None:
            return unknown
        catalogue = snapshot.policy.catalogue
        named = sorted((catalogue.name_of(action), until, cause) for action, cause, until in lifted)
        return tuple((action, until, snapshot.pause_causes.get(cause, "")) for action, until, cause in named)


def _unknown(snapshot: Snapshot, lift: Lift) -> Refusal | None:
    if lift.action and lift.action not in snapshot.policy.catalogue.index:
        return Refusal("unknown-action", "is no action of the policy", "action_id")
    if lift.rule and lift.rule not in snapshot.pause_causes.values():
        return Refusal("unknown-rule", "is no pause rule of the policy", "rule_id")
    return None
