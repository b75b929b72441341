"""Loads a file of customers into the store: features as vectors, consent and time zones merged into what is known.

In pieces: each is written, then noted, so that a load which broke off goes on with the next. Writing a customer twice
is writing once. Rows that do not hold are kept aside and counted; the others are written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from documents.problem import BefitError, Place, Problem
from engine.customers_file import CustomerRows, read_customers
from engine.ids import CustomerKey
from engine.load_progress import Checkpoint, Progress, RejectedRows
from engine.standing import PERSONALISATION
from engine.store import CustomerWrite, Store, StoreUnavailable
from models.codec import pack
from models.features import FeatureSchema
from models.table_file import column_names, count_repeats

ROWS_AT_ONCE = 5_000
_WRITES_AT_ONCE = 1_000
_MOST_TOLD = 20
ID = "customer_id"


class LoadBroken(BefitError):
    """The store stopped answering; the message says how far the load came and that it can go on."""


@dataclass(frozen=True, slots=True)
class LoadJob:
    """What to load and as whose; `written_at` (s) is how old the features will be said to be; `channels` are those that
    consent may be for, None = any."""

    customers: Path
    schema: FeatureSchema
    tenant: str
    written_at: float
    channels: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of the file. `resumed_at`: the rows that an earlier load had dealt with."""

    progress: Progress
    resumed_at: int
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]


class Loading:
    """One load. `report` is told the number of rows dealt with so far."""

    def __init__(self, job: LoadJob, checkpoint: Checkpoint, rejected: Path, report: Callable[[int], None]) -> None:
        self._job = job
        self._checkpoint = checkpoint
        self._report = report
        self._progress = checkpoint.read()
        self._rejected_path = rejected
        self._problems: tuple[Problem, ...] = ()
        self._notes: tuple[Problem, ...] = ()

    async def into(self, store: Store) -> Loaded:
        """Write what is left of the file; a piece that was noted stays noted.

        Raises DocumentInvalid, LoadBroken; StoreUnavailable, NotRejectedRows where it cannot even begin.
        """
        resumed_at, passed = self._progress.rows, 0
        await store.keep_schema(self._job.schema.hash.hex(), self._job.schema.to_json())
        aside = RejectedRows(self._rejected_path, self._progress)
        self._notes = await asyncio.to_thread(_repeated, self._job.customers)
        pieces = read_customers(self._job.customers, self._job.schema, ROWS_AT_ONCE, self._job.channels)
        while (rows := await asyncio.to_thread(next, pieces, None)) is not None:
            self._notes += rows.notes
            passed += len(rows) + rows.wrong
            if passed > resumed_at:
                await self._write_or_break(store, rows, aside)
                self._progress.rows = passed
                self._checkpoint.note(self._progress)
            self._report(self._progress.rows)
        self._checkpoint.clear()
        return Loaded(self._progress, resumed_at, self._problems, self._notes)

    async def _write_or_break(self, store: Store, rows: CustomerRows, aside: RejectedRows) -> None:
        try:
            await self._write(store, rows, aside)
        except StoreUnavailable as away:
            came = f"the store stopped answering ({away.code}) after {self._progress.rows:,} rows"
            raise LoadBroken(f"{came}; the same command goes on from there") from away

    async def _write(self, store: Store, rows: CustomerRows, aside: RejectedRows) -> None:
        writes = list(writes_of(rows, self._job))
        for start in range(0, len(writes), _WRITES_AT_ONCE):
            await store.put_customers(writes[start : start + _WRITES_AT_ONCE])
        self._problems = (*self._problems, *rows.problems)[:_MOST_TOLD]
        self._progress.rejected_bytes = aside.append(rows.left_out)
        self._progress.rejected += rows.wrong
        self._progress.written += len(rows)


def _repeated(customers: Path) -> tuple[Problem, ...]:
    """A note where customers stand in the file more than once; they are written in its order."""
    repeated = count_repeats(customers, ID) if ID in column_names(customers) else 0
    if not repeated:
        return ()
    message = f"rows of a customer who stands in the file again: {repeated:,}; the last row of each counts"
    return (Problem("repeated-customer", Place(str(customers), 1, 1), message, "keep one row per customer"),)


def writes_of(rows: CustomerRows, job: LoadJob) -> Iterator[CustomerWrite]:
    """What the store is to write for each row."""
    each = zip(rows.customer_ids, rows.vectors, rows.consent, rows.time_zones, rows.personalisation, strict=True)
    for customer_id, vector, consent, zone, personalised in each:
        customer = CustomerKey(job.tenant, customer_id)
        said: dict[str, object] = {"consent": dict(consent)} if consent else {}
        if zone:
            said["zone"] = zone
        if personalised is not None:
            said[PERSONALISATION] = personalised
        packed = pack(job.schema, vector, customer, job.written_at)
        yield CustomerWrite(customer, vector=packed, consent_change=orjson.dumps(said) if said else None)
