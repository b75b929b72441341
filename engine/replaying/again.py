"""One logged decision made again: the same question under the same revisions, resolved, presented and logged anew."""

from __future__ import annotations

from dataclasses import replace

from engine.commit import contacted_actions
from engine.decide import resolve
from engine.limits.take import Take
from engine.logged import record_of
from engine.past.question import question_of
from engine.present import present
from engine.record import DecisionRecord
from engine.resolution import Resolution
from engine.slate import slate_of
from engine.snapshot import Snapshot


def resolved_again(snapshot: Snapshot, record: DecisionRecord) -> Resolution:
    """What the record's question comes to. Of two attempts the first is made again too; what was taken of limits over
    all customers is taken over, since only the limit's own counts tell it."""
    question = question_of(snapshot, record)
    first = None if question.first is None else resolve(snapshot, question.first)
    resolution = resolve(snapshot, question, first)
    return replace(
        resolution, takes=tuple(Take(one.meter, one.period, one.number, one.units, one.action) for one in record.takes)
    )


def recorded_again(snapshot: Snapshot, record: DecisionRecord) -> DecisionRecord:
    """The record as it would be written today, its timings those of then."""
    resolution = resolved_again(snapshot, record)
    question = resolution.question
    decision = present(snapshot, resolution, record.decision_id)
    names = tuple(one.action for one in contacted_actions(decision))
    slate = slate_of(decision, question.request.customer, question.request.channel, question.now, names)
    return record_of(snapshot, resolution, decision, slate, record.timings)
