"""Writes a log as the files that pdstools reads, one Parquet file for each kind of report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from engine.interchange.pega import decision_rows, impact, interactions
from engine.interchange.pega.exposures import Exposure, exposures
from engine.interchange.pega.model_rows import model_frame, snapshot_times
from engine.interchange.pega.predictors import active_predictors, predictor_frame
from engine.interchange.pega.responses import ResponsesGathered
from engine.learning.log_rows import LogRows
from engine.learning.log_source import newest_in
from engine.past.policies import PoliciesKnown, kept_beside
from engine.past.question import question_of
from engine.sink.files import write_table
from engine.sink.pseudonyms import Pseudonyms
from engine.sink.reading import Joined, decisions_with_outcomes, read_schemas
from engine.snapshot import Snapshot

INTERACTIONS, MODELS, PREDICTORS = "interaction_history.parquet", "model_snapshots.parquet", "predictor_binning.parquet"
DECISIONS, IMPACT = "decision_analyzer.parquet", "impact_analyzer.parquet"
_AT_ONCE = 2000
"""Decisions whose rows are held as Python's."""


@dataclass(frozen=True, slots=True)
class Span:
    """Decisions made in since <= now < until (s); None = no bound."""

    since: float | None = None
    until: float | None = None


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: rows by file; decisions read; `missing` are revisions of policies that were not kept."""

    rows: Mapping[str, int]
    decisions: int
    missing: tuple[str, ...]


def export_log(log: Path, out: Path, snapshot: Snapshot, names: Pseudonyms, span: Span = ALWAYS) -> Exported:
    """Write the files for the decisions of a span. `snapshot` is the project's, which reads logged features and stands
    for policies that are not kept beside the log; customers stand under `names`.

    Raises LogMissing, LogTooNew, LogDamaged, OSError.
    """
    schemas = {schema.hash: schema for schema in read_schemas(log).values()}
    gathered = _Gathered(snapshot.with_schemas(schemas), names, PoliciesKnown(snapshot.policy.policy, kept_beside(log)))
    newest = newest_in(log)
    for joined in decisions_with_outcomes(log, span.since, span.until):
        gathered.add(joined, newest)
    frames = gathered.frames()
    for name, frame in frames.items():
        write_table(out / name, frame)
    rows = {name: frame.height for name, frame in frames.items()}
    return Exported(rows, gathered.decisions, tuple(sorted(gathered.policies.missing)))


class _Rows:
    """Rows of one table, turned into frames some at a time."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._rows: list[tuple[Any, ...]] = []
        self._frames = [pl.DataFrame(schema=schema)]

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows.extend(rows)

    def settle(self) -> None:
        self._frames.append(pl.DataFrame(self._rows, schema=self._schema, orient="row"))
        self._rows = []

    def frame(self) -> pl.DataFrame:
        self.settle()
        return pl.concat(self._frames)


class _Gathered:
    """What is known of the decisions that were read so far."""

    def __init__(self, snapshot: Snapshot, names: Pseudonyms, policies: PoliciesKnown) -> None:
        self.decisions = 0
        self.policies = policies
        self._snapshot, self._names = snapshot, names
        self._inputs = LogRows(snapshot)
        self._candidates = _Rows(decision_rows.SCHEMA)
        self._interactions = _Rows(interactions.SCHEMA)
        self._responses = ResponsesGathered(self._inputs.inputs)
        self._shown = _Rows(impact.SHOWN)

    def add(self, joined: Joined, newest: float) -> None:
        record = joined.record
        known = self.policies.of(record.policy)
        subject = self._names.customer(record.tenant, record.customer)
        self._candidates.add(decision_rows.decision_rows(joined, known, subject))
        shown = list(exposures(joined, known, newest))
        for one in shown:
            self._interactions.add(interactions.interaction_rows(one, subject))
        self._learn(joined, shown)
        self._shown.add(impact.shown_row(one) for one in shown if impact.is_compared(one))
        self.decisions += 1
        if self.decisions % _AT_ONCE == 0:
            for table in (self._candidates, self._interactions, self._shown):
                table.settle()

    def _learn(self, joined: Joined, shown: list[Exposure]) -> None:
        closed = [one for one in shown if one.closed]
        if closed:
            values = self._inputs.row(question_of(self._snapshot, joined.record))
            for one in closed:
                self._responses.add(one, values)

    def frames(self) -> dict[str, pl.DataFrame]:
        """By file its rows."""
        responses = self._responses.responses()
        times = snapshot_times(responses)
        predictors = predictor_frame(responses, times[-1] if times else 0.0)
        return {
            INTERACTIONS: self._interactions.frame(),
            MODELS: model_frame(responses, active_predictors(predictors)),
            PREDICTORS: predictors,
            DECISIONS: self._candidates.frame(),
            IMPACT: impact.impact_frame(self._shown.frame()),
        }
