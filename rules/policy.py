"""The policy as plain values: what the company wrote, checked, before it is compiled to masks.

Durations are seconds (float); money is in the policy's currency units (float); times are seconds
since the epoch. `Expression` keeps CEL source with its place; numbers may stand for expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from documents.problem import Place
from rules.action import Action, Content, Partner, Treatment
from rules.approval import ALONE, Approval
from rules.contact_policy import (
    Cap,
    ConsentRule,
    ContactPolicy,
    CoolDown,
    CountedTogether,
    PauseRule,
    QuietHours,
    StopSelling,
)
from rules.duty import NO_DUTY, Duty
from rules.event_types import EventType
from rules.experiments import ControlGroup, Exploration
from rules.influencer import Influencer
from rules.limits import Limit
from rules.procedure import Procedure
from rules.table import DecisionTable
from rules.terms import (
    CONTACT_KINDS,
    SELLING_KINDS,
    Amount,
    ContextField,
    Direction,
    Expression,
    Kind,
    Reason,
    Scope,
    Stage,
)
from rules.trigger import Trigger

__all__ = [
    "CONTACT_KINDS",
    "SELLING_KINDS",
    "Action",
    "Amount",
    "Cap",
    "Channel",
    "ConsentRule",
    "ContactPolicy",
    "Content",
    "ContextField",
    "ContextWeight",
    "ControlGroup",
    "CoolDown",
    "CountedTogether",
    "DecisionTable",
    "Direction",
    "EngagementRule",
    "Exploration",
    "Expression",
    "Goal",
    "Influencer",
    "Kind",
    "Levers",
    "Limit",
    "Partner",
    "PauseRule",
    "Placement",
    "Policy",
    "QuietHours",
    "Reason",
    "Scope",
    "Stage",
    "StopSelling",
    "Threshold",
    "Tier",
    "Treatment",
    "ValueTrend",
]


@dataclass(frozen=True, slots=True)
class Placement:
    """A slot of a channel. `fallback` is an action id; `compare_money` lets unmodelled kinds compete."""

    name: str
    kinds: frozenset[Kind]
    count: int
    fallback: str | None
    allow_nothing: bool
    compare_money: bool


@dataclass(frozen=True, slots=True)
class Channel:
    name: str
    direction: Direction
    placements: Mapping[str, Placement]
    place: Place


@dataclass(frozen=True, slots=True)
class ValueTrend:
    """How `tier.direction` is told: ratio of two features; above `rising` or below `losing`, else steady."""

    now: str
    before: str
    rising: float
    losing: float


@dataclass(frozen=True, slots=True)
class Tier:
    """A rank of customers; the first whose `when` holds wins; the last has no `when`.

    `weights` maps goal to weight. `exploration_limit` caps the share of exploration for this tier.
    `public_why` is safe to show to anyone. Whoever held the tier, or one above it, does not fall below it while
    `keep_when` holds.
    """

    name: str
    when: Expression | None
    weights: Mapping[str, float]
    exploration_limit: float
    public_why: str
    place: Place
    keep_when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """Something the company wants. `unit_value`: money per unit of the goal."""

    name: str
    unit_value: float


@dataclass(frozen=True, slots=True)
class EngagementRule:
    """A rule of one stage. `allows` True = `allow_when` (unknown or false removes), False = `block_when`. Why it may
    read the channel stands in `channel_specific`, why a protected fact in `protected_use`; "" = it may not."""

    id: str
    stage: Stage
    allows: bool
    when: Expression
    scope: Scope
    reason: Reason
    place: Place
    channel_specific: str = ""
    protected_use: str = ""


@dataclass(frozen=True, slots=True)
class Levers:
    """Manual boosts in percent by action, issue, group: L = 1 + (a + i + g) / 100, never below 0."""

    actions: Mapping[str, float] = field(default_factory=dict)
    issues: Mapping[str, float] = field(default_factory=dict)
    groups: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContextWeight:
    """Adds `add` percent to the context weight of the scope's actions while `when` holds."""

    id: str
    when: Expression
    add: float
    scope: Scope
    place: Place


@dataclass(frozen=True, slots=True)
class Threshold:
    """Least propensity and priority for a scope; the more specific (more keys) wins."""

    min_propensity: float | None
    min_priority: float | None
    scope: Scope
    channels: tuple[str, ...]
    directions: frozenset[Direction]


@dataclass(frozen=True, slots=True)
class Policy:
    """All that the company wrote. `actions` are sorted by (issue, group, id): the catalogue's order. Nobody falls out
    of a tier within `min_stay` seconds of coming into it. `alerts` names by kind who is told, under "" who is told of
    the rest. `language` is the one that its texts are written in, "" where it does not say."""

    revision: str
    company: str
    currency: str
    time_zone: str
    vocabulary: Mapping[str, str]
    channels: Mapping[str, Channel]
    intents: tuple[str, ...]
    context: Mapping[str, ContextField]
    trend: ValueTrend | None
    tiers: tuple[Tier, ...]
    goals: Mapping[str, Goal]
    attributes: Mapping[str, ContextField]
    outcomes: tuple[str, ...]
    actions: tuple[Action, ...]
    rules: tuple[EngagementRule, ...]
    contact: ContactPolicy
    levers: Levers
    context_weights: tuple[ContextWeight, ...]
    thresholds: tuple[Threshold, ...]
    exploration: Exploration
    control_groups: tuple[ControlGroup, ...]
    salt: str
    tables: tuple[DecisionTable, ...] = ()
    influencers: tuple[Influencer, ...] = ()
    limits: tuple[Limit, ...] = ()
    min_stay: float = 0.0
    approval: Approval = ALONE
    events: Mapping[str, EventType] = field(default_factory=dict)
    alerts: Mapping[str, str] = field(default_factory=dict)
    duty: Duty = NO_DUTY
    triggers: tuple[Trigger, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    language: str = ""
