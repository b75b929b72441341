"""Limits over all customers as plain values: how many, how much money, or how much free capacity, and for whom.

Amounts are contacts of a volume, the policy's currency of a budget, free places of a capacity. Durations are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from documents.problem import Place
from rules.terms import Amount, Reason, Scope

COST = "cost"
"""`spends: cost`: a budget pays what the contact costs."""


class LimitKind(StrEnum):
    """What is limited: how often something is proposed, what that costs, or how much of a queue is free."""

    VOLUME = "volume"
    BUDGET = "budget"
    CAPACITY = "capacity"


class CountedApart(StrEnum):
    """What has a limit of its own: the whole scope together, or each of its actions, groups, issues or channels."""

    SCOPE = "scope"
    ACTION = "action"
    GROUP = "group"
    ISSUE = "issue"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Pacing:
    """That a limit is to last for its whole interval. `by_hour`: the expected demand of the 24 hours of a day in the
    company's zone, relative to each other; empty = the same in all."""

    by_hour: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` within an interval, over all customers.

    `per` is hour, day, week or month in the company's zone, or "" for a rolling window of `within` seconds. `spends`
    is money per contact, COST for what the contact costs; of a volume and a capacity each contact takes 1. `queue`
    names the queue whose free capacity limits, as far as it was posted within `fresh_for` seconds; without such a post
    nothing is free, unless `open_when_unknown`. `floors` by tier: the share of the limit that must stay free for
    others when a customer of that tier takes from it. `channels` empty = all.
    """

    id: str
    kind: LimitKind
    most: float
    per: str
    within: float
    scope: Scope
    place: Place
    reason: Reason
    each: CountedApart = CountedApart.SCOPE
    channels: tuple[str, ...] = ()
    spends: Amount | str = 1.0
    queue: str = ""
    fresh_for: float = 0.0
    open_when_unknown: bool = False
    floors: Mapping[str, float] | None = None
    pacing: Pacing | None = None

    def floor(self, tier: str) -> float:
        """The share, in [0, 1), that a customer of this tier must leave free."""
        return 0.0 if self.floors is None else self.floors.get(tier, 0.0)
