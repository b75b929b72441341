"""All tables of a batch of entries: the log as it is, and from it what people query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec
import polars as pl

from engine.events.event_record import unpack_event
from engine.ids import CustomerKey
from engine.live import schemas_of
from engine.past.question import profile_of
from engine.profile import know_all
from engine.record import unpack_decision, unpack_outcome
from engine.sink.actions import ActionsKnown
from engine.sink.decision_tables import CANDIDATES_SCHEMA, DECISIONS_SCHEMA, Told, candidate_rows, decision_row
from engine.sink.layout import CANDIDATES, DECISIONS, EVENTS, LOG, OUTCOMES, PUSHES
from engine.sink.log_files import Entries
from engine.sink.log_table import log_frame
from engine.sink.pseudonyms import Pseudonyms
from engine.sink.told_tables import EVENTS_SCHEMA, OUTCOMES_SCHEMA, PUSHES_SCHEMA, EventRows, outcome_row, push_row
from engine.snapshot import Snapshot
from engine.store import LogEntry
from engine.triggers.message import unpack_push
from models.features import FeatureType

FORMAT = 1
"""Of the tables that people query; in each row."""
FEATURE = "feature_"
"""Before the name of a column that holds a feature as the decision read it."""
_AT_ONCE = 128
T = TypeVar("T")
_TYPES: Mapping[FeatureType, Any] = {FeatureType.CATEGORY: pl.String, FeatureType.FLAG: pl.Boolean}


@dataclass(frozen=True, slots=True)
class Tables:
    """Makes tables. Features come as `snapshot` reads the logged fields, those only that may stand in tables."""

    snapshot: Snapshot
    names: Pseudonyms
    actions: ActionsKnown

    def reading(self, schemas: Mapping[str, bytes]) -> Tables:
        """The same, able to read vectors of these schemas (hash in hex: JSON)."""
        if all(bytes.fromhex(name) in self.snapshot.readings for name in schemas):
            return self
        return replace(self, snapshot=self.snapshot.with_schemas(schemas_of(schemas)))

    async def frames(self, entries: Entries, voided: frozenset[str]) -> dict[str, pl.DataFrame]:
        """By table its rows; tables without rows are left out. An entry whose body cannot be read stands in the log
        only. Raises StoreUnavailable while a policy of the past is looked up."""
        decisions = await self._decisions(entries, voided)
        frames = {LOG: log_frame(entries, voided), DECISIONS: self._decision_frame(decisions)}
        frames[CANDIDATES] = pl.concat(self._candidate_frames(decisions))
        outcomes = [
            outcome_row(entry, record, self.names, FORMAT)
            for entry, record in _readable(entries, "outcome", unpack_outcome)
        ]
        frames[OUTCOMES] = pl.DataFrame(outcomes, schema=OUTCOMES_SCHEMA, orient="row")
        rows = EventRows(self.names, self.snapshot.schema)
        events = [rows.row(entry, record, FORMAT) for entry, record in _readable(entries, "event", unpack_event)]
        frames[EVENTS] = pl.DataFrame(events, schema=EVENTS_SCHEMA, orient="row")
        pushes = [
            push_row(entry, record, self.names, FORMAT) for entry, record in _readable(entries, "push", unpack_push)
        ]
        frames[PUSHES] = pl.DataFrame(pushes, schema=PUSHES_SCHEMA, orient="row")
        return {table: frame for table, frame in frames.items() if frame.height}

    async def _decisions(self, entries: Entries, voided: frozenset[str]) -> list[Told]:
        found = []
        for entry, record in _readable(entries, "decision", unpack_decision):
            await self.actions.learn(record.policy)
            name = self.names.customer(entry.tenant, entry.customer)
            found.append(Told(entry, record, name, entry.id in voided))
        return found

    def _decision_frame(self, decisions: list[Told]) -> pl.DataFrame:
        told = [one for one in self.snapshot.schema.features if one.in_tables]
        schema = {FEATURE + one.name: _TYPES.get(one.type, pl.Float64) for one in told}
        rows = []
        for decision in decisions:
            values = self._values(decision) if told else {}
            rows.append((*decision_row(decision, FORMAT), *(values.get(one.name) for one in told)))
        return pl.DataFrame(rows, schema=DECISIONS_SCHEMA | schema, orient="row")

    def _candidate_frames(self, decisions: list[Told]) -> list[pl.DataFrame]:
        """Some decisions at a time: a batch has a million candidates, too many for Python to hold."""
        frames = [pl.DataFrame(schema=CANDIDATES_SCHEMA)]
        for first in range(0, len(decisions), _AT_ONCE):
            some = decisions[first : first + _AT_ONCE]
            rows = [row for told in some for row in candidate_rows(told, self.actions, FORMAT)]
            frames.append(pl.DataFrame(rows, schema=CANDIDATES_SCHEMA, orient="row"))
        return frames

    def _values(self, decision: Told) -> Mapping[str, Any]:
        record = decision.record
        key = CustomerKey(record.tenant, record.customer)
        return know_all(self.snapshot, key, profile_of(record.state), record.now).values


def _readable(entries: Entries, kind: str, unpack: Callable[[bytes], T]) -> list[tuple[LogEntry, T]]:
    found = []
    for _, entry in entries:
        if entry.kind == kind:
            try:
                found.append((entry, unpack(entry.body)))
            except msgspec.MsgspecError:
                continue
    return found
