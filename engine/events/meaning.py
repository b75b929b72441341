"""What an event about a customer changes beside features: cases, promises, consent, answers, steps of procedures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from documents.reader import did_you_mean
from engine.decision import Value
from engine.event import Event
from engine.events.book import Mistake
from engine.events.change import Amount, Changes, ConsentChange, ThingChange, Turn
from engine.events.promised import due_at
from engine.events.realtime import ThingKind
from engine.events.sources import answer_id, consent_id, kept_value
from engine.procedures import run as procedure_run
from models.codec import ValueInvalid, encode_value
from models.features import FeatureSchema
from rules import event_types as types
from rules.policy import Policy
from rules.procedure import Procedure, ProcedureStep


@dataclass(frozen=True, slots=True)
class Told:
    """An event whose attributes hold, at `at` (s), under a policy and a feature schema."""

    event: Event
    at: float
    policy: Policy
    schema: FeatureSchema

    def text(self, name: str) -> str:
        """A text attribute; "" where it was not told."""
        return str(self.event.attributes.get(name, ""))

    def value(self, name: str) -> Value:
        """A required attribute."""
        return self.event.attributes[name]


Meaning = Callable[[Told], Changes | Mistake]


def meaning_of(told: Told) -> Changes | Mistake:
    """The changes; none where the event's type means nothing more than the features it feeds."""
    meaning = MEANINGS.get(told.event.type)
    return Changes() if meaning is None else meaning(told)


def _opened(told: Told) -> Changes | Mistake:
    subject = told.text("subject")
    return Changes(things=(ThingChange(Turn.OPEN, ThingKind.CASE, told.text("case"), text=subject),))


def _complained(told: Told) -> Changes | Mistake:
    return Changes(
        things=(ThingChange(Turn.OPEN, ThingKind.COMPLAINT, told.text("complaint"), text=told.text("text")),)
    )


def _promised(told: Told) -> Changes | Mistake:
    due = due_at(told.value("date"), ZoneInfo(told.policy.time_zone))
    if due is None:
        return Mistake("attributes.date", "must be a day as in 2026-05-01, a time with its zone, or seconds since 1970")
    words = (told.text("text") or told.text("order"), told.text("by"))
    return Changes(things=(ThingChange(Turn.OPEN, ThingKind.PROMISE, told.text("order"), due, *words),))


def _broken(told: Told) -> Changes | Mistake:
    order = told.text("order")
    return Changes(things=(ThingChange(Turn.BREAK, ThingKind.PROMISE, order, text=order),))


def _ends(kind: ThingKind, attribute: str) -> Meaning:
    return lambda told: Changes(things=(ThingChange(Turn.END, kind, told.text(attribute)),))


def _consented(told: Told) -> Changes | Mistake:
    channel = told.text("channel")
    if channel not in told.policy.channels:
        hint = did_you_mean(channel, told.policy.channels)
        return Mistake("attributes.channel", f"must be a channel of the policy; {hint}")
    purpose, purposes = told.text("purpose"), _purposes(told)
    if purposes and purpose not in purposes:
        hint = did_you_mean(purpose, purposes)
        return Mistake("attributes.purpose", f"must be a purpose of the policy or the features; {hint}")
    key = f"{channel}:{purpose}"
    return Changes(consents=(ConsentChange(consent_id(key), key, told.value("given") is True),))


def _purposes(told: Told) -> set[str]:
    """What consent may be for: a word that nothing reads would be a withdrawal that nobody obeys."""
    asked = {one.purpose for one in told.policy.contact.consent}
    partners = {one.partner.purpose for one in told.policy.actions if one.partner}
    return asked | partners | {purpose for one in told.schema.features for purpose in one.purpose}


def _answered(told: Told) -> Changes | Mistake:
    asks = {one.id: one.fills for one in told.policy.actions if one.fills}
    fills = asks.get(told.text("ask"))
    if fills is None:
        hint = did_you_mean(told.text("ask"), asks) or "the policy has none"
        return Mistake("attributes.ask", f"must be an ASK that fills a feature; {hint}")
    feature = told.schema.feature(fills)
    try:
        value = kept_value(feature, encode_value(feature, told.value("value")))
    except ValueInvalid as wrong:
        return Mistake("attributes.value", wrong.why)
    return Changes(amounts=(Amount(answer_id(feature), value),))


def _procedure(told: Told) -> Procedure | Mistake:
    known = {one.id: one for one in told.policy.procedures}
    found = known.get(told.text("procedure"))
    hint = did_you_mean(told.text("procedure"), known) or "the policy has none"
    return found or Mistake("attributes.procedure", f"must be a procedure of the policy; {hint}")


def _run(told: Told) -> str:
    return told.text("run") or told.event.session_id


def _of_procedure(changes: Callable[[Procedure, Told], tuple[ThingChange, ...]]) -> Meaning:
    def meaning(told: Told) -> Changes | Mistake:
        procedure = _procedure(told)
        return procedure if isinstance(procedure, Mistake) else Changes(things=changes(procedure, told))

    return meaning


def _of_step(
    changes: Callable[[Procedure, str, ProcedureStep, float], tuple[ThingChange, ...]],
) -> Meaning:
    def meaning(told: Told) -> Changes | Mistake:
        procedure = _procedure(told)
        if isinstance(procedure, Mistake):
            return procedure
        step = procedure.step(told.text("step"))
        if step is None:
            hint = did_you_mean(told.text("step"), [one.id for one in procedure.steps])
            return Mistake("attributes.step", f"must be a step of the procedure; {hint}")
        return Changes(things=changes(procedure, _run(told), step, told.at))

    return meaning


MEANINGS: Mapping[str, Meaning] = {
    types.CASE_OPENED: _opened,
    types.CASE_CLOSED: _ends(ThingKind.CASE, "case"),
    types.DELIVERY_PROMISED: _promised,
    types.DELIVERY_KEPT: _ends(ThingKind.PROMISE, "order"),
    types.DELIVERY_BROKEN: _broken,
    types.PROMISE_SETTLED: _ends(ThingKind.PROMISE, "order"),
    types.COMPLAINT_RAISED: _complained,
    types.COMPLAINT_SETTLED: _ends(ThingKind.COMPLAINT, "complaint"),
    types.CONSENT_CHANGED: _consented,
    types.ASK_ANSWERED: _answered,
    types.PROCEDURE_BEGUN: _of_procedure(lambda one, told: procedure_run.begun(one, _run(told), told.at)),
    types.PROCEDURE_ENDED: _of_procedure(lambda one, told: procedure_run.ended(one, _run(told))),
    types.STEP_STARTED: _of_step(procedure_run.started),
    types.STEP_DONE: _of_step(procedure_run.done),
}
