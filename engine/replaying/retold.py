"""A logged decision told in full: made again from what was logged, and explained as if it had just been asked for."""

from __future__ import annotations

from dataclasses import replace

from engine.commit import Proposal
from engine.decider import Explain
from engine.decision import Audience, Decision, Trace
from engine.present import present
from engine.record import DecisionRecord, pack
from engine.replaying.again import recorded_again, resolved_again
from engine.replaying.revisions import NotReplayable, PastSnapshots
from engine.settle import settled, unsettled
from engine.store import LogEntry


class Retelling:
    """Tells decisions again, for analysts. Raises StoreUnavailable."""

    def __init__(self, snapshots: PastSnapshots, explain: Explain | None) -> None:
        self._snapshots = snapshots
        self._explain = explain

    async def told(self, record: DecisionRecord, entry: LogEntry) -> Decision | None:
        """The answer with its full trace as it was given in the end; None where the decision does not come out the same
        again, or its revisions are gone. Nothing is assumed of features that are not logged."""
        try:
            snapshot = await self._snapshots.of(record)
        except NotReplayable:
            return None
        if pack(recorded_again(snapshot, record)) != pack(record):
            return None
        resolution = resolved_again(snapshot, record)
        request = replace(resolution.question.request, trace=Trace.FULL, audience=Audience.ANALYST)
        resolution = replace(resolution, question=replace(resolution.question, request=request))
        proposal = Proposal(snapshot, resolution, present(snapshot, resolution, record.decision_id))
        decision = (unsettled(proposal) if entry.voided else settled(proposal, entry.dropped)).decision
        return decision if self._explain is None else await self._explain(snapshot, resolution, decision)
