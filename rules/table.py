"""Decision tables: conditions over the same variables, row by row, and what each row leaves of a scope of actions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from documents.problem import Place
from rules.terms import Expression, Reason, Scope, Stage
from rules.value_set import ValueSet


class Hit(StrEnum):
    """Which row counts: the only one that holds (no two ever do), or the first that does. One always does."""

    EXACTLY_ONE = "exactly_one"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one input must be: one of `accepts`, None = anything. `text` is how people write it, `cel` the same for
    CEL, "" for anything."""

    text: str
    accepts: ValueSet | None
    cel: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row, named "<table>/<row>" by its `id`. Of its table's scope it `allows` its own scope and nothing else, or
    removes its own scope and nothing else. `when` holds where all of its cells do."""

    id: str
    cells: tuple[Cell, ...]
    allows: bool
    scope: Scope
    reason: Reason
    when: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table over `inputs`, which are names of variables that do not depend on the action. `reason` is that of rows
    without one of their own, which have it too. `channel_specific` and `protected_use` as EngagementRule."""

    id: str
    stage: Stage
    scope: Scope
    inputs: tuple[str, ...]
    hit: Hit
    reason: Reason
    rows: tuple[TableRow, ...]
    place: Place
    channel_specific: str = ""
    protected_use: str = ""
