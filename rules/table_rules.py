"""Decision tables compiled: each row becomes a rule that removes what the row does not leave, while it is the one hit.

A row that is known to hold settles the table. Where none is known to hold, every row that is unknown may be the one,
so each of them removes: unknown fails closed, as with any exclusion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from rules.engagement import CompiledRule
from rules.fused import Found
from rules.scoped import ScopedCompiler
from rules.table import DecisionTable, Hit, TableRow

Read = Callable[[Sequence[Found]], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class RowHit:
    """Whether a row is the one that counts, for what it removes (`scope`). `others` are the rows that would count
    instead of it if they held: in a table of which the first counts those above it, else all others."""

    scope: int
    slot: int
    slots: tuple[int, ...]
    others: Read
    first: bool

    def known(self, values: Sequence[Found], /) -> tuple[int, int]:
        own = values[self.slot]
        if own is False:
            return 0, self.scope
        if own is True and not self.first:
            return self.scope, 0
        others = self.others(values)
        if True in others:
            return 0, self.scope
        return (self.scope, 0) if own is True and None not in others else (0, 0)


@dataclass(frozen=True, slots=True)
class NoHit:
    """Whether no row holds, which only values that nothing declares can bring about: then all of `scope` goes."""

    scope: int
    slots: tuple[int, ...]
    rows: Read

    def known(self, values: Sequence[Found], /) -> tuple[int, int]:
        hits = self.rows(values)
        return (0, self.scope) if True in hits or None in hits else (self.scope, 0)


def compile_tables(compiler: ScopedCompiler, tables: Sequence[DecisionTable]) -> Iterator[CompiledRule]:
    """The rules of the tables; rows whose condition does not hold are reported, and their table left out."""
    for table in tables:
        slots = [_slot(compiler, row) for row in table.rows]
        found = tuple(slot for slot in slots if slot is not None)
        if len(found) == len(slots):
            yield from _rules(compiler, table, found)


def _rules(compiler: ScopedCompiler, table: DecisionTable, slots: tuple[int, ...]) -> Iterator[CompiledRule]:
    catalogue, first = compiler.catalogue, table.hit is Hit.FIRST
    scope = catalogue.mask(table.scope)
    for number, (row, slot) in enumerate(zip(table.rows, slots, strict=True)):
        own = catalogue.mask(row.scope)
        removed = scope & ~own if row.allows else scope & own
        others = slots[:number] if first else slots[:number] + slots[number + 1 :]
        if removed:
            test = RowHit(removed, slot, (slot, *others), _reader(others), first)
            yield CompiledRule(row.id, table.stage, False, test, -1, removed)
    yield CompiledRule(table.id, table.stage, False, NoHit(scope, slots, _reader(slots)), -1, scope)


def _slot(compiler: ScopedCompiler, row: TableRow) -> int | None:
    condition = compiler.conditions.condition(row.when)
    return None if condition is None else compiler.slots.add(condition)


def _reader(slots: tuple[int, ...]) -> Read:
    if len(slots) == 1:
        only = slots[0]
        return lambda values: (values[only],)
    return itemgetter(*slots) if slots else lambda _: ()
