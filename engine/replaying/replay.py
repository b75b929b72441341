"""Replays logged decisions: one, or the whole log as a test that nothing changed which decisions depend on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

from engine.past.reading import RecordUnreadable, record_in
from engine.record import DecisionRecord, pack
from engine.replaying.again import recorded_again
from engine.replaying.differences import Difference, differences
from engine.replaying.revisions import NotReplayable, PastSnapshots
from engine.replaying.unlogged import assumptions, unlogged_features
from engine.snapshot import Snapshot
from engine.store import LogEntry, Store

_ENCODING = Difference("bytes", "another encoding", "another encoding")


class Outcome(StrEnum):
    """What became of a replay."""

    SAME = "SAME"
    DIFFERS = "DIFFERS"
    NOT_REPLAYABLE = "NOT_REPLAYABLE"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision made again. `why` it could not be; what `differences` there are."""

    decision_id: str
    outcome: Outcome
    policy: str = ""
    bundle: str = ""
    why: str = ""
    differences: tuple[Difference, ...] = ()


class Replayer:
    """Makes logged decisions again. Raises StoreUnavailable."""

    def __init__(self, store: Store, snapshots: PastSnapshots) -> None:
        self._store = store
        self._snapshots = snapshots

    async def one(self, decision_id: str) -> Replayed | None:
        """A decision by its id; None where the log has none of it."""
        entry = await self._store.read_record(decision_id)
        return None if entry is None or entry.kind != "decision" else await self.replayed(entry)

    async def all(self, partitions: int) -> AsyncIterator[Replayed]:
        """Every decision of the log, those included that were taken back, partition by partition, oldest first."""
        for partition in range(partitions):
            async for entry in self._store.read_log(partition):
                if entry.kind == "decision":
                    yield await self.replayed(entry)

    async def replayed(self, entry: LogEntry) -> Replayed:
        """What a logged decision comes to when it is made again."""
        try:
            record = record_in(entry)
            snapshot = await self._snapshots.of(record)
            found = _first_differences(snapshot, record, entry.body)
        except (NotReplayable, RecordUnreadable) as failure:
            return Replayed(entry.id, Outcome.NOT_REPLAYABLE, why=str(failure))
        outcome = Outcome.DIFFERS if found else Outcome.SAME
        return Replayed(entry.id, outcome, record.policy, record.bundle, differences=found)


def _first_differences(snapshot: Snapshot, record: DecisionRecord, logged: bytes) -> tuple[Difference, ...]:
    """Empty where the decision is the same again, for some value of every feature that is not logged; else those for
    the first values tried. A record of an earlier format counts without the fields that it lacks."""
    found: tuple[Difference, ...] = ()
    for assumed in assumptions(unlogged_features(snapshot, record)):
        again = recorded_again(snapshot, record, assumed)
        if pack(again) in (logged, pack(record)):
            return ()
        found = found or differences(record, again, _names(snapshot)) or (_ENCODING,)
    return found


def _names(snapshot: Snapshot) -> dict[int, str]:
    return {one.stable_id: one.id for one in snapshot.policy.catalogue.actions}
