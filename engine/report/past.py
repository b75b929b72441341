"""What a report is made of: decisions with their outcomes, and events, out of the sink's files or a running store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.events.event_record import EventRecord, unpack_event
from engine.ids import decided_ms
from engine.learning.log_source import newest_in
from engine.live import schemas_of
from engine.past.policies import Kept, kept_beside
from engine.procedures.reading import SKEW
from engine.record import unpack_outcome
from engine.revisions.kept import ProjectText, RevisionDamaged
from engine.sink.damage import unpacked
from engine.sink.gaps import missing_between
from engine.sink.log_table import entry_at
from engine.sink.reading import Joined, decisions_with_outcomes, joined, read_entries, read_schemas
from engine.store import LogEntry, Store
from models.features import FeatureSchema

_PAGE = 500
_KINDS = frozenset({"decision", "outcome", "event", "void"})


def _nothing_kept(revision: str) -> ProjectText | None:
    del revision
    return None


@dataclass(frozen=True, slots=True)
class Past:
    """Decisions are read once. `newest` (s) is until when the log tells what happened, `schemas` are those of logged
    vectors by their hash, `kept` has the policies that decided; `missing` entries were lost from the files."""

    decisions: Iterator[Joined]
    events: Iterator[EventRecord]
    newest: float
    schemas: Mapping[bytes, FeatureSchema]
    kept: Kept = _nothing_kept
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """since <= moment < until, in seconds; None = no bound."""

    since: float | None = None
    until: float | None = None

    def holds(self, at: float) -> bool:
        """Whether a moment lies in it."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def past_in_files(folder: Path, span: Span) -> Past:
    """The past in a folder that a sink wrote; events have all that arrived in the span. Raises LogMissing, LogTooNew,
    LogDamaged, NotesDamaged, also while it is read."""
    newest = newest_in(folder)
    told = read_entries(folder, span.since, span.until, ("event",))
    return Past(
        decisions_with_outcomes(folder, span.since, span.until),
        (unpacked(one, unpack_event) for one in told),
        newest if span.until is None else min(newest, span.until),
        {schema.hash: schema for schema in read_schemas(folder).values()},
        kept_beside(folder),
        missing_between(folder),
    )


async def past_in_store(store: Store, partitions: int, span: Span) -> Past:
    """The past in a running store, held in memory. Raises StoreUnavailable, and LogDamaged while it is read."""
    settings = await store.read_settings()
    entries: list[LogEntry] = []
    voided: set[str] = set()
    for number in range(partitions):
        async for entry in _back_to(store, number, span.since):
            if entry.kind == "void":
                voided.add(entry.id)
            entries.append(entry)
    decisions = [one for one in entries if one.kind == "decision" and one.id not in voided]
    held = [one for one in decisions if span.holds(decided_ms(one.id) / 1000)]
    events = [unpacked(one, unpack_event) for one in entries if one.kind == "event"]
    newest = max((entry_at(one) for one in entries), default=0.0)
    texts = {about.revision: await _text(store, about.revision) for about in await store.revisions.list()}
    return Past(
        joined(held, [one for one in entries if one.kind == "outcome"]),
        (one for one in events if span.holds(one.received_at)),
        newest if span.until is None else min(newest, span.until),
        schemas_of(settings.schemas),
        texts.get,
    )


async def _text(store: Store, revision: str) -> ProjectText | None:
    try:
        kept = await store.revisions.read(revision)
    except RevisionDamaged:
        return None
    return None if kept is None else kept.text


async def _back_to(store: Store, partition: int, since: float | None) -> AsyncIterator[LogEntry]:
    async for entry in store.read_newest(partition, _PAGE):
        if since is not None and _written(entry) < since - SKEW:
            return
        if entry.kind in _KINDS:
            yield entry


def _written(entry: LogEntry) -> float:
    """When an entry was written (s), later than anything where that is not told."""
    try:
        match entry.kind:
            case "decision":
                return decided_ms(entry.id) / 1000
            case "outcome":
                return unpack_outcome(entry.body).received_at
            case "event":
                return unpack_event(entry.body).received_at
    except msgspec.MsgspecError:
        pass
    return float("inf")
