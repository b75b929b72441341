"""Rows of a history as a bundle that stands already would have scored them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents.problem import BefitError
from models.bundle import Bundle
from models.history import History
from models.history_check import Terms
from models.history_pairs import history_pairs
from models.inputs import action_matrix, customer_inputs, moment_inputs, recoded
from models.lesson import settled_rows
from models.manifest import Input, InputScope, InputType
from models.pair import PAIR_NAMES, last_outcomes, recoded_outcomes
from models.served import EVERYONE, Level

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]
Labels = npt.NDArray[np.bool_]


class NothingToJudge(BefitError):
    """There are no rows, or too few, to judge a bundle by; the message says which."""


@dataclass(frozen=True, slots=True)
class JudgedRows:
    """Offers, messages and asks, shape (n,) each: the bundle's inputs (n, n_inputs), what it said before calibration
    and as served, what came of it. `settled` rows may be judged by their results."""

    values: npt.NDArray[np.float32]
    actions: Indexes
    customers: Indexes
    at: Floats
    raw: Floats
    served: Floats
    labels: Labels
    settled: Labels

    def __len__(self) -> int:
        return len(self.at)


def judged_rows(bundle: Bundle, history: History, terms: Terms, since: float) -> JudgedRows:
    """The rows after `since` (s). Raises NothingToJudge where there are none."""
    chosen = (history.at > since) & terms.actions.contacts[history.actions]
    if not chosen.any():
        raise NothingToJudge("no offer, message or ask is newer than what the model learnt from; say --since")
    values = _values(bundle, history, terms)[chosen]
    raw = np.asarray(bundle.booster.predict(values, num_threads=1), dtype=np.float64)
    return JudgedRows(
        values=values,
        actions=history.actions[chosen],
        customers=history.customers[chosen],
        at=history.at[chosen],
        raw=raw,
        served=_served(bundle, history, terms, chosen, raw),
        labels=history.results.success[chosen],
        settled=settled_rows(history, terms)[chosen],
    )


def _values(bundle: Bundle, history: History, terms: Terms) -> npt.NDArray[np.float32]:
    known = {one.name: one for one in (*customer_inputs(terms.schema), *moment_inputs(terms.setting))}
    own = bundle.uses(InputScope.ACTION)
    of_actions = action_matrix(own, terms.actions)[history.actions]
    pairs = history_pairs(history, terms.actions) if history.pairs is None else history.pairs
    columns = {one.name: of_actions[:, place] for place, one in enumerate(own)}
    columns |= {name: pairs[:, place] for place, name in enumerate(PAIR_NAMES)}
    written = last_outcomes(terms.setting.outcomes)
    for one in bundle.uses(InputScope.PAIR):
        if one.values:
            columns[one.name] = recoded_outcomes(columns[one.name], written, one.values)
    for one in (*bundle.uses(InputScope.CUSTOMER), *bundle.uses(InputScope.MOMENT)):
        columns[one.name] = _column(one, known.get(one.name), history)
    return np.column_stack([columns[one.name] for one in bundle.manifest.inputs]).astype(np.float32)


def _column(wanted: Input, known: Input | None, history: History) -> npt.NDArray[np.float32]:
    found = history.inputs.get(wanted.name)
    if found is None or known is None or known.type is not wanted.type:
        return np.full(len(history), np.nan, dtype=np.float32)
    return recoded(known.values, wanted.values, found) if wanted.type is InputType.CATEGORY else found


def _served(bundle: Bundle, history: History, terms: Terms, chosen: Labels, raw: Floats) -> Floats:
    """Calibrated, or the rate of the table; without the smoothing of young actions."""
    actions, table = history.actions[chosen], bundle.manifest.served
    if table.level is Level.FULL:
        return bundle.calibration.over(terms.actions.ids).apply(actions, raw)
    said = history.appraisal
    rates = table.table((EVERYONE,) if said is None else said.names, terms.actions.ids)
    tiers = np.zeros(len(actions), dtype=np.intp) if said is None else said.tiers[chosen]
    found: Floats = rates[tiers, actions]
    return found
