"""Outcomes of decisions: joined to what was offered, entered once, felt by the very next decision."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from engine.outcome import Disposition, Outcome, Verdict
from engine.outcomes.remembered import Offered, offered
from engine.outcomes.unjoined import Unjoined, may_come, record_of, replaced
from engine.outcomes.windows import DueWindow
from engine.outcomes.write import OutcomeWrite, PauseClaim, window_of
from engine.record import pack
from engine.slate import FORGOTTEN, Slate
from engine.snapshot import Snapshot
from engine.store import Store, StoreUnavailable
from rules.event_types import INTERNAL
from rules.ledger import OUTCOMES, STANDARD_OUTCOMES, own_outcome, short_id, stable_id
from rules.pauses import pauses_after
from rules.policy import Action

CLOCK_SKEW = 300.0
NO_RESPONSE = "NO_RESPONSE"
_FINAL = frozenset({"ACCEPTED", "REJECTED", "CONVERSION", "COMPLAINT", NO_RESPONSE})
"""Outcomes after which no other is waited for; beside the action's own success."""
_ANSWERS = frozenset({"ACCEPTED", "REJECTED", "CONVERSION", NO_RESPONSE})
"""Answers to what was offered: where an agent offered something else, to that."""


class Happened(NamedTuple):
    """An outcome that is about to be entered: what was offered, of which action, when (s), under which policy."""

    outcome: Outcome
    slate: Slate
    action: str
    at: float
    snapshot: Snapshot


Attend = Callable[[Happened], Awaitable[None]]
"""Sees to it that people are told; raises StoreUnavailable, and may be asked again for the same outcome."""


class Feedback:
    """Enters outcomes. Two round trips each (what was offered, the write), all of a request side by side."""

    def __init__(
        self,
        store: Store,
        snapshot: Callable[[], Snapshot],
        entered: Callable[[Slate, Outcome], None] | None = None,
        attend: Attend | None = None,
    ) -> None:
        self._store = store
        self._snapshot = snapshot
        self._entered = entered
        self._attend = attend
        self._unjoined = Unjoined(store)

    async def record(self, outcomes: Sequence[Outcome], now: float) -> tuple[Verdict, ...]:
        """One verdict per outcome, in order; none is lost because another was bad."""
        return tuple(await asyncio.gather(*(self._take(outcome, now) for outcome in outcomes)))

    async def _take(self, outcome: Outcome, now: float) -> Verdict:
        if outcome.outcome_id.startswith(INTERNAL):
            return _rejected(outcome, "outcome_id", f"must not begin with {INTERNAL}")
        try:
            known = await offered(self._store, outcome.decision_id, now)
            if known is not None:
                return await self._join(outcome, known, now)
            problem = _wrong(outcome, self._snapshot()) or _time_problem(outcome.at or now, now)
            return _rejected(outcome, *problem) if problem else await self._unjoin(outcome, now)
        except StoreUnavailable:
            return _rejected(outcome, "outcome_id", "the store is away; send it again", retryable=True)

    async def _unjoin(self, outcome: Outcome, now: float) -> Verdict:
        if not may_come(outcome.decision_id, now):
            await self.attend_unknown(outcome, now)
        return await self._unjoined.take(outcome, now)

    async def attend_unknown(self, outcome: Outcome, now: float) -> None:
        """See to it that people are told of what was said of a decision that nobody knows. Raises StoreUnavailable."""
        if self._attend is not None:
            at = min(now if outcome.at is None else outcome.at, now)
            await self._attend(Happened(outcome, FORGOTTEN, outcome.action, at, self._snapshot()))

    async def again(self, outcome: Outcome, now: float) -> Verdict | None:
        """Try an outcome that waits for its decision; None = that is not known yet. Raises StoreUnavailable."""
        known = await offered(self._store, outcome.decision_id, now)
        return None if known is None else await self._join(outcome, known, now)

    async def close(self, window: DueWindow, now: float) -> Verdict:
        """Enter that nobody answered within an action's window. Raises StoreUnavailable."""
        about = (window.decision_id, window.action)
        told = Outcome(no_response_id(*about), *about, NO_RESPONSE, at=window.closes)
        known = await offered(self._store, window.decision_id, now)
        if known is None:
            return await self._unjoined.take(told, now, window.customer)
        return await self._join(told, known, now)

    async def _join(self, outcome: Outcome, known: Offered, now: float) -> Verdict:
        slate = known.slate
        snapshot = self._snapshot().of(slate.key)
        proposed = _proposed(slate, known.lost, snapshot)
        action = outcome.action or (proposed[0] if len(proposed) == 1 else "")
        told = now if outcome.at is None else outcome.at
        problem = _problem(outcome, action, proposed, snapshot) or _time_problem(told, now)
        if problem:
            return _rejected(outcome, *problem)
        happened = Happened(outcome, slate, action, min(max(told, slate.at), now), snapshot)
        if self._attend is not None:
            await self._attend(happened)
        entered = await self._store.record_outcome(_write(happened, now))
        if entered and self._entered is not None:
            self._entered(slate, outcome)
        return Verdict(outcome.outcome_id, Disposition.ACCEPTED if entered else Disposition.DUPLICATE)


