"""What a decision is after its commit: without what the store did not grant, and with fallbacks where that empties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.asker import Asker
from engine.commit import Proposal, contacted_actions
from engine.decision import Cause, Decision, Degraded, Filled, RankedAction
from engine.last_resort import fallback_action


def settled(proposal: Proposal, dropped: Sequence[int]) -> Proposal:
    """The decision as written: without the contacts (by index) that lost their claim in take mode."""
    if not dropped:
        return proposal
    contacted = contacted_actions(proposal.decision)
    return _without(proposal, frozenset(contacted[index].action for index in dropped))


def unsettled(proposal: Proposal) -> Proposal:
    """The answer when it is unknown whether the commit was written: no contact, fallbacks only."""
    contacted = frozenset(one.action for one in contacted_actions(proposal.decision))
    stripped = _without(proposal, contacted)
    degraded = (*stripped.decision.degraded, Degraded.COMMIT_UNKNOWN)
    return stripped._replace(decision=replace(stripped.decision, degraded=degraded))


def _without(proposal: Proposal, lost: frozenset[str]) -> Proposal:
    placements = tuple(_refill(proposal, filled, lost) for filled in proposal.decision.placements)
    decision: Decision = replace(proposal.decision, placements=placements)
    return proposal._replace(decision=decision)


def _refill(proposal: Proposal, filled: Filled, lost: frozenset[str]) -> Filled:
    kept = [one for one in filled.actions if one.action not in lost]
    if len(kept) == len(filled.actions):
        return filled
    if kept:
        return replace(filled, actions=_ranked(kept))
    question = proposal.resolution.question
    asker = Asker(proposal.snapshot, question.request, question.known)
    return replace(filled, actions=fallback_action(asker, filled.placement), cause=Cause.CAP_LOST)


def _ranked(kept: Sequence[RankedAction]) -> tuple[RankedAction, ...]:
    return tuple(replace(one, rank=rank) for rank, one in enumerate(kept, start=1))
