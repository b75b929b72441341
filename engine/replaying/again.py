"""One logged decision made again: the same question under the same revisions, resolved, presented and logged anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from msgspec import structs

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
    takes = tuple(Take(one.meter, one.period, one.number, one.units, one.action) for one in record.takes)
    resolution = replace(resolve(snapshot, question, first), takes=takes)
    return _drawn_again(resolution) if _was_drawn_again(record) else resolution


def _was_drawn_again(record: DecisionRecord) -> bool:
    """Whether limits made it be drawn more than once, so that its draws have no probability."""
    drawn = [one for one in record.placements if one.share > 0.0]
    return bool(record.limits and drawn) and all(one.probability is None for one in drawn)


def _drawn_again(resolution: Resolution) -> Resolution:
    placed = (structs.replace(one, probability=None) if one.slot.share > 0.0 else one for one in resolution.placed)
    return replace(resolution, placed=tuple(placed))


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