def no_response_id(decision_id: str, action: str) -> str:
    """The outcome that says nobody answered: one for each contact, whoever enters it."""
    return f"{INTERNAL}no_response:{decision_id}:{action}"


def _proposed(slate: Slate, lost: frozenset[str], snapshot: Snapshot) -> tuple[str, ...]:
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
    if not action:
        return "action_id", "the decision offered more than one action: name the one that is meant"
    if action not in offered:
        return "action_id", "the decision did not offer this action"
    if wrong := _wrong(outcome, snapshot):
        return wrong
    if outcome.reason_code and outcome.type == "REJECTED":
        about = (_action(snapshot, one) for one in (action, outcome.offered_instead))
        reasons = list(dict.fromkeys(reason for one in about if one is not None for reason in one.reject_reasons))
        if reasons and outcome.reason_code not in reasons:
            return "reason_code", f"must be one of {', '.join(reasons)}"
    return None


def _wrong(outcome: Outcome, snapshot: Snapshot) -> tuple[str, str] | None:
    """What is wrong with an outcome whatever it is about."""
    types = (*STANDARD_OUTCOMES, *snapshot.policy.policy.outcomes)
    if outcome.type not in types:
        return "type", f"must be one of {', '.join(types)}"
    if (outcome.rating is not None) != (outcome.type == "RATING"):
        return "rating", "an outcome of type RATING has one, and no other has"
    return None


def _time_problem(at: float, now: float) -> tuple[str, str] | None:
    return ("at", "must not lie in the future") if at > now + CLOCK_SKEW else None


def _action(snapshot: Snapshot, action: str) -> Action | None:
    index = snapshot.policy.catalogue.index.get(action)
    return None if index is None else snapshot.policy.policy.actions[index]


def _write(happened: Happened, now: float) -> OutcomeWrite:
    outcome, slate, action, at, snapshot = happened
    named = _action(snapshot, action)
    success = named is not None and outcome.type == named.success
    final = outcome.type in _FINAL or success
    untold = bool(outcome.offered_instead) and (success or outcome.type in _ANSWERS)
    record = record_of(outcome, slate.key, (slate.channel, action), (at, now))
    corrects = final and outcome.type != NO_RESPONSE and (named is None or now >= slate.at + named.success_within)
    corrected = replaced(record, corrects=no_response_id(outcome.decision_id, action)) if corrects else None
    return OutcomeWrite(
        customer=slate.key,
        outcome_id=outcome.outcome_id,
        decision_id=outcome.decision_id,
        action=stable_id(action),
        outcome=OUTCOMES.index(outcome.type if outcome.type in OUTCOMES and not untold else "OTHER"),
        reason=short_id("" if untold else outcome.reason_code),
        at=at,
        seen=outcome.type != NO_RESPONSE and not untold,
        record=pack(record),
        pauses=() if untold else _pauses(outcome, action, snapshot, at),
        own=0 if untold else own_outcome(outcome.type),
        window=window_of(outcome.decision_id, action) if final else "",
        ends_window=outcome.outcome_id.startswith(INTERNAL),
        correcting=pack(corrected) if corrected else b"",
    )


def _pauses(outcome: Outcome, action: str, snapshot: Snapshot, at: float) -> tuple[PauseClaim, ...]:
    index = snapshot.policy.catalogue.index.get(action)
    if index is None:
        return ()
    found = pauses_after(snapshot.policy, index, outcome.type, outcome.reason_code, at)
    return tuple(
        PauseClaim(p.cause, p.times, p.since, p.outcomes, p.reasons, p.counted, p.paused, p.until, p.own) for p in found
    )


def _rejected(outcome: Outcome, field: str, reason: str, retryable: bool = False) -> Verdict:
    return Verdict(outcome.outcome_id, Disposition.REJECTED, field, reason, retryable)
