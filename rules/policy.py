"""The policy as plain values: what the company wrote, checked, before it is compiled to masks.

Durations are seconds (float); money is in the policy's currency units (float); times are seconds
since the epoch. `Expression` keeps CEL source with its place; numbers may stand for expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from documents.problem import Place


class Kind(StrEnum):
    """What an action is; OFFER, MESSAGE and ASK are contacts and enter the contact ledger."""

    OFFER = "OFFER"
    SERVICE_LEVEL = "SERVICE_LEVEL"
    CHANNEL_ROUTE = "CHANNEL_ROUTE"
    MESSAGE = "MESSAGE"
    TOPIC = "TOPIC"
    ASK = "ASK"


CONTACT_KINDS = frozenset({Kind.OFFER, Kind.MESSAGE, Kind.ASK})
SELLING_KINDS = frozenset({Kind.OFFER})


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Stage(StrEnum):
    """The screening stages in the order in which they run."""

    AVAILABILITY = "availability"
    ELIGIBILITY = "eligibility"
    APPLICABILITY = "applicability"
    SUITABILITY = "suitability"
    CONTACT = "contact"
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True)
class Expression:
    """CEL source as it stands in the file, and the place of its first character.

    Lines after the first keep their indentation, so a place within the source is a place in the file.
    """

    source: str
    place: Place

    def at(self, line: int, column: int) -> Place:
        """Where line and column (from 1) of the source stand in the file."""
        shift = self.place.column - 1 if line == 1 else 0
        return Place(self.place.file, self.place.line + line - 1, column + shift)


Amount = float | Expression


@dataclass(frozen=True, slots=True)
class Scope:
    """Which actions something is about: keys are AND-ed, values within a key OR-ed; empty = all."""

    issues: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextField:
    """A typed key of the request's context. `values` only for categories; `default` None = unknown."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    default: float | str | bool | None = None


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
    `public_why` is safe to show to anyone.
    """

    name: str
    when: Expression | None
    weights: Mapping[str, float]
    exploration_limit: float
    public_why: str
    place: Place


@dataclass(frozen=True, slots=True)
class Goal:
    """Something the company wants. `unit_value`: money per unit of the goal."""

    name: str
    unit_value: float


@dataclass(frozen=True, slots=True)
class Content:
    """What is shown or said for one treatment. `{customer.x}`, `{context.x}`, `{action.x}` are filled."""

    title: str = ""
    body: str = ""
    say: str = ""
    if_objected: str = ""
    accept: str = ""
    reject: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Treatment:
    """The rendering of an action for one channel."""

    id: str
    channel: str
    content: Content


@dataclass(frozen=True, slots=True)
class Partner:
    """Whose product it is, and for which purpose the customer's features may be read for it."""

    name: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something that may be proposed. `stable_id` is crc32 of the id, used in the contact ledger.

    `success` is the outcome type that counts as success; `success_within` closes the window.
    `starting` is (propensity, evidence) for young actions, None = the group's rate.
    `fills` names the feature that an ASK fills. `attributes` are the columns conditions may read.
    """

    id: str
    stable_id: int
    kind: Kind
    issue: str
    group: str
    place: Place
    tags: frozenset[str] = frozenset()
    attributes: Mapping[str, float | str | bool] = field(default_factory=dict)
    valid_from: float | None = None
    valid_to: float | None = None
    valid_for: float | None = None
    value: Mapping[str, Amount] = field(default_factory=dict)
    cost: Amount = 0.0
    success: str = "ACCEPTED"
    success_within: float = 14 * 86400.0
    starting: tuple[float, float] | None = None
    mandatory: bool = False
    price_sensitive: bool = False
    partner: Partner | None = None
    reject_reasons: tuple[str, ...] = ()
    fills: str | None = None
    treatments: Mapping[str, Treatment] = field(default_factory=dict)

    def treatable(self, channel: str) -> bool:
        """Whether it can be proposed in a channel: with a treatment there, or with none at all if it is no contact."""
        return channel in self.treatments if self.treatments else self.kind not in CONTACT_KINDS


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, for three audiences; empty text falls back to a plain sentence of the stage."""

    customer: str = ""
    agent: str = ""
    analyst: str = ""


@dataclass(frozen=True, slots=True)
class EngagementRule:
    """A rule of one stage. `allows` True = `allow_when` (unknown or false removes), False = `block_when`."""

    id: str
    stage: Stage
    allows: bool
    when: Expression
    scope: Scope
    reason: Reason
    place: Place


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
    """While `when` holds (or, for a purchase, within a time after it), the scope is not proposed."""

    id: str
    when: Expression | None
    after_outcomes: frozenset[str]
    within: float
    scope: Scope
    reason: Reason
    place: Place


@dataclass(frozen=True, slots=True)
class ContactPolicy:
    caps: tuple[Cap, ...] = ()
    pauses: tuple[PauseRule, ...] = ()
    quiet_hours: tuple[QuietHours, ...] = ()
    consent: tuple[ConsentRule, ...] = ()
    stops: tuple[StopSelling, ...] = ()
    ledger_length: int = 64


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
class Exploration:
    """Share of first places drawn instead of taken. `placements` empty = every placement that may."""

    share: float = 0.0
    placements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """`share` of customers each month. `arm` is random, nothing, propensity_only, no_levers or eligibility_only."""

    id: str
    share: float
    arm: str


@dataclass(frozen=True, slots=True)
class Policy:
    """All that the company wrote. `actions` are sorted by (issue, group, id): the catalogue's order."""

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
