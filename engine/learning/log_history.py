"""The log as a history to train from: rows as they were scored, joined to what came of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.action_table import action_table
from engine.last_outcomes import LastOutcomes
from engine.learning.log_contacts import LogContact
from engine.learning.log_rows import LogRows
from engine.snapshot import Snapshot
from models.history import Appraisal, History, Results
from models.pair import PairInputs, last_outcomes
from models.split import HistoryTooSmall


def log_history(contacts: Iterable[LogContact], snapshot: Snapshot) -> History:
    """The offers, messages and asks among the contacts, as a history. Raises HistoryTooSmall where there are none."""
    rows, pairs = LogRows(snapshot), PairInputs(action_table(snapshot.policy.policy))
    last = LastOutcomes(last_outcomes(snapshot.policy.policy.outcomes))
    kept: list[LogContact] = []
    values: list[np.ndarray] = []
    seen: list[np.ndarray] = []
    for one in contacts:
        if one.action is None:
            continue
        past = last.contacts(one.question.known.standing.ledger.columns)
        seen.append(pairs.rows(past, np.array([one.action]), one.record.now)[0])
        values.append(rows.row(one.question))
        kept.append(one)
    if not kept:
        raise HistoryTooSmall("the log holds no offer, message or ask that the policy still has")
    table = np.array(values)
    columns = {each.name: table[:, place] for place, each in enumerate(rows.inputs)}
    return replace(_history(kept, columns, np.array(seen)), appraisal=_appraisal(kept, snapshot))


def _history(kept: list[LogContact], columns: dict[str, np.ndarray], pairs: np.ndarray) -> History:
    customers = pl.Series([f"{one.record.tenant}\x1f{one.record.customer}" for one in kept])
    success = np.array([one.success for one in kept], dtype=np.bool_)
    return History(
        customer_ids=customers,
        customers=(customers.rank("dense").to_numpy() - 1).astype(np.intp),
        at=np.array([one.record.now for one in kept]),
        actions=np.array([one.action for one in kept], dtype=np.intp),
        results=Results(
            success=success,
            closed=np.array([one.closed for one in kept], dtype=np.bool_),
            outcomes=np.zeros(len(kept), dtype=np.uint8),
            outcome_at=np.full(len(kept), np.nan),
            rewards=success.astype(np.float64),
            rewarded=np.zeros(len(kept), dtype=np.bool_),
        ),
        probability=np.array([np.nan if one.probability is None else one.probability for one in kept]),
        inputs=columns,
        notes=(),
        pairs=pairs,
    )


def _appraisal(kept: list[LogContact], snapshot: Snapshot) -> Appraisal:
    names = tuple(dict.fromkeys(one.record.tier for one in kept))
    index = {name: place for place, name in enumerate(names)}
    gains, costs = _money(kept, snapshot)
    return Appraisal(
        names=names,
        tiers=np.array([index[one.record.tier] for one in kept], dtype=np.intp),
        gain=np.array([one.gain for one in kept]),
        cost=np.array([one.cost for one in kept]),
        allowed=np.array([_allowed(one, snapshot) for one in kept]),
        gains=gains,
        costs=costs,
    )


def _money(kept: list[LogContact], snapshot: Snapshot) -> npt.NDArray[np.float32]:
    """What each candidate would have gained and cost as it was weighed then, (2, n, actions); 0 for the others."""
    catalogue = snapshot.policy.catalogue
    found = np.zeros((2, len(kept), len(catalogue)), dtype=np.float32)
    for row, one in enumerate(kept):
        scored = one.record.scored
        stable = np.frombuffer(scored.actions, dtype="<u4").tolist()
        places = [catalogue.by_stable.get(name, -1) for name in stable]
        for side, money in enumerate((scored.gain, scored.cost)):
            known = np.array(places) >= 0
            found[side, row, np.array(places)[known]] = np.frombuffer(money, dtype="<f8")[known]
    return found


def _allowed(contact: LogContact, snapshot: Snapshot) -> npt.NDArray[np.bool_]:
    """The actions that could have been chosen for this place, by today's catalogue."""
    catalogue = snapshot.policy.catalogue
    logged = next(one for one in contact.record.placements if one.placement == contact.placement)
    return catalogue.chosen(catalogue.mask_of_stable(np.frombuffer(logged.allowed, dtype="<u4").tolist()))
