"""Whether customers are in the comparison groups that the policy dealt them, under which each decision was made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from engine.experiment import control_group, month_of
from engine.ids import CustomerKey
from engine.past.policies import PoliciesKnown
from engine.record import DecisionRecord
from rules.policy import Policy

BEFIT = ""
"""The group of all who are in no comparison group."""


@dataclass(slots=True)
class Dealt:
    """Customers and months, each by its first decision, of which the policy is known: how many are in which group,
    how many are expected there by the shares, and how many are not in the group that the policy deals them. `arms` say
    what each group did differently, by the newest policy that had it."""

    found: Counter[str] = field(default_factory=Counter)
    expected: dict[str, float] = field(default_factory=dict)
    otherwise: int = 0
    arms: dict[str, str] = field(default_factory=dict)
    seen: set[tuple[CustomerKey, str]] = field(default_factory=set)
    told: dict[str, float] = field(default_factory=dict)

    def add(self, record: DecisionRecord, policies: PoliciesKnown) -> None:
        """Take one decision up."""
        known = policies.find(record.policy)
        customer = CustomerKey(record.tenant, record.customer)
        mark = customer, month_of(record.now)
        if known is None:
            self.seen.add(mark)
            return
        self._arms(known.policy, record.now)
        if mark not in self.seen:
            self.seen.add(mark)
            self._count(known.policy, customer, record)

    def share(self, group: str) -> float:
        """The share of customers and months that a group was to have, over all policies."""
        return self.expected.get(group, 0.0) / max(1, self.checked)

    @property
    def checked(self) -> int:
        return self.found.total()

    def _count(self, policy: Policy, customer: CustomerKey, record: DecisionRecord) -> None:
        due = control_group(policy.control_groups, policy.salt, customer, record.now)
        self.otherwise += record.group != (due.id if due else BEFIT)
        self.found[record.group] += 1
        shares = {one.id: one.share for one in policy.control_groups}
        for group, share in {BEFIT: 1.0 - sum(shares.values()), **shares}.items():
            self.expected[group] = self.expected.get(group, 0.0) + share

    def _arms(self, policy: Policy, now: float) -> None:
        for one in policy.control_groups:
            if now >= self.told.get(one.id, now):
                self.told[one.id] = now
                self.arms[one.id] = one.arm
