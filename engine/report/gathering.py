"""Turns a log into the tables of a report, one decision after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.events.event_record import EventRecord
from engine.experiment import month_of
from engine.learning.log_contacts import money_of, succeeds
from engine.past.policies import PoliciesKnown
from engine.past.question import question_of
from engine.record import DecisionRecord, OutcomeRecord
from engine.report.dealt import Dealt
from engine.report.gaps import Gaps
from engine.report.past import Past
from engine.report.rows import DecisionRow, EventRow, OutcomeRow, PickRow, Tables, frame
from engine.resolution import Question
from engine.sink.reading import Joined
from engine.snapshot import Snapshot
from rules.event_types import (
    ASK_ANSWERED,
    INTERNAL,
    PROCEDURE_BEGUN,
    PROCEDURE_ENDED,
    PURCHASE,
    SEARCH,
    STEP_DONE,
    STEP_STARTED,
)
from rules.policy import CONTACT_KINDS, Direction

_OF_PROCEDURES = frozenset({PROCEDURE_BEGUN, PROCEDURE_ENDED, STEP_STARTED, STEP_DONE})
_SUBJECTS = ("product", "subject", "query", "text", "item", "value", "reason")
NOTHING_FOUND = f"{SEARCH} without a result"
"""How an event counts that asks for what there is not."""


class Gathered(NamedTuple):
    """All of a log that a report is made of. `policies` counts decisions by the policy's revision, `unkept` are those
    of which the policy is not known; `steps` are the events of procedures in the order of time; `newest` (s) is until
    when the log tells, `missing` how many of its entries are lost."""

    tables: Tables
    gaps: Gaps
    dealt: Dealt
    policies: Counter[str]
    unkept: tuple[str, ...]
    steps: tuple[EventRecord, ...]
    newest: float
    missing: int = 0


def gather(past: Past, snapshot: Snapshot) -> Gathered:
    """Read the whole past under today's policy. Raises what reading it raises."""
    policies = PoliciesKnown(snapshot.policy.policy, past.kept)
    gatherer = _Gatherer(snapshot.with_schemas(past.schemas), policies, _worth_feature(snapshot))
    for joined in past.decisions:
        gatherer.decision(joined)
    gatherer.events(past.events)
    return gatherer.gathered(past)


def _worth_feature(snapshot: Snapshot) -> str:
    """The feature that tells in money what a customer is worth; "" where there is none."""
    policy = snapshot.policy.policy
    units = {one.name: one.unit for one in snapshot.schema.features}
    named = policy.trend.now if policy.trend else ""
    return named if units.get(named) == policy.currency else ""


@dataclass(slots=True)
class _Gatherer:
    snapshot: Snapshot
    known: PoliciesKnown
    worth: str
    gaps: Gaps = field(default_factory=Gaps)
    dealt: Dealt = field(default_factory=Dealt)
    policies: Counter[str] = field(default_factory=Counter)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    decisions: list[DecisionRow] = field(default_factory=list)
    picks: list[PickRow] = field(default_factory=list)
    outcomes: list[OutcomeRow] = field(default_factory=list)
    happened: list[EventRow] = field(default_factory=list)
    steps: list[EventRecord] = field(default_factory=list)

    def decision(self, joined: Joined) -> None:
        record = joined.record
        question = question_of(self.snapshot, record)
        row = self._row(record, question)
        self.policies[record.policy] += 1
        self.dealt.add(record, self.known)
        self.gaps.add(self.snapshot, record, question, row.customer)
        self.decisions.append(row)
        self._picks(joined, row.decision)
        self.outcomes += (self._outcome(one, record, row.decision) for one in joined.outcomes)

    def events(self, events: Iterable[EventRecord]) -> None:
        for one in events:
            if one.type in _OF_PROCEDURES:
                self.steps.append(one)
            if one.customer:
                self.happened.append(self._event(one))

    def gathered(self, past: Past) -> Gathered:
        tables = Tables(
            frame(list(self.decisions), DecisionRow),
            frame(list(self.picks), PickRow),
            frame(list(self.outcomes), OutcomeRow),
            frame(list(self.happened), EventRow),
            tuple(customer for _, customer in self.numbers),
        )
        steps = tuple(sorted(self.steps, key=lambda one: one.at))
        unkept = tuple(sorted(self.known.missing))
        return Gathered(tables, self.gaps, self.dealt, self.policies, unkept, steps, past.newest, past.missing)

    def _row(self, record: DecisionRecord, question: Question) -> DecisionRow:
        policy = self.snapshot.policy.policy
        channel = policy.channels.get(record.request.channel)
        worth = question.known.values.get(self.worth) if self.worth else None
        return DecisionRow(
            len(self.decisions),
            self._number(record.tenant, record.customer),
            record.now,
            month_of(record.now),
            record.request.channel,
            channel is None or channel.direction is Direction.INBOUND,
            record.tier,
            record.group,
            float(worth) if isinstance(worth, int | float) else None,
        )

    def _number(self, tenant: str, customer: str) -> int:
        return self.numbers.setdefault((tenant, customer), len(self.numbers))

    def _picks(self, joined: Joined, decision: int) -> None:
        for placement in joined.record.placements:
            for pick in placement.picks:
                if pick.action not in joined.lost:
                    contact = pick.kind in CONTACT_KINDS
                    gain, cost = money_of(pick) if pick.factors else (0.0, 0.0)
                    about = self._about(pick.action)
                    self.picks.append(PickRow(decision, pick.action, about, contact, gain, cost if contact else 0.0))

    def _about(self, action: str) -> str:
        """The group of products that an action belongs to."""
        index = self.snapshot.policy.catalogue.index.get(action)
        return "" if index is None else self.snapshot.policy.catalogue.actions[index].group

    def _outcome(self, one: OutcomeRecord, record: DecisionRecord, decision: int) -> OutcomeRow:
        index = self.snapshot.policy.catalogue.index.get(one.action)
        action = None if index is None else self.snapshot.policy.catalogue.actions[index]
        gone = one.type == "ACCEPTED" and not one.offered_instead
        success = gone if action is None else succeeds(one, action, record.now + action.success_within)
        said = (one.reason_code, one.agent, one.team, one.offered_instead)
        return OutcomeRow(
            decision, one.action, one.at, one.type, success, one.revenue or 0.0, one.rating,
            *said,
        )  # fmt: skip

    def _event(self, one: EventRecord) -> EventRow:
        said = one.attributes
        empty = one.type == SEARCH and said.get("results") == 0
        subject = next((str(said[name]) for name in _SUBJECTS if said.get(name) not in (None, "")), "")
        amount = said.get("amount", 0.0) if one.type == PURCHASE else 0.0
        type_ = NOTHING_FOUND if empty else one.type
        return EventRow(
            self._number(one.tenant, one.customer),
            one.at,
            type_,
            float(amount) if isinstance(amount, int | float) else 0.0,
            subject,
            str(said.get("ask", "")) if one.type == ASK_ANSWERED else type_,
            not one.event_id.startswith(INTERNAL) and one.type not in _OF_PROCEDURES,
        )
