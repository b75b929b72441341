"""Changes of the question: another feature, consent, moment or request, read by the same code as the real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from engine.decision import Request
from engine.explaining.told import Change, ChangeKind, Value
from engine.profile import Known, know
from engine.resolution import Question
from engine.snapshot import Snapshot
from engine.standing import read_consent
from engine.store import Profile
from models.codec import encode_value
from models.gather import Gather

Apply = Callable[[Snapshot, Question, Change], Question]
CONTEXT = "context."


def _feature(snapshot: Snapshot, question: Question, change: Change) -> Question:
    """Whatever the feature comes from, rules and model read it as if it had been so."""
    schema, known = snapshot.schema, question.known
    row = _row(snapshot, known)
    row[schema.index(change.target)] = encode_value(schema.feature(change.target), change.after)
    values = {name: value for name, value in known.values.items() if name != change.target}
    values |= {} if change.after is None else {change.target: change.after}
    return replace(question, known=replace(known, values=values, vector=row, schema=schema))


def _row(snapshot: Snapshot, known: Known) -> npt.NDArray[np.float32]:
    """What is known of the customer as a row of today's schema, all missing where nothing is."""
    if known.vector is None or known.schema is None:
        return np.full(len(snapshot.schema), np.nan, dtype=np.float32)
    if known.schema is snapshot.schema or known.schema.hash == snapshot.schema.hash:
        return known.vector.copy()
    return Gather(known.schema, snapshot.schema).gather(known.vector)


def _limit(snapshot: Snapshot, question: Question, change: Change) -> Question:
    assert isinstance(change.after, int | float)
    units = next(meter.units for meter in snapshot.policy.rationing.meters if meter.name == change.target)
    seen = question.limits[change.target]._replace(left=round(change.after * units))
    return replace(question, limits={**question.limits, change.target: seen})


def _consent(snapshot: Snapshot, question: Question, change: Change) -> Question:
    fields = question.known.fields or Profile()
    held = read_consent(fields.consent)
    assert held is not None
    given = replace(held, consent={**held.consent, change.target: change.after is True})
    return _known(snapshot, question, replace(fields, consent=given.pack()))


def _time(snapshot: Snapshot, question: Question, change: Change) -> Question:
    assert isinstance(change.after, int | float)
    later = replace(question, moment=replace(question.moment, now=float(change.after)))
    return _known(snapshot, later, later.known.fields)


def _known(snapshot: Snapshot, question: Question, fields: Profile | None) -> Question:
    return replace(question, known=know(snapshot, question.known.customer, fields, question.now))


def _request(snapshot: Snapshot, question: Question, change: Change) -> Question:
    del snapshot
    request = changed_request(question.request, change.target, change.after)
    moment = replace(question.moment, channel=request.channel, intent=request.intent, context=request.context)
    return replace(question, request=request, moment=moment)


def changed_request(request: Request, field: str, after: Value | None) -> Request:
    """The request with one field otherwise; several names stand with commas. Another channel is asked as a whole."""
    if field.startswith(CONTEXT):
        context = {key: value for key, value in request.context.items() if key != field.removeprefix(CONTEXT)}
        return replace(request, context=context | ({} if after is None else {field.removeprefix(CONTEXT): after}))
    text = str(after or "")
    names = tuple(name for name in text.split(",") if name)
    match field:
        case "channel":
            return replace(request, channel=text, placements=())
        case "placements":
            return replace(request, placements=names)
        case "exclude":
            return replace(request, exclude=names)
        case "follows_decision_id":
            return replace(request, follows=text)
    return replace(request, intent=text)


READ_ANEW = frozenset({ChangeKind.CONSENT, ChangeKind.TIME})
"""After these what is known is read anew, without the features that were changed."""

QUESTION_CHANGES: Mapping[ChangeKind, Apply] = {
    ChangeKind.FEATURE: _feature,
    ChangeKind.REQUEST: _request,
    ChangeKind.CONSENT: _consent,
    ChangeKind.TIME: _time,
    ChangeKind.LIMIT: _limit,
}
"""How each sort of change is made; the others are changes of the policy."""
