"""What a writer that died took of the limits and never told: read from the log, so that the rest may be taken again.

Every decision logs what it took, numbered; a writer's record says up to which number all is told. Takes beyond it count
where their decision stands in the log: not voided, and its contact not dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from engine.limits.store import WriterStanding
from engine.record import DecisionRecord, TakeRecord, unpack_decision
from engine.store import LogEntry, Store
from rules.policy import CONTACT_KINDS

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Death:
    """A writer that died, its records by meter, and the bucket that what it spent goes to, by meter."""

    writer: str
    standings: Mapping[str, WriterStanding]
    buckets: Mapping[str, str]


async def reconcile(store: Store, death: Death, partitions: int, after: str) -> int:
    """Settle a dead writer's accounts from the log after the stream id `after`; the units that are free again.

    Raises StoreUnavailable. Doing it twice, or in two workers at once, does it once.
    """
    told = dict.fromkeys(death.standings, 0)
    for first in range(0, partitions, _AT_ONCE):
        group = range(first, min(first + _AT_ONCE, partitions))
        for found in await asyncio.gather(*(_untold(store, death, number, after) for number in group)):
            for take in found:
                told[take.meter] += take.units
    freed = 0
    for meter, standing in death.standings.items():
        spent = {death.buckets[meter]: told[meter]} if told[meter] else {}
        if await store.limits.bury(meter, death.writer, standing, spent):
            freed += max(0, standing.granted - standing.spent - told[meter])
    return freed


async def _untold(store: Store, death: Death, partition: int, after: str) -> list[TakeRecord]:
    entries = [entry async for entry in store.read_log(partition, after)]
    return list(untold_takes(entries, death))


def untold_takes(entries: Iterable[LogEntry], death: Death) -> Iterator[TakeRecord]:
    """The takes of the writer that stand in one partition's log and that it did not tell."""
    entries = list(entries)
    voided = {entry.id for entry in entries if entry.kind == "void"}
    for entry in entries:
        if entry.kind == "decision" and entry.writer == death.writer and entry.id not in voided:
            record = _record(entry)
            if record is not None and record.takes:
                lost = _dropped(record, entry.dropped)
                yield from (take for take in record.takes if take.action not in lost and _is_untold(take, death))


def _is_untold(take: TakeRecord, death: Death) -> bool:
    standing = death.standings.get(take.meter)
    return standing is not None and take.period == standing.period and take.number > standing.low


def _record(entry: LogEntry) -> DecisionRecord | None:
    try:
        return unpack_decision(entry.body)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def _dropped(record: DecisionRecord, dropped: Iterable[int]) -> frozenset[str]:
    contacts = [pick.action for one in record.placements for pick in one.picks if pick.kind in CONTACT_KINDS]
    return frozenset(contacts[index] for index in dropped)
