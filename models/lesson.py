"""What a model is to learn: the closed rows of a history, and who belongs together in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.copies import find_copies
from models.fit import Rows
from models.history import History
from models.history_check import Terms
from models.manifest import Input, InputScope
from models.matrix import Matrix, training_matrix
from models.split import HistoryTooSmall
from models.train_personal import Choices

NEARLY_ALL = 0.05
"""Share of the rows whose window has not passed that may be open, and the others count all the same."""

Indexes = npt.NDArray[np.intp]
Labels = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lesson:
    """The closed rows of offers, messages and asks that are learnt from, shape (n,) each, and who belongs together in
    them; `closed` tells which of the history they are. `settled` rows are not among those of which only some are closed
    yet: where they are at least half of what is closed, nothing else is learnt from, and `early` closed rows were left
    out; else `flattering` rows of which mostly what went well is known are learnt from too."""

    closed: Labels
    matrix: Matrix
    rows: Rows
    actions: Indexes
    at: npt.NDArray[np.float64]
    groups: Indexes
    copied: int
    settled: Labels
    early: int = 0
    flattering: int = 0


def lesson_of(history: History, terms: Terms, features: Sequence[str], prior: Sequence[Input] = ()) -> Lesson:
    """The lesson of a history with these customer features; empty = all. What a `prior` model reads is in it.

    Raises HistoryTooSmall, FeatureRefused."""
    matrix = training_matrix(history, terms, features, prior)
    closed = history.results.closed & terms.actions.contacts[history.actions]
    if not closed.any():
        raise HistoryTooSmall("no offer, message or ask has a closed window (write NO_RESPONSE where none will answer)")
    settled = settled_rows(history, terms)
    beside = int((closed & ~settled).sum())
    enough = beside <= int((closed & settled).sum())
    if enough:
        closed = closed & settled
    customers = np.unique(history.customers[closed], return_inverse=True)[1]
    own = [place for place, one in enumerate(matrix.inputs) if one.scope is InputScope.CUSTOMER]
    rows = Rows(matrix.rows, history.results.success).where(closed)
    copies = find_copies(customers, rows.values[:, own])
    return Lesson(
        closed=closed,
        matrix=matrix,
        rows=rows,
        actions=history.actions[closed],
        at=history.at[closed],
        groups=copies.groups[customers],
        copied=copies.copied,
        settled=settled[closed],
        early=beside if enough else 0,
        flattering=0 if enough else beside,
    )


def settled_rows(history: History, terms: Terms) -> Labels:
    """Rows (n,) by which rates may be judged: all that are closed where nearly all are, else those whose window had
    passed when the newest row was written. Of newer ones successes are closed first, which would look like better
    times."""
    closed, contacts = history.results.closed, terms.actions.contacts[history.actions]
    passed: Labels = history.at + terms.actions.windows[history.actions] <= history.at.max()
    fresh = contacts & ~passed
    if (fresh & ~closed).sum() <= NEARLY_ALL * fresh.sum():
        return closed
    return closed & passed


def choices_of(history: History, lesson: Lesson, actions: int) -> Choices:
    """The closed rows as the choices they were, of so many actions of the table; in money, and among what is allowed,
    where the policy was asked."""
    closed, said = lesson.closed, history.appraisal
    results = history.results
    reward, tiers = results.rewards, np.zeros(len(history), dtype=np.intp)
    names: tuple[str, ...] = ("",)
    allowed, money = np.ones((len(history), actions), dtype=np.bool_), None
    if said is not None:
        money = None if results.rewarded[closed].any() else (said.gains[closed], said.costs[closed])
        reward = np.where(results.rewarded, reward, results.success * said.gain - said.cost)
        tiers, names, allowed = said.tiers, said.names, said.allowed
    return Choices(
        inputs=lesson.matrix.inputs,
        values=lesson.rows.values,
        actions=lesson.actions,
        probability=history.probability[closed],
        reward=reward[closed],
        success=lesson.rows.labels,
        customer=lesson.groups,
        names=names,
        tiers=tiers[closed],
        allowed=allowed[closed],
        money=money,
    )
