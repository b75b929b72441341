"""Days of the demo company as a log: real decisions over a store in memory, answered by the company's ground truth."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from math import isnan
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from engine.decider import Decider, DeciderParts
from engine.decision import Decision, Request
from engine.demo.company.draws import Column
from engine.demo.company.history import Past, sensible
from engine.demo.company.moments import Moments, draw_moments
from engine.demo.days.aftermath import Day, Met, aftermath
from engine.demo.days.answers import Shown, answers, chances_of, contacts_in, worth_of
from engine.demo.days.project import DemoProject
from engine.event import Event
from engine.events.recording import Events
from engine.feedback import Feedback
from engine.ids import CustomerKey
from engine.memory.store import MemoryStore
from engine.outcome import Outcome
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.report.terms import CHURN, words_of
from engine.sink.files import write_bytes
from engine.sink.layout import POLICIES, SCHEMAS
from engine.sink.log_files import write_log
from engine.sink.log_table import entry_at
from engine.standing import Consent
from engine.store import CustomerWrite, LogEntry
from models.codec import encode
from models.features import FeatureSchema, FeatureType

TENANT = "default"
PARTITIONS = 32
WEEK = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Days:
    """How many days before `now` (s) the company is watched, and how many customers it meets on each."""

    now: float
    days: int
    visits: int


async def write_demo_log(project: DemoProject, folder: Path, days: Days) -> int:
    """Live through the days and write their log, with policy and schema beside it; how many entries it has. The same
    arguments write the same log. Raises OSError."""
    demo = _Demo(project)
    for number in range(days.days):
        await demo.day(days, number)
    await demo.answered(np.inf)
    entries = demo.entries()
    write_log(folder, entries)
    kept = folder / POLICIES / project.text.revision
    write_bytes(kept / POLICY_FILE, project.text.policy)
    write_bytes(kept / FEATURES_FILE, project.text.features)
    schema = project.snapshot.schema
    write_bytes(folder / SCHEMAS / f"{schema.hash.hex()}.json", schema.to_json())
    return len(entries)


class _Demo:
    """The company at work. What customers tell waits until its moment has come."""

    def __init__(self, project: DemoProject) -> None:
        self._project = project
        self._rng = np.random.default_rng(11)
        self._store = MemoryStore(PARTITIONS, "demo")
        self._feedback = Feedback(self._store, lambda: project.snapshot)
        self._events = Events(self._store, lambda: project.snapshot)
        self._waiting: list[tuple[float, int, Outcome | Event]] = []
        self._count = 0
        self._past = Past(len(project.population), len(project.truth.actions))
        self._sensible = sensible(project.truth.sketch, project.population)
        self._contacts: defaultdict[str, list[float]] = defaultdict(list)
        self._left: set[str] = set()
        self._leaving = words_of(project.snapshot.policy.policy, CHURN)
        parts = DeciderParts(
            store=self._store,
            snapshot=lambda: project.snapshot,
            entropy=lambda: int(self._rng.integers(1 << 40)),
            nanos=lambda: 0,
            observe=lambda _: None,
            partitions=PARTITIONS,
        )
        self._decider = Decider(parts)

    async def day(self, days: Days, number: int) -> None:
        """Meet the customers of one day in the order of their hours; who left does not come again."""
        project, zone = self._project, ZoneInfo(self._project.truth.sketch.zone)
        who = self._rng.integers(0, len(project.population), days.visits)
        moments = draw_moments(project.truth.sketch, project.population, who, 100 + number)
        moments = moments.take(np.argsort(moments.hour, kind="stable"))
        midnight = datetime.fromtimestamp(days.now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        at = (midnight - timedelta(days=days.days - number)).timestamp() + 3600.0 * moments.hour
        chances = project.truth.acceptance(moments, self._past.fatigue(moments.who, at)) * self._sensible[moments.who]
        met = []
        for row in np.flatnonzero([project.population.ids[one] not in self._left for one in moments.who]).tolist():
            await self.answered(float(at[row]))
            met.append(await self._meet(moments, row, float(at[row]), chances_of(project.truth.actions, chances[row])))
        day = Day(number, moments, tuple(one for one in met if one is not None))
        for told in aftermath(day, project.truth, project.snapshot.policy.policy):
            self._tell(told)

    async def _meet(self, moments: Moments, row: int, at: float, chances: dict[str, float]) -> Met | None:
        project, place = self._project, int(moments.who[row])
        channel = project.truth.sketch.contacts.channels[int(moments.channel[row])]
        key = CustomerKey(TENANT, project.population.ids[place])
        await self._store.put_customers([self._write(key, place, moments, row, at)])
        context = _cells(moments.context, row)
        decision = await self._decider.decide(Request(key, channel.name, context=context), at)
        if not isinstance(decision, Decision):
            return None
        shown = Shown(decision, at, channel.candour, chances, channel.teams)
        told = list(answers(shown, project.snapshot, self._rng))
        for one in told:
            self._tell(one)
        self._remember(place, told)
        taken = worth_of(decision, project.snapshot, told)
        return Met(row, key, at, decision, taken > 0.0, taken, self._recent(key, at, contacts_in(decision)))

    def _tell(self, told: Outcome | Event) -> None:
        """In its time."""
        self._count += 1
        heapq.heappush(self._waiting, (told.at or 0.0, self._count, told))
        if isinstance(told, Event) and told.type in self._leaving:
            self._left.add(told.customer)

    def _remember(self, who: int, told: Sequence[Outcome]) -> None:
        """What customers have seen and refused tires them."""
        actions = self._project.truth.actions
        known = [one for one in told if one.type == "IMPRESSION" and one.action in actions]
        seen = np.array([actions.index(one.action) for one in known], dtype=np.intp)
        refused = {one.action for one in told if one.type == "REJECTED" and not one.offered_instead}
        said = np.array([one.action in refused for one in known], dtype=np.bool_)
        self._past.remember(np.full(len(seen), who), seen, np.zeros(len(seen), dtype=np.bool_), said)

    def _recent(self, key: CustomerKey, at: float, more: int) -> int:
        """Contacts of the last week, with those of now."""
        kept = [one for one in self._contacts[key.customer] if one > at - WEEK] + [at] * more
        self._contacts[key.customer] = kept
        return len(kept)

    def _write(self, key: CustomerKey, place: int, moments: Moments, row: int, at: float) -> CustomerWrite:
        """What is known of the customer by then."""
        project = self._project
        known = _cells(project.population.columns, place) | _cells(moments.features, row)
        vector = encode(project.snapshot.schema, _typed(known, project.snapshot.schema), key, at)
        given = {name: bool(column[place]) for name, column in project.population.consent.items()}
        return CustomerWrite(key, vector, Consent(given, str(project.population.zones[place])).pack())

    async def answered(self, until: float) -> None:
        """Record what has been told by then (s)."""
        while self._waiting and self._waiting[0][0] <= until:
            at, _, told = heapq.heappop(self._waiting)
            if isinstance(told, Event):
                await self._events.record_events([told], at)
            else:
                await self._feedback.record([told], at)

    def entries(self) -> list[tuple[int, LogEntry]]:
        """The log with the ids that a stream would have given: they never go back."""
        found: list[tuple[int, LogEntry]] = []
        for number, log in self._store.logs.items():
            at = accumulate((int(entry_at(entry) * 1000) for _, entry in log), max)
            ids = (f"{ms}-{place}" for place, ms in enumerate(at))
            found += [(number, replace(entry, stream_id=one)) for one, (_, entry) in zip(ids, log, strict=True)]
        return found


def _cells(columns: Mapping[str, Column], row: int) -> dict[str, Any]:
    """The cells of one row that are not missing."""
    cells = {name: column[row].item() for name, column in columns.items()}
    return {name: value for name, value in cells.items() if not _missing(value)}


def _missing(value: Any) -> bool:
    return value == "" or (isinstance(value, float) and isnan(value))


def _typed(known: Mapping[str, Any], schema: FeatureSchema) -> dict[str, Any]:
    """The values of features as their types have them."""
    types = {one.name: one.type for one in schema.features}
    made: Mapping[FeatureType, Any] = {FeatureType.FLAG: bool, FeatureType.INTEGER: int}
    return {name: made.get(types[name], type(value))(value) for name, value in known.items() if name in types}
