"""The pair inputs of a history: for each row what the contacts before it told, as the engine would have seen it.

The rows of actions that enter the contact ledger are the contacts. An outcome is known from its `outcome_at`
on; where that is not told, only from the end of the action's window, since an earlier row must not learn
from a later one's answer. Cost: about 20 us per row of a customer who was met before.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.actions import ActionTable
from models.history import History
from models.pair import Contacts, PairInputs

Floats = npt.NDArray[np.float32]
Indexes = npt.NDArray[np.intp]


def history_pairs(history: History, actions: ActionTable) -> Floats:
    """float32, shape (n, 4), in the order of PAIR_INPUTS; rows as in the history."""
    pairs = PairInputs(actions)
    found = pairs.rows(Contacts((), (), ()), history.actions, 0.0)
    by_time = np.lexsort((history.at, history.customers))
    bounds = np.flatnonzero(np.diff(history.customers[by_time])) + 1
    for rows in np.split(by_time, bounds):
        if len(rows) > 1:
            _fill(found, rows, history, actions, pairs)
    return found


def _fill(found: Floats, rows: Indexes, history: History, actions: ActionTable, pairs: PairInputs) -> None:
    """The pair inputs of one customer's rows, which are sorted by time."""
    met = rows[actions.contacts[history.actions[rows]]]
    stable, at = actions.stable_ids[history.actions[met]], history.at[met]
    told_at = history.results.outcome_at[met]
    known_at = np.where(np.isnan(told_at), at + actions.windows[history.actions[met]], told_at)
    outcomes = history.results.outcomes[met]
    moments, first = np.unique(history.at[rows], return_index=True)
    for now, here in zip(moments.tolist(), np.split(rows, first[1:]), strict=True):
        before = int(np.searchsorted(at, now))
        if before:
            known = np.where(known_at[:before] < now, outcomes[:before], np.uint8(0))
            contacts = Contacts(stable[:before].tolist(), at[:before].tolist(), known.tolist())
            found[here] = pairs.rows(contacts, history.actions[here], now)
