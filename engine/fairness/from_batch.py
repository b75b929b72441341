"""What customers got, out of the file that `befit batch` wrote; their groups, out of a file of customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from documents.problem import DocumentInvalid, Place, Problem
from engine.customers_file import read_customers
from engine.decision import Value
from engine.fairness.seen import Got, Places, protected
from engine.snapshot import Snapshot
from models.table_file import read_table

_NEEDED = ("customer_id", "placement", "rank", "action", "kind", "tier")


def got_from_batch(snapshot: Snapshot, path: Path) -> dict[str, Got]:
    """By customer; of one who stands in the file more than once the first decision counts. Raises DocumentInvalid."""
    frame = read_table(path).frame
    missing = [name for name in _NEEDED if name not in frame.columns]
    if missing:
        message = f"the column {missing[0]!r} is missing"
        raise DocumentInvalid([Problem("missing-column", Place(str(path), 1, 1), message, "write it with befit batch")])
    told = frame.select(pl.col(name).cast(pl.String).fill_null("") for name in _NEEDED)
    places = Places.of(snapshot.policy.policy)
    decisions: dict[str, _Decision] = {}
    for customer, placement, rank, action, kind, tier in told.iter_rows():
        decisions.setdefault(customer, _Decision(tier)).take(placement, int(rank), (action, kind))
    return {customer: places.got(one.tier, "", one.filled) for customer, one in decisions.items()}


@dataclass(slots=True)
class _Decision:
    """The first decision for one customer as its rows tell it: a rank that comes again begins the next one."""

    tier: str
    filled: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)

    def take(self, placement: str, rank: int, pick: tuple[str, str]) -> None:
        if rank <= self.ranks.get(placement, 0):
            return
        self.ranks[placement] = rank
        actions = self.filled.setdefault(placement, [])
        if pick[0]:
            actions.append(pick)


def groups_from(snapshot: Snapshot, path: Path) -> Mapping[str, Mapping[str, Value]]:
    """The protected features of the customers in a file, by customer. Raises DocumentInvalid."""
    names = [one.name for one in protected(snapshot.schema)]
    reading = snapshot.readings[snapshot.schema.hash]
    found: dict[str, Mapping[str, Value]] = {}
    for rows in read_customers(path, snapshot.schema):
        for customer, vector in zip(rows.customer_ids, rows.vectors, strict=True):
            values = reading.values(vector).values
            found[customer] = {name: values[name] for name in names if name in values}
    return found
