"""Two histories as one: tables of the past beside the engine's own log."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from models.actions import ActionTable
from models.history import Appraisal, History, Results
from models.history_pairs import history_pairs

Columns = npt.NDArray[np.float32]


def together(one: History, other: History, actions: ActionTable) -> History:
    """The rows of both, the first one's first. Customers of the same id are the same; what only one of them tells is
    missing in the other's rows."""
    ids = pl.concat([one.customer_ids, other.customer_ids])
    return History(
        customer_ids=ids,
        customers=(ids.rank("dense").to_numpy() - 1).astype(np.intp),
        at=np.concatenate([one.at, other.at]),
        actions=np.concatenate([one.actions, other.actions]),
        results=_results(one.results, other.results),
        probability=np.concatenate([one.probability, other.probability]),
        inputs={name: _column(one, other, name) for name in dict.fromkeys((*one.inputs, *other.inputs))},
        notes=(*one.notes, *other.notes),
        appraisal=_appraisal(one, other),
        pairs=np.concatenate([_pairs(one, actions), _pairs(other, actions)]),
    )


def _column(one: History, other: History, name: str) -> Columns:
    parts = [part.inputs.get(name, np.full(len(part), np.nan, dtype=np.float32)) for part in (one, other)]
    return np.concatenate(parts)


def _pairs(part: History, actions: ActionTable) -> Columns:
    return history_pairs(part, actions) if part.pairs is None else part.pairs


def _results(one: Results, other: Results) -> Results:
    return Results(
        success=np.concatenate([one.success, other.success]),
        closed=np.concatenate([one.closed, other.closed]),
        outcomes=np.concatenate([one.outcomes, other.outcomes]),
        outcome_at=np.concatenate([one.outcome_at, other.outcome_at]),
        rewards=np.concatenate([one.rewards, other.rewards]),
        rewarded=np.concatenate([one.rewarded, other.rewarded]),
    )


def _appraisal(one: History, other: History) -> Appraisal | None:
    """Tiers by name; None where neither was asked of the policy. Rows that were not asked have no tier and no money."""
    known = [part.appraisal for part in (one, other) if part.appraisal is not None]
    if not known:
        return None
    actions = known[0].allowed.shape[1]
    told = [part.appraisal or _unasked(len(part), actions) for part in (one, other)]
    names = tuple(dict.fromkeys(name for part in told for name in part.names))
    return Appraisal(
        names=names,
        tiers=np.concatenate([np.array([names.index(name) for name in part.names])[part.tiers] for part in told]),
        gain=np.concatenate([part.gain for part in told]),
        cost=np.concatenate([part.cost for part in told]),
        allowed=np.concatenate([part.allowed for part in told]),
        gains=np.concatenate([part.gains for part in told]),
        costs=np.concatenate([part.costs for part in told]),
    )


def _unasked(rows: int, actions: int) -> Appraisal:
    tiers, allowed = np.zeros(rows, dtype=np.intp), np.zeros((rows, actions), dtype=np.bool_)
    money = np.zeros(allowed.shape, dtype=np.float32)
    return Appraisal(("",), tiers, np.zeros(rows), np.zeros(rows), allowed, money, money)
