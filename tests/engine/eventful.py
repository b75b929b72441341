"""The corner shop with features that events make, procedures, live facts, and what else events are about, for tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from documents.problem import Place
from engine.alerts.alerts import Alerts
from engine.counts import Counts
from engine.event import Event
from engine.events.recording import Events
from engine.events.settling import Settling
from engine.events.sweep import Sweep
from engine.outcome import Verdict
from engine.procedures.beginning import Beginning
from engine.snapshot import Snapshot, facts_of, snapshot_of
from models.features import Aggregate, EventSource, Feature, FeatureSchema, FeatureType
from rules.alert_kinds import BROKEN_PROMISE
from rules.compiled import compile_policy
from rules.event_types import EventAttribute, EventType
from rules.facts import NUMBER
from rules.policy import ContextField, Exploration, Expression, Kind, Reason, Scope, StopSelling
from rules.procedure import Procedure, ProcedureStep
from tests.engine.company import ANNA, DAY, NOW, Company, corner_shop

HERE = Place("policy.yaml", 1, 1)
WEEK = 7 * DAY
NUMBER_TYPE = FeatureType.NUMBER


def made_of(
    name: str, event: str, aggregate: Aggregate, half_life: float = 0.0, of: str = "", **fields: Any
) -> Feature:
    said = {"name": name, "type": NUMBER_TYPE, "source": EventSource(event, aggregate, half_life, of)}
    return Feature(**(said | fields))


FEATURES = (
    made_of("pages_7d", "page_view", Aggregate.DECAYED_COUNT, WEEK, default=0.0),
    made_of("spent_30d", "purchase", Aggregate.DECAYED_SUM, 30 * DAY, "amount"),
    made_of("last_paid", "purchase", Aggregate.LAST, of="amount"),
    made_of("app_os", "app_open", Aggregate.LAST, of="os", type=FeatureType.CATEGORY, values=("ios", "android")),
    made_of("idle_seconds", "app_open", Aggregate.AGE),
    made_of("cases", "case_opened", Aggregate.OPEN, type=FeatureType.INTEGER, default=0.0),
    made_of("late_orders", "delivery_promised", Aggregate.OVERDUE, type=FeatureType.INTEGER, default=0.0),
    made_of("mood", "call", Aggregate.LAST, of="mood", logged=False),
)
STEPS = (
    ProcedureStep("greet", "Ask what is wrong", 120.0, "front"),
    ProcedureStep("measure", "Measure the line", 300.0, "technics"),
    ProcedureStep("report", "Tell what was found", 0.0, "front"),
)
LINE_DOWN = Procedure("line_down", ("billing",), (), "Olga", STEPS, HERE)
STOP = StopSelling("broken", None, frozenset(), 0.0, Scope(kinds=(Kind.OFFER,)), Reason(), HERE, broken_promise=True)
CHURN = EventType("churn_signal", "", {"score": EventAttribute("score", NUMBER, required=True)})


def cel(source: str) -> Expression:
    return Expression(source, HERE)


def stopping(when: str) -> StopSelling:
    """A stop of all offers while a condition holds."""
    return StopSelling("test_stop", cel(when), frozenset(), 0.0, Scope(kinds=(Kind.OFFER,)), Reason(), HERE)


@lru_cache
def eventful(when: str = "") -> Snapshot:
    """The shop; `when` is a condition under which nothing is sold."""
    shop = corner_shop()
    schema = FeatureSchema((*shop.schema.features, *FEATURES))
    policy = shop.policy.policy
    stops = (*policy.contact.stops, STOP, *([stopping(when)] if when else []))
    attributes = {**policy.attributes, "stock": ContextField("stock", NUMBER, (), 1.0, live=True, stale_after=3600.0)}
    changed = replace(
        policy,
        contact=replace(policy.contact, stops=stops),
        attributes=attributes,
        exploration=Exploration(),
        control_groups=(),
        procedures=(LINE_DOWN,),
        events={"churn_signal": CHURN},
        alerts={BROKEN_PROMISE: "Bea", "": "Ole"},
    )
    problems: list[object] = []
    compiled = compile_policy(changed, facts_of(schema), lambda *problem: problems.append(problem))
    assert compiled is not None, problems
    return snapshot_of(compiled, schema, None)


class EventfulCompany(Company):
    """A company that takes events in, and looks for what fell due when the test says so."""

    def __init__(self, snapshot: Snapshot, channel: str = "web") -> None:
        super().__init__(snapshot, channel)
        self.events = Events(self.store, lambda: self.snapshot)
        self.counts = Counts()
        settling = Settling(self.events, self.store, lambda: self.snapshot)
        self.alerts = Alerts(self.store.alerts, self.counts, settling.resolved)
        self.sweep = Sweep(self.store, self.alerts, self.events, lambda: self.snapshot)
        self.beginning = Beginning(self.events, lambda: NOW)
        self._numbers: Iterator[int] = itertools.count(1)

    async def happens(self, type_: str, at: float = NOW, now: float | None = None, **said: Any) -> Verdict:
        """An event about Anna, unless `customer`, `action` or `queue` says otherwise."""
        about = {key: said.pop(key) for key in ("customer", "action", "queue", "session_id") if key in said}
        about = {"customer": ANNA.customer, **about} if not about.keys() & {"action", "queue"} else about
        name = said.pop("event_id", f"e{next(self._numbers)}")
        event = Event(name, type_, ANNA.tenant, at=at, attributes=said, **about)
        (verdict,) = await self.events.record_events([event], at if now is None else now)
        return verdict

    async def open_alerts(self) -> list[tuple[str, str, str]]:
        """(kind, to, text) of the open alerts."""
        return [(one.kind, one.to, one.text) for one in await self.alerts.newest(resolved=False, most=10)]
