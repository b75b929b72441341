"""The newest decisions of the whole log, those that were taken back left out.

Every partition has a log of its own; each is read backwards, a page at a time, and the pages are merged by the moment
that a decision's id carries. A void stands after its decision, so reading backwards meets it first.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator

import msgspec

from documents.problem import BefitError
from engine.ids import decided_ms
from engine.record import DecisionRecord, unpack_decision
from engine.store import LogEntry, Store

_LEAST_PAGE, _MOST_PAGE = 8, 500
_SPARE = 1.5
"""How much more than its share of the decisions a first page asks of a partition: other entries stand between them."""


class RecordUnreadable(BefitError):
    """An entry of the log is no record of a decision; the message names it."""


async def decisions_of(store: Store, partitions: int, newest: int) -> list[DecisionRecord]:
    """Up to `newest` decisions, the newest first. Raises StoreUnavailable and RecordUnreadable."""
    return [record_in(entry) for entry in await entries_of(store, partitions, newest)]


async def entries_of(store: Store, partitions: int, newest: int) -> list[LogEntry]:
    """Their entries in the log, the newest first; `dropped` says which contacts a decision lost.

    One round trip or more for each partition. Raises StoreUnavailable.
    """
    page = min(_MOST_PAGE, max(_LEAST_PAGE, round(_SPARE * newest / partitions)))
    logs = [_standing(store, number, page) for number in range(partitions)]
    waiting: list[tuple[int, int, LogEntry]] = []
    for number, log in enumerate(logs):
        await _offer(waiting, number, log)
    found: list[LogEntry] = []
    while waiting and len(found) < newest:
        _, number, entry = heapq.heappop(waiting)
        found.append(entry)
        await _offer(waiting, number, logs[number])
    return found


def record_in(entry: LogEntry) -> DecisionRecord:
    """The record that an entry holds. Raises RecordUnreadable."""
    try:
        return unpack_decision(entry.body)
    except msgspec.MsgspecError as damage:
        raise RecordUnreadable(f"the record of decision {entry.id} cannot be read: {damage}") from damage


async def _offer(waiting: list[tuple[int, int, LogEntry]], number: int, log: AsyncIterator[LogEntry]) -> None:
    entry = await anext(log, None)
    if entry is not None:
        heapq.heappush(waiting, (-decided_ms(entry.id), number, entry))


async def _standing(store: Store, partition: int, page: int) -> AsyncIterator[LogEntry]:
    """The decisions of one partition that were not taken back, the newest first."""
    voided: set[str] = set()
    async for entry in store.read_newest(partition, page):
        if entry.kind == "void":
            voided.add(entry.id)
        elif entry.kind == "decision" and entry.id not in voided:
            yield entry
