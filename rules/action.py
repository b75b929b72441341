"""What may be proposed: actions, and how each is rendered per channel.

Durations are seconds; money is in the policy's currency units; times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from documents.problem import Place
from rules.terms import CONTACT_KINDS, Amount, Kind


class Content(NamedTuple):
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
    `allow_price_by_tier` says why customers of different tiers may see different prices; "" = they may not.
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
    allow_price_by_tier: str = ""
    partner: Partner | None = None
    reject_reasons: tuple[str, ...] = ()
    fills: str | None = None
    treatments: Mapping[str, Treatment] = field(default_factory=dict)

    def treatable(self, channel: str) -> bool:
        """Whether it can be proposed in a channel: with a treatment there, or with none at all if it is no contact."""
        return channel in self.treatments if self.treatments else self.kind not in CONTACT_KINDS
