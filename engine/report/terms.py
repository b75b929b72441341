"""What a report is told of the company's own words: what is a referral, a churn, a request, who is an outsourcer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.policy import Policy

DAY = 86_400.0
ACTIVE_DAYS = 30.0
PLANNED = 10_000
REFERRAL, CHURN, REQUEST = "referr", "churn", "request"
"""What the policy's own types of outcomes and events that mean it have in their names."""
_SEPARATORS = "/:"


@dataclass(frozen=True, slots=True)
class Terms:
    """Types of outcomes and of events by what they mean. `retained` are the ids of the customers who are still with
    the company, None = told by what they do: a customer is active who did something in the last `active_days` days of
    the log. `outsourcers` by the prefix of a team's name. Intervals that hold at every look are tightest at `planned`
    customers."""

    referrals: frozenset[str] = frozenset()
    churn: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()
    active_days: float = ACTIVE_DAYS
    retained: frozenset[str] | None = None
    outsourcers: Mapping[str, str] = field(default_factory=dict)
    planned: int = PLANNED

    @staticmethod
    def of(policy: Policy) -> Terms:
        """As the policy's own words have it."""
        return Terms(words_of(policy, REFERRAL), words_of(policy, CHURN), words_of(policy, REQUEST))

    def outsourcer(self, team: str) -> str:
        """Whom a team works for: by a declared prefix, else what stands before a slash or colon in its name, else
        ""."""
        for prefix, name in self.outsourcers.items():
            if team.startswith(prefix):
                return name
        cut = min((team.find(mark) for mark in _SEPARATORS if mark in team), default=-1)
        return team[:cut] if cut > 0 else ""


def words_of(policy: Policy, word: str) -> frozenset[str]:
    """The policy's own types of outcomes and events whose names have a word in them."""
    return frozenset(name for name in (*policy.outcomes, *policy.events) if word in name.lower())
