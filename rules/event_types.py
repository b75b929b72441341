"""The kinds of events that may be told: the standard ones, and those that a policy declares beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

TEXT, ANY = "text", "any"
"""Types of attributes beside number, integer, flag and category: any text, and any value."""


class About(StrEnum):
    """What an event is about."""

    CUSTOMER = "customer"
    ACTION = "action"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class EventAttribute:
    """Something that is told about an event. `values` only of categories; not `logged`: left out of the log."""

    name: str
    type: str
    required: bool = False
    values: tuple[str, ...] = ()
    logged: bool = True
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event; attributes that it does not have are refused."""

    name: str
    meaning: str = ""
    attributes: Mapping[str, EventAttribute] = field(default_factory=dict)
    about: About = About.CUSTOMER


def _attribute(written: str, meaning: str) -> EventAttribute:
    """From `name type`, with an exclamation mark where it is required."""
    name, _, type_ = written.partition(" ")
    return EventAttribute(name, type_.rstrip("!"), type_.endswith("!"), meaning=meaning)


def _type(name: str, meaning: str, about: About = About.CUSTOMER, /, **attributes: str) -> EventType:
    """Each attribute as `type: meaning`."""
    found = [_attribute(f"{key} {said.split(': ', 1)[0]}", said.split(": ", 1)[1]) for key, said in attributes.items()]
    return EventType(name, meaning, {one.name: one for one in found}, about)


PAGE_VIEW, SEARCH, BASKET, APP_OPEN = "page_view", "search", "basket", "app_open"
CALL, PURCHASE = "call", "purchase"
CASE_OPENED, CASE_CLOSED = "case_opened", "case_closed"
DELIVERY_PROMISED, DELIVERY_KEPT, DELIVERY_BROKEN = "delivery_promised", "delivery_kept", "delivery_broken"
PROMISE_SETTLED = "promise_settled"
COMPLAINT_RAISED, COMPLAINT_SETTLED = "complaint_raised", "complaint_settled"
CONSENT_CHANGED, ASK_ANSWERED = "consent_changed", "ask_answered"
PROCEDURE_BEGUN, PROCEDURE_ENDED = "procedure_begun", "procedure_ended"
STEP_STARTED, STEP_DONE = "step_started", "step_done"
ACTION_FACTS, QUEUE_CAPACITY = "action_facts", "queue_capacity"

_RUN = "text: the run of the procedure, as the decision named it; by default the event's session"
_STEP = {
    "procedure": "text!: its id in the policy",
    "step": "text!: the step's id",
    "run": _RUN,
    "team": "text: who does it; by default the team that the policy names",
    "agent": "text: who did it",
}
_CASE = "text!: the case's id in the system that keeps it"
_ORDER = "text!: what was promised: an order, an appointment"

STANDARD: Mapping[str, EventType] = {
    one.name: one
    for one in (
        _type(PAGE_VIEW, "A page was looked at.", page="text: which one", product="text: what it shows",
              seconds="number: for how long"),
        _type(SEARCH, "Something was searched for.", query="text: what was typed",
              results="number: how many were found"),
        _type(BASKET, "The basket changed.", amount="number: what it is worth now", items="number: how many it holds",
              product="text: what was added or removed", change="text: added, removed or abandoned"),
        _type(APP_OPEN, "The app was opened.", screen="text: where it began"),
        _type(CALL, "A call came in, or ended.", reason="text: why, as the caller chose", queue="text: where it waited",
              waited="number: s until it was answered", seconds="number: how long it lasted"),
        _type(PURCHASE, "Something was bought.", amount="number!: what was paid, in the policy's currency",
              order="text: the order's id", product="text: what it was", items="number: how many"),
        _type(CASE_OPENED, "A case was opened.", case=_CASE, subject="text: what it is about, one line"),
        _type(CASE_CLOSED, "A case was closed.", case=_CASE),
        _type(DELIVERY_PROMISED, "A delivery was promised for a date; a later one for the same order replaces it.",
              order=_ORDER, date="any!: 2026-05-01 (the whole day), a time with its zone, or seconds since 1970",
              text="text: what was promised, one line", by="text: who promised it"),
        _type(DELIVERY_KEPT, "A promised delivery came, in time or not.", order=_ORDER),
        _type(DELIVERY_BROKEN, "It is known that a promised delivery will not come in time.", order=_ORDER,
              reason="text: why"),
        _type(PROMISE_SETTLED, "A broken promise was put right.", order=_ORDER, note="text: how"),
        _type(COMPLAINT_RAISED, "A customer complained; outcomes that somebody is told of say so themselves.",
              complaint="text!: the complaint's id where it is kept", text="text: what it is about, one line"),
        _type(COMPLAINT_SETTLED, "A complaint was put right.", complaint="text!: its id", note="text: how"),
        _type(CONSENT_CHANGED, "Consent was given or withdrawn.", channel="text!: a channel of the policy",
              purpose="text!: what it is for", given="flag!: true = given, false = withdrawn"),
        _type(ASK_ANSWERED, "An ASK was answered: the answer fills its feature.", ask="text!: the ASK's id",
              value="any!: the answer, of the feature's type"),
        _type(PROCEDURE_BEGUN, "A standard procedure began; decisions that carry one say so themselves.",
              procedure=_STEP["procedure"], run=_RUN),
        _type(PROCEDURE_ENDED, "A procedure ended: steps that are not done are no longer waited for.",
              procedure=_STEP["procedure"], run=_RUN),
        _type(STEP_STARTED, "A step was begun: its time counts from now.", **_STEP),
        _type(STEP_DONE, "A step was done: the next one begins.", **_STEP),
        _type(ACTION_FACTS, "Live facts of an action; its attributes are those that the policy declares live.",
              About.ACTION),
        _type(QUEUE_CAPACITY, "How many more a queue can take now.", About.QUEUE,
              free="number!: free places", waiting="number: how many wait"),
    )
}  # fmt: skip
INTERNAL = "!"
"""What ids of events begin with that Befit enters itself; touchpoints may not use it."""
