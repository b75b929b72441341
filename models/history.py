"""The company's history: who was met when, what was proposed, what came of it - checked, and as arrays.

A row is one contact: `customer_id, at, channel, action`, then `outcome` (an outcome type; empty = nothing yet)
or `reward` (a number), optionally `outcome_at`, `probability`, `intent`, `time_zone`, `context.<key>`, and a
column per feature.

Success is the action's own success outcome, within its window where `outcome_at` tells when; or, without an
outcome, a reward above 0. A row is closed when it can no longer change: success, REJECTED, NO_RESPONSE, a
reward, or a window that had passed when the newest row was written; a row that is dated ahead of now is not.
Only closed rows train and measure.
Rows without an action (nothing was proposed) are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from documents.problem import DocumentInvalid, Place, Problem
from models.history_check import Complaints, Repeats, Terms, check_header
from models.history_columns import STANDARD_OUTCOMES, Column, Columns, outcome_types, read_columns, read_customers
from models.pair import LAST_OUTCOMES
from models.table_file import read_table

FINAL_OUTCOMES = ("REJECTED", "NO_RESPONSE")
_MOST_OUTCOMES = 255

Numbers = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Indexes = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Results:
    """What came of the rows, shape (n,) each. `outcomes` are places in the list of `last_outcomes`; `outcome_at` NaN
    where not told; `rewards` are the reward column, or 1 for success and 0 else; `rewarded` tells where the column has
    one."""

    success: Flags
    closed: Flags
    outcomes: npt.NDArray[np.uint8]
    outcome_at: Numbers
    rewards: Numbers
    rewarded: Flags


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What the policy says of the rows of a history: each one's tier as an index (n,) in `names`, what its action gains
    on success and costs in any case, float64 (n,) in money; which actions of the table it allows, (n, actions), and
    what each of those would have gained and cost, float32 (n, actions)."""

    names: tuple[str, ...]
    tiers: Indexes
    gain: Numbers
    cost: Numbers
    allowed: Flags
    gains: Floats
    costs: Floats


@dataclass(frozen=True, slots=True)
class History:
    """Rows in the order of the files, shape (n,) each.

    `customers` numbers the customers from 0; `at` in seconds; `actions` index the action table; `probability`
    NaN where not logged. `inputs` holds a column per model input of the customer or the moment that the files
    have, by input name, categories as codes. `notes` say what was left out. `appraisal` is None until the policy was
    asked; `pairs` (n, 4) is what earlier contacts told, in the order of PAIR_INPUTS, None where the rows tell it.
    """

    customer_ids: pl.Series
    customers: Indexes
    at: Numbers
    actions: Indexes
    results: Results
    probability: Numbers
    inputs: Mapping[str, Floats]
    notes: tuple[Problem, ...]
    appraisal: Appraisal | None = None
    pairs: Floats | None = None

    def __len__(self) -> int:
        return len(self.at)


def read_history(paths: Sequence[Path], terms: Terms, now: float = math.inf) -> History:
    """Read the files as one history; a row dated after `now` (s) is open, whatever it says. Raises DocumentInvalid
    with every problem of every file."""
    parts: list[tuple[pl.Series, Columns]] = []
    repeats = Repeats()
    problems: list[Problem] = []
    notes: list[Problem] = []
    for path in paths:
        try:
            complaints = Complaints(read_table(path))
        except DocumentInvalid as error:
            problems += error.problems
            continue
        if part := _read_part(complaints, terms):
            parts.append(part)
            repeats.note(complaints)
            _note_ahead(complaints, part[1], now)
        problems += complaints.problems
        notes += complaints.notes
    if not problems and not sum(len(customers) for customers, _ in parts):
        place = Place(str(paths[0]) if paths else "history", 1, 1)
        problems = [Problem("empty-file", place, "no row names an action", "add contacts with their action")]
    if problems:
        raise DocumentInvalid(problems)
    return _joined(parts, terms, notes, now)


