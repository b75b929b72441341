"""Several workers of the corner shop over one store in memory, with limits over all customers."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

from engine.decider import Decider, DeciderParts
from engine.decision import Decision, Request, Trace
from engine.ids import CustomerKey
from engine.limits.keeper import LimitKeeper
from engine.memory.rules import Customer
from engine.snapshot import Snapshot
from models.codec import encode
from rules.limits import Limit, LimitKind
from rules.policy import Exploration, Reason, Scope
from tests.engine.company import GOOD, NOW, WatchedStore, changed, corner_shop
from tests.rules.shop import HERE

BETTER = ("film_box", "instalment_loan")
OFFERS = Scope(actions=("upgrade_unlimited",))


def limit(name: str, most: float = 10, kind: LimitKind = LimitKind.VOLUME, **fields: Any) -> Limit:
    """A limit on one offer, by the day unless fields say otherwise."""
    given: dict[str, Any] = {"per": "day", "within": 0.0, "scope": OFFERS, "place": HERE, "reason": Reason()}
    return Limit(id=name, kind=kind, most=most, **(given | fields))


def shop_with(*limits: Limit, **fields: Any) -> Snapshot:
    """Without chance: who may be offered it is."""
    return changed(corner_shop(), limits=tuple(limits), **{"exploration": Exploration(), "control_groups": ()} | fields)


class Workers:
    """`deciders[n]` and `keepers[n]` by worker, `noted` what they counted, `clock` the moment of the next decision."""

    def __init__(self, snapshot: Snapshot, count: int = 1) -> None:
        self.snapshot = snapshot
        self.store = WatchedStore()
        self.noted: Counter[tuple[str, ...]] = Counter()
        self.now = NOW
        self._numbers = itertools.count(1)
        self._customers = itertools.count(1)
        limits = [self.store.limits.of(f"worker-{number}") for number in range(count)]
        self.keepers = [LimitKeeper(one, self._note) for one in limits]
        self.deciders = [Decider(self._parts(keeper)) for keeper in self.keepers]

    def _parts(self, keeper: LimitKeeper) -> DeciderParts:
        parts = (self.store, lambda: self.snapshot, lambda: next(self._numbers), lambda: 0, lambda _: None, 256)
        return DeciderParts(*parts, limits=keeper)

    def _note(self, name: str, labels: tuple[str, ...], amount: float) -> None:
        self.noted[name, *labels] += amount

    def someone(self, **features: Any) -> CustomerKey:
        """A new customer to whom nearly everything may be offered."""
        who = CustomerKey("shop", f"c{next(self._customers)}")
        self.store.customers[who] = Customer(vector=encode(self.snapshot.schema, {**GOOD, **features}, who, NOW - 3600))
        return who

    async def decide(self, worker: int = 0, who: CustomerKey | None = None, **asked: Any) -> Decision:
        """What is worth most by far is on the page already."""
        fields: dict[str, Any] = {"channel": "web", "trace": Trace.FULL, "exclude": BETTER} | asked
        request = Request(customer=who or self.someone(), **fields)
        answer = await self.deciders[worker].decide(request, self.now)
        assert isinstance(answer, Decision), answer
        return answer

    async def refresh(self) -> None:
        for keeper in self.keepers:
            await keeper.refresh(self.snapshot, self.now)

    async def used(self, meter: str) -> int:
        """Units used and held."""
        (found,) = await self.store.limits.standings([meter])
        return sum(found.used.values()) + sum(one.granted - one.spent for one in found.writers.values())


def offered(decision: Decision, action: str = "upgrade_unlimited") -> bool:
    return any(one.action == action for filled in decision.placements for one in filled.actions)


def why_not(decision: Decision, action: str = "upgrade_unlimited") -> tuple[str, str, str]:
    """(stage, rule, code) of what removed it."""
    return next((one.stage, one.rule, one.why.code) for one in decision.dropped if one.action == action)
