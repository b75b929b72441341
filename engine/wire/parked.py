"""Parked outcomes as messages."""

from __future__ import annotations

from befit.v1 import feedback_pb2, parked_pb2
from engine.outcome import Outcome
from engine.outcomes.parked import Parked
from engine.wire.view import stamp


def parked_message(parked: Parked) -> parked_pb2.ParkedOutcome:
    """A parked outcome as a message."""
    aside = {} if parked.aside_at is None else {"put_aside_at": stamp(parked.aside_at)}
    return parked_pb2.ParkedOutcome(
        outcome=outcome_message(parked.outcome),
        since=stamp(parked.since),
        tries=parked.tries,
        reason=parked.reason,
        **aside,
    )


def outcome_message(outcome: Outcome) -> feedback_pb2.Outcome:
    """An outcome as it was told."""
    return feedback_pb2.Outcome(
        outcome_id=outcome.outcome_id,
        decision_id=outcome.decision_id,
        action_id=outcome.action,
        type=outcome.type,
        at=None if outcome.at is None else stamp(outcome.at),
        revenue=outcome.revenue,
        rating=outcome.rating,
        reason_code=outcome.reason_code,
        agent_id=outcome.agent,
        team_id=outcome.team,
        offered_instead=outcome.offered_instead,
    )
