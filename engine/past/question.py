"""A logged decision's question, rebuilt as it was decided: the request, the fields as read, the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.decision import Audience, Request
from engine.ids import CustomerKey
from engine.profile import know
from engine.record import DecisionRecord, FirstAttemptRecord, LimitRecord, RequestRecord, StateRecord
from engine.resolution import Question
from engine.snapshot import Snapshot
from engine.store import Profile
from rules.rationing import LimitsSeen, MeterSeen
from rules.situation import Moment


def question_of(snapshot: Snapshot, record: DecisionRecord) -> Question:
    """The question as `snapshot` reads the logged fields; features that are not logged are missing.

    Of a decision that was made twice it is the second question: the fields are those that the store sent back; the
    first one stands in it.
    """
    request = request_of(record)
    known = know(snapshot, request.customer, profile_of(record.state), record.now)
    said = record.request
    moment = Moment(record.now, said.channel, said.intent, said.locale, said.context)
    question = Question(request, known, moment, record.attempt, _limits(record.limits))
    return question if record.first is None else replace(question, first=_first(snapshot, question, record.first))


def _first(snapshot: Snapshot, question: Question, record: FirstAttemptRecord) -> Question:
    fields = replace(question.known.fields or Profile(), contacts=record.contacts, pauses=record.pauses)
    known = know(snapshot, question.request.customer, fields, question.now)
    return replace(question, known=known, attempt=1, limits=_limits(record.limits))


def _limits(records: Sequence[LimitRecord]) -> LimitsSeen:
    return {one.meter: MeterSeen(one.left, one.most, one.price) for one in records}


def request_of(record: DecisionRecord) -> Request:
    """The request as it was understood; how much of a trace it wanted is not logged."""
    said: RequestRecord = record.request
    return Request(
        customer=CustomerKey(record.tenant, record.customer),
        channel=said.channel,
        intent=said.intent,
        context=said.context,
        session_id=said.session_id,
        locale=said.locale,
        placements=said.placements,
        max_actions=said.max_actions,
        request_id=said.request_id,
        follows=said.follows,
        exclude=said.exclude,
        audience=Audience(said.audience),
    )


def profile_of(state: StateRecord | None) -> Profile | None:
    """The customer's fields as they were read; None where the store was away."""
    if state is None:
        return None
    return Profile(state.vector, state.realtime, state.contacts, state.pauses, state.consent, state.tier)
