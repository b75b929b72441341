"""Logs made up for reports: records of decisions with known chances, by group, without deciding them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.events.event_record import EventRecord
from engine.experiment import control_group
from engine.ids import CustomerKey
from engine.record import (
    FORMAT,
    DecisionRecord,
    OutcomeRecord,
    PlacementRecord,
    RemovalRecord,
    RequestRecord,
    ScoredRecord,
    StateRecord,
)
from engine.report.gathering import gather
from engine.report.past import Past
from engine.report.report import Report, counted
from engine.report.terms import Terms
from engine.sink.reading import Joined
from engine.slate import SlateAction
from engine.snapshot import Snapshot
from rules.experiments import ControlGroup
from rules.ledger import stable_id
from tests.engine.company import DAY, NOW, changed, corner_shop

OFFER = "upgrade_unlimited"
GROUPS = (ControlGroup("by_chance", 0.2, "random"), ControlGroup("left_alone", 0.1, "nothing"))
NO_SCORES = ScoredRecord(*(b"" for _ in range(10)))
SAID: dict[str, Any] = {
    "format": FORMAT, "tenant": "shop", "channel": "web", "action": OFFER, "revenue": None, "rating": None,
    "reason_code": "", "agent": "", "team": "", "offered_instead": "",
}  # fmt: skip


def shop(groups: tuple[ControlGroup, ...] = GROUPS, **fields: Any) -> Snapshot:
    return changed(corner_shop(), control_groups=groups, revision="r1", **fields)


def pick(action: str = OFFER, gain: float = 100.0, cost: float = 1.0) -> SlateAction:
    factors = (0.1, 0.0, gain, cost, 0.0, 1.0, 1.0, 0.0, 9.0)
    return SlateAction(action, "OFFER", "", "", None, factors, None)


@dataclass
class Log:
    """Decisions, outcomes and events one after the other."""

    snapshot: Snapshot = field(default_factory=shop)
    decisions: list[Joined] = field(default_factory=list)
    events: list[EventRecord] = field(default_factory=list)

    def decide(self, customer: str, now: float = NOW, picks: Iterable[SlateAction] = (), **fields: Any) -> str:
        """A decision; the group is the policy's unless it is told. Returns its id."""
        policy = self.snapshot.policy.policy
        due = control_group(policy.control_groups, policy.salt, CustomerKey("shop", customer), now)
        said = {"group": due.id if due else "", "tier": "transactional", "channel": "web", "removals": ()} | fields
        name = f"d{len(self.decisions)}"
        request = RequestRecord(said["channel"], "", {}, "", "", (), 0, "", "", (), "CUSTOMER")
        placed = PlacementRecord("banner", "", b"", tuple(picks), 0.0, 0.0, 1.0, None, None, "")
        state = StateRecord(said.get("vector"), None, None, None, None, None)
        record = DecisionRecord(
            FORMAT, name, "shop", customer, now, 1, request, state, "r1", "", "", "", said["tier"], said["group"], (),
            (placed,), said["removals"], said.get("scored", NO_SCORES), (),
        )  # fmt: skip
        self.decisions.append(Joined(record, ()))
        return name

    def tell(self, decision: str, type_: str, at: float | None = None, **fields: Any) -> None:
        index = int(decision[1:])
        joined = self.decisions[index]
        when = joined.record.now + 60.0 if at is None else at
        names = {"outcome_id": f"{decision}:{len(joined.outcomes)}", "decision_id": decision, "type": type_}
        told = SAID | names | {"customer": joined.record.customer, "at": when, "received_at": when} | fields
        self.decisions[index] = Joined(joined.record, (*joined.outcomes, OutcomeRecord(**told)))

    def happen(self, customer: str, type_: str, at: float, **attributes: Any) -> None:
        name = f"e{len(self.events)}"
        told = EventRecord(1, name, type_, "shop", customer, "", "", at, at, attributes)
        self.events.append(told)

    def report(self, terms: Terms | None = None) -> Report:
        newest = max((one.record.now for one in self.decisions), default=NOW)
        past = Past(iter(self.decisions), iter(self.events), newest, {self.snapshot.schema.hash: self.snapshot.schema})
        return counted(gather(past, self.snapshot), self.snapshot, terms or Terms())


def unknown(rule: str, *actions: str) -> RemovalRecord:
    ids = b"".join(stable_id(one).to_bytes(4, "little") for one in actions)
    return RemovalRecord("eligibility", rule, "UNKNOWN_FACT", ids)


def accepted(log: Log, customers: int, chance: Callable[[str], float], days: float = 30.0, seed: int = 1) -> Log:
    """Everyone is met once, somewhen within so many days, and accepts with the chance of their group."""
    draw = random.Random(seed)
    for number in range(customers):
        name = log.decide(f"c{number}", NOW + days * DAY * number / customers, picks=[pick()])
        group = log.decisions[-1].record.group
        if draw.random() < chance(group):
            log.tell(name, "ACCEPTED", revenue=50.0)
    return log


def numbers(found: Report) -> Iterator[tuple[str, float, float]]:
    """Group, successes, contacts."""
    for one in found.groups:
        yield one.id, one.sums["successes"], one.sums["contacts"]
