"""One logged decision made again: the same question under the same revisions, resolved, presented and logged anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.commit import contacted_actions
from engine.decide import resolve
from engine.limits.take import Take
from engine.logged import record_of
from engine.past.question import question_of
from engine.present import present
from engine.record import DecisionRecord
from engine.resolution import Question, Resolution
from engine.slate import slate_of
from engine.snapshot import Snapshot
from rules.situation import Value

Values = Mapping[str, Value]
NOTHING: Values = {}


def resolved_again(snapshot: Snapshot, record: DecisionRecord, assumed: Values = NOTHING) -> Resolution:
    """What the record's question comes to, with values `assumed` for features that are not logged. Of two attempts the
    first is made again too; what was taken of limits over all customers is taken over, since only the limit's own
    counts tell it."""
    question = _assuming(question_of(snapshot, record), assumed)
    first = None if question.first is None else resolve(snapshot, _assuming(question.first, assumed))
    takes = (Take(one.meter, one.period, one.number, one.units, one.action) for one in record.takes)
    return replace(resolve(snapshot, question, first), takes=tuple(takes))


def recorded_again(snapshot: Snapshot, record: DecisionRecord, assumed: Values = NOTHING) -> DecisionRecord:
    """The record as it would be written today, its timings those of then."""
    resolution = resolved_again(snapshot, record, assumed)
    question = resolution.question
    decision = present(snapshot, resolution, record.decision_id)
    names = tuple(one.action for one in contacted_actions(decision))
    slate = slate_of(decision, question.request.customer, question.request.channel, question.now, names)
    return record_of(snapshot, resolution, decision, slate, record.timings)


def _assuming(question: Question, assumed: Values) -> Question:
    if not assumed:
        return question
    return replace(question, known=replace(question.known, values={**question.known.values, **assumed}))
