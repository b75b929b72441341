"""A company at work in one process, for tests: the corner shop (or the telco pack) over a store in memory."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.decider import Answer, Decider, DeciderParts, Explain, Observation
from engine.decision import Decision, Filled, RankedAction, Request
from engine.demo.pack import pack_folder
from engine.feedback import Feedback
from engine.ids import CustomerKey
from engine.memory.rules import Customer
from engine.memory.store import MemoryStore
from engine.outcome import Outcome, Verdict
from engine.snapshot import Snapshot, facts_of, snapshot_of
from engine.standing import Consent
from engine.store import CommitRequest, CommitResult, Profile, StoredSlate, StoreUnavailable
from models.codec import encode
from models.feature_file import load_features
from rules.compiled import compile_policy
from rules.ledger import Contact, short_id, stable_id
from rules.policy_file import load_policy

POLICIES = Path(__file__).parents[1] / "rules" / "policies"
NOW = 1_790_244_000.0
"""Thursday, 24 September 2026, 12:00 in Berlin."""
DAY = 86_400.0
ANNA = CustomerKey("shop", "anna")
GOOD: Mapping[str, Any] = {
    "age": 40,
    "tenure_months": 30,
    "value_12m": 950.0,
    "value_prior_12m": 950.0,
    "orders_12m": 5,
    "open_complaints": 0,
    "data_used_share": 0.95,
}
"""Features of a customer to whom nearly everything may be offered."""


@lru_cache
def corner_shop() -> Snapshot:
    schema = load_features(POLICIES / "features.yaml")
    return snapshot_of(load_policy(POLICIES / "corner_shop.yaml", facts_of(schema)), schema, None)


@lru_cache
def telco() -> Snapshot:
    schema = load_features(pack_folder("telco") / "features.yaml")
    return snapshot_of(load_policy(pack_folder("telco") / "policy.yaml", facts_of(schema)), schema, None)


def changed(snapshot: Snapshot, **fields: Any) -> Snapshot:
    """The same company with other fields of its policy, compiled anew."""
    problems: list[object] = []
    policy = replace(snapshot.policy.policy, **fields)
    compiled = compile_policy(policy, facts_of(snapshot.schema), lambda *problem: problems.append(problem))
    assert compiled is not None, problems
    return snapshot_of(compiled, snapshot.schema, snapshot.expectation.bundle)


def with_actions(snapshot: Snapshot, **edits: Mapping[str, Any]) -> Snapshot:
    """The same company with fields of some actions changed, by action id."""
    actions = tuple(replace(one, **edits.get(one.id, {})) for one in snapshot.policy.policy.actions)
    return changed(snapshot, actions=actions)


def placement(snapshot: Snapshot, channel: str, name: str, **fields: Any) -> Snapshot:
    """The same company with one placement changed."""
    channels = dict(snapshot.policy.policy.channels)
    placements = dict(channels[channel].placements)
    placements[name] = replace(placements[name], **fields)
    channels[channel] = replace(channels[channel], placements=placements)
    return changed(snapshot, channels=channels)


def contact(action: str, at: float, channel: str = "web", **fields: Any) -> Contact:
    said = {"decision": 1, "direction": int(channel == "push"), **fields}
    return Contact(at=at, action=stable_id(action), channel=short_id(channel), **said)


class WatchedStore(MemoryStore):
    """Counts round trips by method; calls in `failing` fail, and `meanwhile` happens once, before a commit."""

    def __init__(self) -> None:
        super().__init__()
        self.trips: list[str] = []
        self.failing: set[str] = set()
        self.meanwhile: Callable[[CommitRequest], Awaitable[object]] | None = None
        self.commits: list[CommitRequest] = []

    async def read_profile(self, customer: CustomerKey, request_id: str) -> Profile:
        self._trip("read_profile")
        return await super().read_profile(customer, request_id)

    async def commit(self, request: CommitRequest) -> CommitResult:
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await happens(request)
        self.commits.append(request)
        self._trip("commit")
        return await super().commit(request)

    async def void(self, customer: CustomerKey, decision_id: str) -> None:
        self._trip("void")
        await super().void(customer, decision_id)

    async def read_slate(self, decision_id: str) -> StoredSlate | None:
        self._trip("read_slate")
        return await super().read_slate(decision_id)

    def _trip(self, method: str) -> None:
        self.trips.append(method)
        if method in self.failing:
            raise StoreUnavailable("timeout")

    async def contacted(self, customer: CustomerKey, *contacts: Contact) -> None:
        """Another decision contacts the customer."""
        held = self.customers.setdefault(customer, Customer())
        held.contacts = sorted([*(held.contacts or []), *contacts], key=lambda one: one.at)


class Company:
    """A decider and a feedback over one store, with a customer Anna of whom all is well."""

    def __init__(self, snapshot: Snapshot, channel: str = "web", explain: Explain | None = None) -> None:
        self.snapshot, self.channel = snapshot, channel
        self.store = WatchedStore()
        self.seen: list[Observation] = []
        numbers = itertools.count(1)
        parts = DeciderParts(
            store=self.store,
            snapshot=lambda: self.snapshot,
            entropy=lambda: next(numbers),
            nanos=lambda: 0,
            observe=self.seen.append,
            partitions=256,
            explain=explain,
        )
        self.decider = Decider(parts)
        self.feedback = Feedback(self.store, lambda: self.snapshot)
        self.know(ANNA, GOOD)

    def know(
        self, who: CustomerKey, features: Mapping[str, Any] | None = None, consent: Mapping[str, bool] | None = None
    ) -> None:
        """Load a customer; contacts stay as they are."""
        held = self.store.customers.setdefault(who, Customer())
        if features is not None:
            held.vector = encode(self.snapshot.schema, features, who, NOW - 3600)
        if consent is not None:
            held.consent = Consent(consent).pack()

    async def ask(self, now: float = NOW, **fields: Any) -> Answer:
        return await self.decider.decide(Request(**({"customer": ANNA, "channel": self.channel} | fields)), now)

    async def decide(self, now: float = NOW, **fields: Any) -> Decision:
        answer = await self.ask(now, **fields)
        assert isinstance(answer, Decision), answer
        return answer

    async def tell(self, decision: Decision, type_: str, action: str = "", now: float = NOW, **fields: Any) -> Verdict:
        """What became of an outcome of this decision."""
        given = {"outcome_id": f"{decision.decision_id}:{type_}:{action}", "at": now} | fields
        outcome = Outcome(decision_id=decision.decision_id, action=action, type=type_, **given)
        return (await self.feedback.record([outcome], now))[0]


def filled(decision: Decision, name: str) -> Filled:
    return next(one for one in decision.placements if one.placement == name)


def names(decision: Decision, name: str) -> list[str]:
    """The actions of a placement by rank."""
    return [one.action for one in filled(decision, name).actions]


def first(decision: Decision, name: str) -> RankedAction:
    return filled(decision, name).actions[0]


def proposed(decision: Decision) -> list[str]:
    return [one.action for found in decision.placements for one in found.actions]
