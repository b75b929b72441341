"""A logged decision in the words of those who look it up: made again where that gives the same, with everything that
explains it; else from its record alone, whatever is in force today.

Names of actions come from today's catalogue; one that is gone is shown by the number that the log has for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from msgspec import structs

from engine.asker import Asker, from_slate
from engine.commit import contacted_actions
from engine.decision import Audience, Cause, Decision, Degraded, Dropped, Factors, Filled, Trace, Why
from engine.fates import ARBITRATION
from engine.last_resort import fallback_action
from engine.past.question import profile_of, request_of
from engine.procedures.carrying import carried
from engine.profile import know
from engine.recalled import RecalledDecision
from engine.record import DecisionRecord, PlacementRecord, unpack_decision
from engine.replaying.retold import Retelling
from engine.settle import without
from engine.snapshot import Snapshot
from engine.store import LogEntry, Store
from rules.policy import CONTACT_KINDS
from rules.reasons import Because
from rules.wording.code import Code


class Recall:
    """Looks up decisions; `retelling` makes them again to tell them in full. Raises StoreUnavailable; damaged records
    raise msgspec's errors."""

    def __init__(self, store: Store, snapshot: Callable[[], Snapshot], retelling: Retelling | None = None) -> None:
        self._store = store
        self._snapshot = snapshot
        self._retelling = retelling

    async def get_decision(self, decision_id: str) -> RecalledDecision | None:
        """The record of a decision, or None where no log entry has its id. One that was voided shows what was answered
        instead: no contact, degraded COMMIT_UNKNOWN."""
        entry = await self._store.read_record(decision_id)
        if entry is None or entry.kind != "decision":
            return None
        record = unpack_decision(entry.body)
        found = recalled(self._snapshot().that_decided(record.policy, record.bundle), record, entry)
        told = None if self._retelling is None else await self._retelling.told(record, entry)
        return found if told is None else replace(found, decision=told)


def recalled(snapshot: Snapshot, record: DecisionRecord, entry: LogEntry) -> RecalledDecision:
    """What the record says, the decision in the words for analysts."""
    request = replace(request_of(record), trace=Trace.FULL, audience=Audience.ANALYST)
    known = know(snapshot, request.customer, profile_of(record.state), record.now)
    asker = Asker(snapshot, request, known)
    decision = _decision(asker, record, entry)
    return RecalledDecision(
        decided_at=record.now,
        request=request,
        decision=_taken_back(asker, decision) if entry.voided else decision,
        features=known.values,
        allowed=tuple(dict.fromkeys(n for one in record.placements for n in _names(snapshot, one.allowed))),
        draws=tuple((one.placement, one.draw) for one in record.placements),
        attempt=record.attempt,
        schema_hash=record.schema,
        counts_revision=record.counts,
        timings=record.timings,
        writer=entry.writer,
        sequence=entry.sequence,
        rows=tuple(_rows(snapshot, record)),
    )


def _decision(asker: Asker, record: DecisionRecord, entry: LogEntry) -> Decision:
    known = asker.known
    return Decision(
        decision_id=record.decision_id,
        placements=_placements(asker, record, entry.dropped),
        tier=record.tier,
        tier_why=asker.snapshot.reasons.tell_tier(record.tier, asker.request.audience, asker.request.locale),
        policy_revision=record.policy,
        model_revision=record.bundle,
        degraded=tuple(Degraded(code) for code in record.degraded),
        features_age_seconds=None if known.features_at is None else max(0.0, record.now - known.features_at),
        experiment_group=record.group,
        dropped=(*_removed(asker, record), *_outranked(asker, record)),
        procedure=carried(asker.snapshot, asker.request, known, record.decision_id),
    )


def _taken_back(asker: Asker, decision: Decision) -> Decision:
    """The answer when it was not known whether the commit was written, as engine/settle.py gave it."""
    contacted = frozenset(one.action for one in contacted_actions(decision))
    stripped = without(asker, decision, contacted, Code.COMMIT_UNKNOWN)
    return structs.replace(stripped, degraded=(*stripped.degraded, Degraded.COMMIT_UNKNOWN))


