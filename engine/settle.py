"""What a decision is after its commit: without what the store did not grant, and with fallbacks where that empties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import structs

from engine.asker import Asker
from engine.commit import Proposal, contacted_actions
from engine.decision import Cause, Decision, Degraded, Dropped, Filled, RankedAction, Trace, Why
from engine.last_resort import fallback_action
from engine.store import CommitResult, Committed
from rules.policy import Stage
from rules.reasons import Because
from rules.wording.code import Code


def settled(proposal: Proposal, dropped: Sequence[int]) -> Proposal:
    """The decision as written: without the contacts (by index) that lost their claim in take mode."""
    if not dropped:
        return proposal
    contacted = contacted_actions(proposal.decision)
    lost = frozenset(contacted[index].action for index in dropped)
    return proposal._replace(decision=without(_asker(proposal), proposal.decision, lost, Code.CAP_LOST))


def ungranted(proposal: Proposal, result: CommitResult) -> frozenset[str]:
    """The actions that do not stand after a commit: all where nothing was written, else those that lost their claim."""
    if isinstance(result, Committed):
        contacted = contacted_actions(proposal.decision) if result.dropped else ()
        return frozenset(contacted[index].action for index in result.dropped)
    return frozenset(take.action for take in proposal.resolution.takes)


def unsettled(proposal: Proposal) -> Proposal:
    """The answer when it is unknown whether the commit was written: no contact, fallbacks only."""
    contacted = frozenset(one.action for one in contacted_actions(proposal.decision))
    stripped = without(_asker(proposal), proposal.decision, contacted, Code.COMMIT_UNKNOWN)
    degraded = (*stripped.degraded, Degraded.COMMIT_UNKNOWN)
    return proposal._replace(decision=structs.replace(stripped, degraded=degraded))


def without(asker: Asker, decision: Decision, lost: frozenset[str], code: Code) -> Decision:
    """The decision without the `lost` actions, for the reason that `code` names."""
    if not lost:
        return decision
    placements = tuple(_refill(asker, filled, lost, code) for filled in decision.placements)
    dropped = decision.dropped
    if asker.request.trace is Trace.FULL:
        proposed = {one.action for one in _actions(placements)}
        why = Why(code.value, asker.snapshot.reasons.tell(Because(code), asker.request.audience, asker.request.locale))
        gone = (one for one in _actions(decision.placements) if one.action in lost - proposed)
        dropped = (
            *(one for one in dropped if one.action not in proposed),
            *(Dropped(one.action, Stage.CONTACT.value, "", why, one.factors) for one in gone),
        )
    return structs.replace(decision, placements=placements, dropped=dropped)


def _refill(asker: Asker, filled: Filled, lost: frozenset[str], code: Code) -> Filled:
    kept = [one for one in filled.actions if one.action not in lost]
    if len(kept) == len(filled.actions):
        return filled
    if kept:
        ranked = tuple(structs.replace(one, rank=rank) for rank, one in enumerate(kept, start=1))
        return structs.replace(filled, actions=ranked)
    stand_in = fallback_action(asker, filled.placement)
    otherwise = Cause.FALLBACK if stand_in else Cause.NONE_ALLOWED
    return Filled(filled.placement, stand_in, Cause.CAP_LOST if code is Code.CAP_LOST else otherwise)


def _actions(placements: Iterable[Filled]) -> Iterator[RankedAction]:
    return (one for filled in placements for one in filled.actions)


def _asker(proposal: Proposal) -> Asker:
    question = proposal.resolution.question
    return Asker(proposal.snapshot, question.request, question.known)
