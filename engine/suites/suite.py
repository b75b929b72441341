"""A suite as plain values: who is met, how, what happens, and what is expected. Times and durations are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from documents.problem import Place
from engine.decision import Value
from engine.suites.expectation import Expectation


@dataclass(frozen=True, slots=True)
class PastContact:
    """A contact `ago` before the case begins, and its outcome, "" for none, `outcome_ago`."""

    ago: float
    channel: str
    action: str
    outcome: str
    reason: str
    outcome_ago: float
    place: Place


@dataclass(frozen=True, slots=True)
class Customer:
    """Someone to meet. `features` by name, None = not known; None altogether = none are stored. `consent` by
    "<channel>:<purpose>", None = no record; `personalised` False = opted out, None = nothing was said."""

    id: str
    features: Mapping[str, Value | None] | None = None
    consent: Mapping[str, bool] | None = None
    time_zone: str = ""
    history: tuple[PastContact, ...] = ()
    personalised: bool | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a limit over all customers, and the price that pacing asks, in money."""

    left: float
    price: float


@dataclass(frozen=True, slots=True)
class Meeting:
    """How a customer is met. `follows` is the name of an earlier decision of the case, PREVIOUS for the last one, ""
    for none. `away`: the store does not answer. `free` places by queue, and what is `left` by limit, are brought about
    before the decision; what is not said stays as it is."""

    channel: str
    intent: str = ""
    context: Mapping[str, Value] = field(default_factory=dict)
    locale: str = ""
    placements: tuple[str, ...] = ()
    max_actions: int = 0
    exclude: tuple[str, ...] = ()
    follows: str = ""
    away: bool = False
    free: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, Left] = field(default_factory=dict)


PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Decide:
    """A decision, remembered under `name` where it has one."""

    meeting: Meeting
    expectations: tuple[Expectation, ...]
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Tell:
    """An outcome of the decision named `of`, PREVIOUS for the last one; `action` "" where it proposed only one."""

    outcome: str
    action: str
    reason: str
    of: str
    place: Place
    rating: float | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float
    place: Place


@dataclass(frozen=True, slots=True)
class Change:
    """What is known of the customer from now on: the whole of it, merged already."""

    customer: Customer
    place: Place


@dataclass(frozen=True, slots=True)
class Happen:
    """An event `ago` seconds before the step, about the customer, or about `action` or `queue` where one is named. It
    starts exactly these triggers; None = whatever it starts."""

    event: str
    attributes: Mapping[str, Value]
    action: str
    queue: str
    ago: float
    place: Place
    starts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Resolve:
    """The open alerts of a kind are resolved."""

    kind: str
    place: Place


@dataclass(frozen=True, slots=True)
class Push:
    """What events started is sent over a channel: exactly these actions, in any order; None = whatever it is."""

    channel: str
    sends: tuple[str, ...] | None
    place: Place


Step = Decide | Tell | Wait | Change | Happen | Resolve | Push


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `group` is the comparison group that the customer is put into, "" for none; `stopped` are actions."""

    name: str
    place: Place
    now: float
    customer: Customer
    steps: tuple[Step, ...]
    stopped: tuple[str, ...] = ()
    explore: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one file."""

    file: str
    title: str
    cases: tuple[Case, ...]