def _read_part(complaints: Complaints, terms: Terms) -> tuple[pl.Series, Columns] | None:
    """The customers and columns of the rows that name an action; None where the header does not hold."""
    check_header(complaints, terms)
    if complaints.problems:
        return None
    customers, columns = read_customers(complaints), read_columns(complaints, terms)
    proposed = ~np.isnan(columns["action"])
    if not proposed.all() and not complaints.problems:
        message = f"rows that name no action, left out: {int((~proposed).sum()):,}"
        complaints.left_out("no-action", message, column="action")
    kept = {name: column[proposed] for name, column in columns.items()}
    return customers.filter(pl.Series(proposed)), kept


def _note_ahead(complaints: Complaints, columns: Columns, now: float) -> None:
    ahead = int(_ahead(columns, now).sum())
    if ahead:
        message = f"rows dated after now, taken as open and not learnt from: {ahead:,}"
        complaints.left_out("future-row", message, "check the clock and the unit of the times", "at")


def _ahead(columns: Columns, now: float) -> Flags:
    """The rows that tell of what cannot have happened yet."""
    return (columns["at"] > now) | (columns["outcome_at"] > now)


def _joined(parts: Sequence[tuple[pl.Series, Columns]], terms: Terms, notes: Sequence[Problem], now: float) -> History:
    names = dict.fromkeys(name for _, columns in parts for name in columns)
    columns = {name: np.concatenate([_column(part, name) for _, part in parts]) for name in names}
    customers = pl.concat([customers for customers, _ in parts])
    actions = columns["action"].astype(np.intp)
    return History(
        customer_ids=customers,
        customers=(customers.rank("dense").to_numpy() - 1).astype(np.intp),
        at=columns["at"],
        actions=actions,
        results=_results(columns, actions, terms, now),
        probability=columns["probability"],
        inputs={name: column.astype(np.float32) for name, column in columns.items() if "." in name},
        notes=tuple(notes),
    )


def _column(part: Columns, name: str) -> Column:
    return part[name] if name in part else np.full(len(part["at"]), np.nan, dtype=np.float32)


def _results(columns: Columns, actions: Indexes, terms: Terms, now: float) -> Results:
    types = outcome_types(terms.setting)
    wanted = np.array([types.index(one) if one in types else -1 for one in terms.actions.success])[actions]
    outcome, reward, at = columns["outcome"], columns["reward"], columns["at"]
    ends = at + terms.actions.windows[actions]
    told = ~np.isnan(outcome)
    success = np.where(told, outcome == wanted, reward > 0) & ~(columns["outcome_at"] > ends)
    final = np.isin(outcome, [types.index(one) for one in FINAL_OUTCOMES]) | (~told & ~np.isnan(reward))
    times = np.concatenate([at, columns["outcome_at"]])
    newest = np.max(times[times <= now], initial=-np.inf)
    happened = np.where(told, outcome, np.where(success, wanted, np.nan))
    return Results(
        success=success,
        closed=(success | final | (ends <= newest)) & ~_ahead(columns, now),
        outcomes=_ledger_outcomes(happened, len(types)),
        outcome_at=np.asarray(columns["outcome_at"], dtype=np.float64),
        rewards=np.where(np.isnan(reward), success, reward).astype(np.float64),
        rewarded=~np.isnan(reward),
    )


def _ledger_outcomes(happened: Column, types: int) -> npt.NDArray[np.uint8]:
    """Places in the list of `last_outcomes`: 0 for nothing; of more own types than fit, the last ones are OTHER."""
    standard, other = len(STANDARD_OUTCOMES), LAST_OUTCOMES.index("OTHER")
    own = [place if place <= _MOST_OUTCOMES else other for place in range(other + 1, other + 1 + types - standard)]
    places = [*range(1, standard + 1), *own, 0]
    return np.array(places, dtype=np.uint8)[np.nan_to_num(happened, nan=types).astype(np.intp)]
