"""A logged decision as a wire message."""

from __future__ import annotations

from befit.v1 import decide_pb2, record_pb2, value_pb2
from engine.decision import Audience, Request, Value
from engine.recalled import RecalledDecision
from engine.wire.decision import DecisionEncoder
from engine.wire.view import feature_value, stamp


def record_message(recalled: RecalledDecision, encoder: DecisionEncoder) -> record_pb2.DecisionRecord:
    """The record, its answer as analysts read it."""
    answer = encoder.encode(recalled.decision, Audience.ANALYST)
    return record_pb2.DecisionRecord(
        decision_id=recalled.decision.decision_id,
        decided_at=stamp(recalled.decided_at),
        request=request_message(recalled.request),
        response=decide_pb2.DecideResponse.FromString(answer),
        features={name: feature_value(value) for name, value in recalled.features.items()},
        allowed=recalled.allowed,
        draws=[record_pb2.Draw(purpose=purpose, value=value) for purpose, value in recalled.draws],
        attempt=recalled.attempt,
        schema_hash=recalled.schema_hash,
        counts_revision=recalled.counts_revision,
        timings=[record_pb2.StageTiming(stage=stage, micros=micros) for stage, micros in recalled.timings],
        writer_id=recalled.writer,
        sequence=recalled.sequence,
        scored_rows=[record_pb2.ScoredRow(action_id=action, inputs=row) for action, row in recalled.rows],
    )


def request_message(request: Request) -> decide_pb2.DecideRequest:
    """The question as a message."""
    return decide_pb2.DecideRequest(
        customer_id=request.customer.customer,
        channel=request.channel,
        intent=request.intent,
        context={key: context_value(value) for key, value in request.context.items()},
        session_id=request.session_id,
        locale=request.locale,
        placements=request.placements,
        max_actions=request.max_actions,
        request_id=request.request_id,
        follows_decision_id=request.follows,
        exclude=request.exclude,
        view=request.view,
        dry_run=request.dry_run,
        trace=decide_pb2.Trace.Value(f"TRACE_{request.trace}"),
        audience=decide_pb2.Audience.Value(f"AUDIENCE_{request.audience}"),
    )


def context_value(value: Value) -> value_pb2.ContextValue:
    """A value of the context: flag, text or number."""
    if isinstance(value, bool):
        return value_pb2.ContextValue(flag=value)
    if isinstance(value, str):
        return value_pb2.ContextValue(text=value)
    return value_pb2.ContextValue(number=value)
