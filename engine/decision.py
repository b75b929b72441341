"""A request for a decision and the decision itself, as plain values: no wire types, no storage.

What a decision is made of is made anew for each: such values are structs, five times as quick to make as named tuples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import msgspec

from engine.explaining.told import Contribution, Counterfactual
from engine.ids import CustomerKey
from engine.procedures.procedure import CarriedProcedure
from rules.policy import Content, Kind

Value = float | str | bool


class Cause(StrEnum):
    """Why a placement is as it is, when it is not simply the best actions."""

    NONE = ""
    BEST_IS_NOTHING = "BEST_IS_NOTHING"
    NONE_ALLOWED = "NONE_ALLOWED"
    FALLBACK = "FALLBACK"
    CAP_LOST = "CAP_LOST"
    CONTROL_GROUP = "CONTROL_GROUP"
    NOTHING_DRAWN = "NOTHING_DRAWN"


class Degraded(StrEnum):
    """What the decision had to do without."""

    UNKNOWN_CUSTOMER = "UNKNOWN_CUSTOMER"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    FEATURES_MISSING = "FEATURES_MISSING"
    FEATURES_OF_ANOTHER = "FEATURES_OF_ANOTHER"
    SCHEMA_UNKNOWN = "SCHEMA_UNKNOWN"
    MODEL_MISSING = "MODEL_MISSING"
    CONDITION_ERROR = "CONDITION_ERROR"
    COMMIT_UNKNOWN = "COMMIT_UNKNOWN"
    STATE_UNREADABLE = "STATE_UNREADABLE"
    DECISION_FAILED = "DECISION_FAILED"
    PERSONALISATION_OFF = "PERSONALISATION_OFF"


class Trace(StrEnum):
    NONE = "NONE"
    REASONS = "REASONS"
    FULL = "FULL"


class Audience(StrEnum):
    CUSTOMER = "CUSTOMER"
    AGENT = "AGENT"
    ANALYST = "ANALYST"


@dataclass(frozen=True, slots=True)
class Request:
    """One validated question. `placements` empty = all of the channel; `max_actions` 0 = the policy's counts."""

    customer: CustomerKey
    channel: str
    intent: str = ""
    context: Mapping[str, Value] = field(default_factory=dict)
    session_id: str = ""
    locale: str = ""
    placements: tuple[str, ...] = ()
    max_actions: int = 0
    request_id: str = ""
    follows: str = ""
    exclude: tuple[str, ...] = ()
    view: bool = False
    dry_run: bool = False
    trace: Trace = Trace.REASONS
    audience: Audience = Audience.AGENT


class Factors(msgspec.Struct, frozen=True):
    """The parts of a priority: C x L x (P - B) x G - K + H - S. Money in the policy's currency."""

    propensity: float
    baseline: float
    gain: float
    cost: float
    long_term: float
    context_weight: float
    lever: float
    scarcity: float
    priority: float


class Why(NamedTuple):
    """One reason: stable code, sentence for the request's audience."""

    code: str
    sentence: str


class RankedAction(msgspec.Struct, frozen=True):
    """One proposed action. `probability` of being chosen, None below the first rank. `valid_until` s or None.
    `why` is the code of the reason for which it stands here; `honoured` = an earlier offer that still stands.
    `counterfactual` and `contributions` only in a full trace."""

    rank: int
    action: str
    kind: Kind
    issue: str
    group: str
    treatment: str
    content: Content
    reject_reasons: tuple[str, ...]
    valid_until: float | None
    factors: Factors
    probability: float | None
    why: str = ""
    explored: bool = False
    honoured: bool = False
    reasons: tuple[Why, ...] = ()
    counterfactual: Counterfactual | None = None
    contributions: tuple[Contribution, ...] = ()


class Filled(msgspec.Struct, frozen=True):
    """One placement's answer. `send_at`, `expires_at` (s) and `blocked_by` only for outbound channels; without actions
    `send_at` is when a cool-down is over and asking again may help."""

    placement: str
    actions: tuple[RankedAction, ...]
    cause: Cause = Cause.NONE
    send_at: float | None = None
    expires_at: float | None = None
    blocked_by: str = ""


class Dropped(NamedTuple):
    """A candidate that was not proposed: where it was removed, by which rule, why; `factors` where it was scored.
    `observed` and `required` are texts for analysts; `counterfactual` is None where it was not looked for."""

    action: str
    stage: str
    rule: str
    why: Why
    factors: Factors | None = None
    observed: str = ""
    required: str = ""
    counterfactual: Counterfactual | None = None


@dataclass(frozen=True, slots=True)
class RecentContact:
    at: float
    action: str
    channel: str
    outcome: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that is not closed, opened at `at` (s)."""

    case: str
    subject: str
    at: float


@dataclass(frozen=True, slots=True)
class OpenPromise:
    """Something promised and not kept yet, due at `due` (s). `broken`: its time is over, or it is known to fail."""

    order: str
    text: str
    due: float | None
    by: str
    broken: bool


@dataclass(frozen=True, slots=True)
class CustomerView:
    """What an agent sees of the customer beside the decision (bounded to the last 10 contacts).

    `open_offers` are (action, valid until), `pauses` (action, until, the rule that made it rest).
    """

    recent: tuple[RecentContact, ...]
    open_offers: tuple[tuple[str, float], ...]
    features: Mapping[str, Value]
    pauses: tuple[tuple[str, float, str], ...] = ()
    cases: tuple[OpenCase, ...] = ()
    promises: tuple[OpenPromise, ...] = ()


class Decision(msgspec.Struct, frozen=True):
    """The answer. `decision_id` is "" for a dry run. Times in seconds, `server_micros` in microseconds."""

    decision_id: str
    placements: tuple[Filled, ...]
    tier: str
    tier_why: str
    policy_revision: str
    model_revision: str
    degraded: tuple[Degraded, ...] = ()
    features_age_seconds: float | None = None
    server_micros: int = 0
    experiment_group: str = ""
    dropped: tuple[Dropped, ...] = ()
    view: CustomerView | None = None
    repeated: bool = False
    procedure: CarriedProcedure | None = None
