"""The contact policy as plain values: caps, cool-downs, pauses, quiet hours, consent, stops. Durations are seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from documents.problem import Place
from rules.terms import Direction, Expression, Reason, Scope


class CountedTogether(StrEnum):
    """What contacts a cap adds up: each action by itself, all of a group, of an issue, or of the scope."""

    ACTION = "action"
    GROUP = "group"
    ISSUE = "issue"
    SCOPE = "scope"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` contacts within a window, per customer.

    `calendar` is "" for a rolling window of `within` seconds, else day, week or month in the
    customer's zone. `channels` empty = all. `counts` is DECISION or IMPRESSION; a claim that no
    impression confirms is released after `release_after` seconds (IMPRESSION only).
    """

    id: str
    limit: int
    within: float
    calendar: str
    scope: Scope
    per: CountedTogether
    channels: tuple[str, ...]
    directions: frozenset[Direction]
    counts: str
    release_after: float
    place: Place


@dataclass(frozen=True, slots=True)
class CoolDown:
    """For `duration` seconds after a contact of the scope `begun_by`, made over `begun_over` in `begun_in`, no contact
    of `scope` is made over `channels` in `directions`. Channels empty = all."""

    id: str
    duration: float
    begun_by: Scope
    begun_over: tuple[str, ...]
    begun_in: frozenset[Direction]
    scope: Scope
    channels: tuple[str, ...]
    directions: frozenset[Direction]
    place: Place


@dataclass(frozen=True, slots=True)
class PauseRule:
    """After `times` outcomes within `window` seconds, what is `paused` rests for `duration` seconds.

    `paused` is action, group, issue, scope or an attribute name (all actions that share its value).
    """

    id: str
    outcomes: frozenset[str]
    reason_codes: frozenset[str]
    times: int
    window: float
    paused: str
    duration: float
    scope: Scope
    place: Place


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Outbound contacts of `channels` (empty = all) wait between `start` and `end`, minutes of the local day."""

    start: int
    end: int
    channels: tuple[str, ...]
    applies_inbound: bool


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """Contacts of the scope over these channels need the customer's consent "<channel>:<purpose>"."""

    channels: tuple[str, ...]
    purpose: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class StopSelling:
    """While `when` holds, for a time after an outcome, while a promise to the customer is broken, or while a
    complaint is open, the scope is not proposed."""

    id: str
    when: Expression | None
    after_outcomes: frozenset[str]
    within: float
    scope: Scope
    reason: Reason
    place: Place
    broken_promise: bool = False
    open_complaint: bool = False


@dataclass(frozen=True, slots=True)
class ContactPolicy:
    caps: tuple[Cap, ...] = ()
    pauses: tuple[PauseRule, ...] = ()
    quiet_hours: tuple[QuietHours, ...] = ()
    consent: tuple[ConsentRule, ...] = ()
    stops: tuple[StopSelling, ...] = ()
    ledger_length: int = 64
    cool_downs: tuple[CoolDown, ...] = ()
