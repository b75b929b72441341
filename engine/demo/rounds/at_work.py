"""The company at its counters: asks the engine for each customer who turns up, and tells it what came of the answer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from documents.problem import BefitError
from engine.decider import Decider, DeciderParts
from engine.decision import Decision, RankedAction, Request
from engine.demo.company.draws import Column, Flags, Floats, Indexes
from engine.demo.company.truth import Truth
from engine.demo.rounds.meetings import Meetings, draw_meetings
from engine.feedback import Feedback
from engine.ids import DEFAULT_PARTITIONS, CustomerKey
from engine.memory.store import MemoryStore
from engine.outcome import Disposition, Outcome
from engine.sink.log_files import write_log
from engine.snapshot import Snapshot
from engine.standing import Consent
from engine.store import CustomerWrite, LogEntry
from models.codec import encode
from rules.policy import CONTACT_KINDS, Direction

TENANT = "default"
_ANSWERED_AFTER = 60.0


class EngineRefused(BefitError):
    """The engine did not take a question or an outcome of the company's."""


@dataclass(frozen=True, slots=True)
class Realised:
    """What the answers to n meetings were worth, shape (n,): `value` the true expected money of all that was proposed,
    sum of gain x true probability of success - cost. `drawn`: what was proposed came by a draw; `empty`: nothing was
    proposed."""

    value: Floats
    drawn: Flags
    empty: Flags


class AtWork:
    """A company over a store in memory. `snapshot` decides, and may be replaced at any time between two meetings."""

    def __init__(self, snapshot: Snapshot, truth: Truth) -> None:
        self.snapshot = snapshot
        self._truth = truth
        self._places = {action: place for place, action in enumerate(truth.actions)}
        self._store = MemoryStore(DEFAULT_PARTITIONS)
        self._written: dict[int, str] = {}
        numbers = itertools.count(1)
        parts = DeciderParts(
            store=self._store,
            snapshot=lambda: self.snapshot,
            entropy=lambda: next(numbers),
            nanos=lambda: 0,
            observe=lambda _: None,
            partitions=DEFAULT_PARTITIONS,
        )
        self._decider = Decider(parts)
        self._feedback = Feedback(self._store, lambda: self.snapshot)

    def expects(self, who: Indexes, first: date, seed: int) -> Meetings:
        """The customers with these rows who turn up in inbound channels in a week from the day `first` on."""
        channels = self.snapshot.policy.policy.channels.values()
        inbound = [one.name for one in channels if one.direction is Direction.INBOUND]
        return draw_meetings(self._truth, inbound, who, first, seed)

    async def meet(self, meetings: Meetings) -> Realised:
        """Decide for each, and tell what they answered. Raises EngineRefused."""
        n = len(meetings)
        found = Realised(np.zeros(n), np.zeros(n, dtype=np.bool_), np.ones(n, dtype=np.bool_))
        for row in range(n):
            decision = await self._ask(meetings, row)
            for one in _contacts(decision):
                place = self._places[one.action]
                found.value[row] += one.factors.gain * meetings.acceptance[row, place] - one.factors.cost
                found.drawn[row] |= one.explored
                found.empty[row] = False
            await self._tell(meetings, row, decision)
        return found

    async def write_log(self, out: Path) -> None:
        """Add what happened since the last time to the log in a folder. Raises OSError."""
        fresh: list[tuple[int, LogEntry]] = []
        for partition in range(DEFAULT_PARTITIONS):
            async for entry in self._store.read_log(partition, self._written.get(partition, "0")):
                fresh.append((partition, entry))
                self._written[partition] = entry.stream_id
        write_log(out, fresh)

    async def _ask(self, meetings: Meetings, row: int) -> Decision:
        moments, at = meetings.moments, float(meetings.at[row])
        who = int(moments.who[row])
        stranger = bool(meetings.strangers[row])
        key = CustomerKey(TENANT, f"{'v-' if stranger else ''}{self._truth.population.ids[who]}")
        if not stranger:
            await self._store.put_customers([self._known(meetings, row, key)])
        channel = self._truth.sketch.channels[int(moments.channel[row])]
        answer = await self._decider.decide(Request(key, channel, context=_row(moments.context, row)), at)
        if not isinstance(answer, Decision):
            raise EngineRefused(f"a question in {channel} was refused: {answer.sentence()}")
        return answer

    def _known(self, meetings: Meetings, row: int, key: CustomerKey) -> CustomerWrite:
        """The customer as known at the meeting; what events would have told by then is written with the rest."""
        population, who = self._truth.population, int(meetings.moments.who[row])
        values = _row(population.columns, who) | _row(meetings.moments.features, row)
        consent = {name: bool(given[who]) for name, given in population.consent.items()}
        vector = encode(self.snapshot.schema, values, key, float(meetings.at[row]))
        return CustomerWrite(key, vector, Consent(consent, str(population.zones[who])).pack())

    async def _tell(self, meetings: Meetings, row: int, decision: Decision) -> None:
        outcomes = list(self._answers(meetings, row, decision))
        at = float(meetings.at[row]) + _ANSWERED_AFTER
        for verdict in await self._feedback.record(outcomes, at):
            if verdict.disposition is not Disposition.ACCEPTED:
                raise EngineRefused(f"an outcome was {verdict.disposition}: {verdict.field} {verdict.reason}")

    def _answers(self, meetings: Meetings, row: int, decision: Decision) -> Iterator[Outcome]:
        """That each proposal was seen, and whether it was taken, refused, or passed over."""
        actions = self.snapshot.policy.catalogue
        for one in _contacts(decision):
            place = self._places[one.action]
            silent = "REJECTED" if meetings.refuses[row, place] else "NO_RESPONSE"
            success = actions.actions[actions.index[one.action]].success
            for type_ in ("IMPRESSION", success if meetings.accepts[row, place] else silent):
                name = f"{decision.decision_id}:{one.action}:{type_}"
                yield Outcome(name, decision.decision_id, one.action, type_, float(meetings.at[row]))


def _contacts(decision: Decision) -> Iterator[RankedAction]:
    """Offers, messages and asks that were proposed."""
    for placement in decision.placements:
        yield from (one for one in placement.actions if one.kind in CONTACT_KINDS)


def _row(columns: Mapping[str, Column], row: int) -> dict[str, Any]:
    """What is known in a row; NaN and "" are not."""
    return {name: column[row].item() for name, column in columns.items() if not _missing(column[row])}


def _missing(value: Any) -> bool:
    return value == "" if isinstance(value, str) else bool(np.isnan(value))
