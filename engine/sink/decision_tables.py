"""The tables `decisions/` and `candidates/`: what was asked and answered, and what became of every action."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import orjson
import polars as pl

from engine.decision import Factors
from engine.record import DecisionRecord, PlacementRecord
from engine.sink.actions import ActionSaid, ActionsKnown
from engine.sink.reading import lost_contacts
from engine.slate import SlateAction
from engine.store import LogEntry
from rules.ledger import stable_id

MOMENT = pl.Datetime("us", "UTC")
PROPOSED, ARBITRATION = "proposed", "arbitration"
DECISIONS_SCHEMA: dict[str, Any] = {
    "format": pl.Int32,
    "decision_id": pl.String,
    "stream_id": pl.String,
    "at": MOMENT,
    "tenant": pl.String,
    "customer": pl.String,
    "channel": pl.String,
    "intent": pl.String,
    "context": pl.String,
    "locale": pl.String,
    "tier": pl.String,
    "experiment_group": pl.String,
    "policy": pl.String,
    "bundle": pl.String,
    "counts": pl.String,
    "attempt": pl.Int32,
    "degraded": pl.List(pl.String),
    "proposed": pl.Int32,
    "removed": pl.Int32,
    "microseconds": pl.Int64,
    "voided": pl.Boolean,
}
CANDIDATES_SCHEMA: dict[str, Any] = {
    "format": pl.Int32,
    "decision_id": pl.String,
    "stream_id": pl.String,
    "at": MOMENT,
    "tenant": pl.String,
    "customer": pl.String,
    "channel": pl.String,
    "tier": pl.String,
    "action": pl.String,
    "kind": pl.String,
    "issue": pl.String,
    "group": pl.String,
    "stage": pl.String,
    "rule": pl.String,
    "code": pl.String,
    "placement": pl.String,
    "rank": pl.Int32,
    "allowed": pl.Boolean,
    "probability": pl.Float64,
    "estimable": pl.Float64,
    "explored": pl.Boolean,
    "honoured": pl.Boolean,
    "lost": pl.Boolean,
    **dict.fromkeys(Factors.__struct_fields__, pl.Float64),
    "voided": pl.Boolean,
}
_NO_FACTORS = (None,) * len(Factors.__struct_fields__)


class Told(NamedTuple):
    """A logged decision about to become rows: `customer` its pseudonym, `at` in microseconds."""

    entry: LogEntry
    record: DecisionRecord
    customer: str
    voided: bool

    @property
    def at(self) -> int:
        return round(self.record.now * 1e6)


class _Fate(NamedTuple):
    """What became of an action that was not picked."""

    stage: str
    rule: str
    code: str


def decision_row(told: Told, form: int) -> tuple[Any, ...]:
    """The row of a decision in the order of DECISIONS_SCHEMA."""
    record, said = told.record, told.record.request
    removed = sum(len(one.actions) // 4 for one in record.removals)
    name = (form, record.decision_id, told.entry.stream_id, told.at, told.entry.tenant, told.customer)
    asked = (said.channel, said.intent, orjson.dumps(dict(said.context)).decode(), said.locale)
    by = (record.tier, record.group, record.policy, record.bundle, record.counts, record.attempt)
    proposed = sum(len(one.picks) for one in record.placements)
    took = sum(spent for _, spent in record.timings)
    return (*name, *asked, *by, list(record.degraded), proposed, removed, took, told.voided)


def candidate_rows(told: Told, known: ActionsKnown, form: int) -> Iterator[tuple[Any, ...]]:
    """One row for every action that was proposed, and one for each that was not, in the order of CANDIDATES_SCHEMA."""
    record = told.record
    name = (form, record.decision_id, told.entry.stream_id, told.at, told.entry.tenant, told.customer)
    head = (*name, record.request.channel, record.tier)
    lost = lost_contacts(record, told.entry.dropped)
    picked = set()
    for placement in record.placements:
        for rank, pick in enumerate(placement.picks, start=1):
            picked.add(stable_id(pick.action))
            said = known.of(record.policy, stable_id(pick.action))
            about = (pick.action, pick.kind, said.issue, said.group, PROPOSED, "", pick.why)
            chosen = (*_chosen(placement, pick, rank), pick.action in lost)
            yield (*head, *about, *chosen, *pick.factors, told.voided)
    yield from ((*head, *row, told.voided) for row in _not_picked(record, picked, known))


def _chosen(placement: PlacementRecord, pick: SlateAction, rank: int) -> tuple[Any, ...]:
    allowed = stable_id(pick.action) in set(_ids(placement.allowed))
    probability, estimable = (placement.probability, placement.estimable) if rank == 1 else (None, None)
    return placement.placement, rank, allowed, probability, estimable, pick.explored, pick.honoured


def _not_picked(record: DecisionRecord, picked: set[int], known: ActionsKnown) -> Iterator[tuple[Any, ...]]:
    factors, fates = _factors(record), _fates(record)
    where = {one: place.placement for place in reversed(record.placements) for one in _ids(place.allowed)}
    for stable in {**fates, **factors}:
        if stable not in picked:
            said: ActionSaid = known.of(record.policy, stable)
            fate = fates.get(stable, _Fate(ARBITRATION, "", ""))
            place = (where.get(stable, ""), None, stable in where, None, None, False, False, False)
            yield (*said, *fate, *place, *factors.get(stable, _NO_FACTORS))


def _fates(record: DecisionRecord) -> dict[int, _Fate]:
    """By action the first removal that took it."""
    found: dict[int, _Fate] = {}
    for removal in record.removals:
        for stable in _ids(removal.actions):
            found.setdefault(stable, _Fate(removal.stage, removal.rule, removal.code))
    return found


def _factors(record: DecisionRecord) -> dict[int, tuple[float, ...]]:
    scored = record.scored
    propensity, gain, cost, context_weight, lever, priority = (
        np.frombuffer(one, dtype="<f8").tolist()
        for one in (
            scored.propensity, scored.gain, scored.cost, scored.context_weight, scored.lever, scored.priority,
        )
    )  # fmt: skip
    scarcity = np.frombuffer(scored.scarcity, dtype="<f8").tolist() or [0.0] * len(gain)
    return {
        stable: (
            propensity[row], 0.0, gain[row], cost[row], 0.0, context_weight[row], lever[row], scarcity[row],
            priority[row],
        )
        for row, stable in enumerate(_ids(scored.actions))
    }  # fmt: skip


def _ids(packed: bytes) -> list[int]:
    found: list[int] = np.frombuffer(packed, dtype="<u4").tolist()
    return found