def _placements(asker: Asker, record: DecisionRecord, dropped: tuple[int, ...]) -> tuple[Filled, ...]:
    contacts = [pick.action for one in record.placements for pick in one.picks if pick.kind in CONTACT_KINDS]
    lost = frozenset(contacts[index] for index in dropped)
    return tuple(_filled(asker, one, lost) for one in record.placements)


def _filled(asker: Asker, one: PlacementRecord, lost: frozenset[str]) -> Filled:
    kept = [pick for pick in one.picks if pick.action not in lost]
    actions = tuple(from_slate(asker, pick, rank) for rank, pick in enumerate(kept, start=1))
    if one.picks and not kept:
        return Filled(one.placement, fallback_action(asker, one.placement), Cause.CAP_LOST)
    return Filled(one.placement, actions, Cause(one.cause), one.send_at, one.expires_at, one.blocked_by)


def _removed(asker: Asker, record: DecisionRecord) -> Iterator[Dropped]:
    factors = _factors(asker.snapshot, record)
    for removal in record.removals:
        because = Because(Code(removal.code), rule=removal.rule)
        why = Why(removal.code, asker.snapshot.reasons.tell(because, asker.request.audience))
        for name in _names(asker.snapshot, removal.actions):
            yield Dropped(name, removal.stage, removal.rule, why, factors.get(name))


def _outranked(asker: Asker, record: DecisionRecord) -> Iterator[Dropped]:
    named = {pick.action for one in record.placements for pick in one.picks}
    named |= {name for removal in record.removals for name in _names(asker.snapshot, removal.actions)}
    for name, factors in _factors(asker.snapshot, record).items():
        if name in named:
            continue
        code = Code.OUTRANKED if factors.priority > 0.0 else Code.WORTH_LESS_THAN_NOTHING
        because = Because(code, observed=f"{factors.priority:.2f}")
        why = Why(code.value, asker.snapshot.reasons.tell(because, asker.request.audience))
        yield Dropped(name, ARBITRATION, "", why, factors)


def _factors(snapshot: Snapshot, record: DecisionRecord) -> dict[str, Factors]:
    scored = record.scored
    columns = (scored.propensity, scored.gain, scored.cost, scored.context_weight, scored.lever, scored.priority)
    rows = zip(*(np.frombuffer(column, dtype="<f8").tolist() for column in columns), strict=True)
    names = _names(snapshot, scored.actions)
    scarcity = np.frombuffer(scored.scarcity, dtype="<f8").tolist() if scored.scarcity else [0.0] * len(names)
    return {
        name: Factors(p, 0.0, gain, cost, 0.0, context, lever, paid, worth)
        for name, (p, gain, cost, context, lever, worth), paid in zip(names, rows, scarcity, strict=True)
    }


def _rows(snapshot: Snapshot, record: DecisionRecord) -> Iterator[tuple[str, tuple[float, ...]]]:
    """The model's inputs per action, as long as the bundle that scored is in force."""
    scored, catalogue = record.scored, snapshot.policy.catalogue
    stable = np.frombuffer(scored.actions, dtype="<u4").tolist()
    if record.bundle != snapshot.model_revision or not scored.customer:
        return
    if not catalogue.by_stable.keys() >= set(stable):
        return
    index = np.array([catalogue.by_stable[one] for one in stable], dtype=np.intp)
    chosen = index[snapshot.expectation.modelled[index]]
    customer, moment, pair = (_floats(part) for part in (scored.customer, scored.moment, scored.pair))
    rows = snapshot.expectation.rows((customer, moment, pair.reshape(len(chosen), -1)), chosen)
    for action, row in zip(chosen.tolist(), rows.tolist(), strict=True):
        yield catalogue.ids[action], tuple(row)


def _floats(packed: bytes) -> npt.NDArray[np.float32]:
    return np.frombuffer(packed, dtype="<f4")


def _names(snapshot: Snapshot, packed: bytes) -> list[str]:
    catalogue = snapshot.policy.catalogue
    return [catalogue.name_of(one) or f"#{one:08x}" for one in np.frombuffer(packed, dtype="<u4").tolist()]
