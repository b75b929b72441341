"""Outcomes of decisions: joined to what was offered, entered once, felt by the very next decision."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from engine.outcome import Disposition, Outcome, Verdict
from engine.record import FORMAT, OutcomeRecord, pack
from engine.slate import Slate, unpack
from engine.snapshot import Snapshot
from engine.store import OutcomeWrite, PauseClaim, Store, StoreUnavailable
from rules.ledger import OUTCOMES, STANDARD_OUTCOMES, short_id, stable_id
from rules.pauses import pauses_after

CLOCK_SKEW = 300.0


class Feedback:
    """Enters outcomes. Two round trips each (the slate, the write), all of a request side by side."""

    def __init__(
        self, store: Store, snapshot: Callable[[], Snapshot], entered: Callable[[Slate, Outcome], None] | None = None
    ) -> None:
        self._store = store
        self._snapshot = snapshot
        self._entered = entered

    async def record(self, outcomes: Sequence[Outcome], now: float) -> tuple[Verdict, ...]:
        """One verdict per outcome, in order; none is lost because another was bad."""
        return tuple(await asyncio.gather(*(self._enter(outcome, now) for outcome in outcomes)))

    async def _enter(self, outcome: Outcome, now: float) -> Verdict:
        try:
            kept = await self._store.read_slate(outcome.decision_id)
            slate = unpack(kept.slate) if kept else None
            if slate is None or kept is None:
                return _rejected(outcome, "decision_id", "no decision of this id is kept", retryable=True)
            return await self._join(outcome, slate, slate.lost(kept.dropped), now)
        except StoreUnavailable:
            return _rejected(outcome, "outcome_id", "the store is away; send it again", retryable=True)

    async def _join(self, outcome: Outcome, slate: Slate, lost: frozenset[str], now: float) -> Verdict:
        snapshot = self._snapshot().of(slate.key)
        offered = _offered(slate, lost, snapshot)
        action = outcome.action or (offered[0] if len(offered) == 1 else "")
        at = now if outcome.at is None else outcome.at
        problem = _problem(outcome, action, offered, snapshot) or _time_problem(at, now)
        if problem:
            return _rejected(outcome, *problem)
        write = _write(outcome, action, slate, snapshot, (at, now))
        entered = await self._store.record_outcome(write)
        if entered and self._entered is not None:
            self._entered(slate, outcome)
        return Verdict(outcome.outcome_id, Disposition.ACCEPTED if entered else Disposition.DUPLICATE)


def _offered(slate: Slate, lost: frozenset[str], snapshot: Snapshot) -> tuple[str, ...]:
    """What the decision proposed in the end: without what lost its claim, with the fallbacks where that emptied."""
    channel = snapshot.policy.policy.channels.get(slate.channel)
    found = []
    for filled in slate.placements:
        kept = [one.action for one in filled.actions if one.action not in lost]
        declared = channel.placements.get(filled.placement) if channel else None
        if filled.actions and not kept and declared and declared.fallback:
            kept = [declared.fallback]
        found += kept
    return tuple(found)


def _problem(outcome: Outcome, action: str, offered: Sequence[str], snapshot: Snapshot) -> tuple[str, str] | None:
    policy = snapshot.policy.policy
    if not action:
        return "action_id", "the decision offered more than one action: name the one that is meant"
    if action not in offered:
        return "action_id", "the decision did not offer this action"
    if outcome.type not in STANDARD_OUTCOMES and outcome.type not in policy.outcomes:
        return "type", f"must be one of {', '.join((*STANDARD_OUTCOMES, *policy.outcomes))}"
    if (outcome.rating is not None) != (outcome.type == "RATING"):
        return "rating", "an outcome of type RATING has one, and no other has"
    if outcome.reason_code and outcome.type == "REJECTED":
        index = snapshot.policy.catalogue.index.get(action)
        known = policy.actions[index].reject_reasons if index is not None else ()
        if known and outcome.reason_code not in known:
            return "reason_code", f"must be one of {', '.join(known)}"
    return None


def _time_problem(at: float, now: float) -> tuple[str, str] | None:
    return ("at", "must not lie in the future") if at > now + CLOCK_SKEW else None


def _write(outcome: Outcome, action: str, slate: Slate, snapshot: Snapshot, times: tuple[float, float]) -> OutcomeWrite:
    now = times[1]
    at = min(max(times[0], slate.at), now)
    kind = outcome.type if outcome.type in OUTCOMES else "OTHER"
    return OutcomeWrite(
        customer=slate.key,
        outcome_id=outcome.outcome_id,
        decision_id=outcome.decision_id,
        action=stable_id(action),
        outcome=OUTCOMES.index(kind),
        reason=short_id(outcome.reason_code),
        at=at,
        seen=outcome.type != "NO_RESPONSE",
        record=pack(_record(outcome, action, slate, (at, now))),
        pauses=_pauses(outcome, action, snapshot, at),
    )


def _record(outcome: Outcome, action: str, slate: Slate, times: tuple[float, float]) -> OutcomeRecord:
    return OutcomeRecord(
        FORMAT,
        outcome.outcome_id,
        outcome.decision_id,
        slate.tenant,
        slate.customer,
        slate.channel,
        action,
        outcome.type,
        *times,
        outcome.revenue,
        outcome.rating,
        outcome.reason_code,
        outcome.agent,
        outcome.team,
        outcome.offered_instead,
    )


def _pauses(outcome: Outcome, action: str, snapshot: Snapshot, at: float) -> tuple[PauseClaim, ...]:
    index = snapshot.policy.catalogue.index.get(action)
    if index is None:
        return ()
    found = pauses_after(snapshot.policy, index, outcome.type, outcome.reason_code, at)
    return tuple(
        PauseClaim(p.cause, p.times, p.since, p.outcomes, p.reasons, p.counted, p.paused, p.until) for p in found
    )


def _rejected(outcome: Outcome, field: str, reason: str, retryable: bool = False) -> Verdict:
    return Verdict(outcome.outcome_id, Disposition.REJECTED, field, reason, retryable)
